/// One module made of an entry module and everything that it imports, directly or not, so that a browser asks once.
///
/// Each module becomes the body of a function, so that names of its own stay its own; what it exports is what the
/// function returns, and what it imports are constants at its beginning. Modules are evaluated in the order in which a
/// browser would evaluate them: each once, behind those that it imports. Two things differ, and are errors: modules that
/// import each other in a circle, and exports that change their value later.
struct ScriptBundle {
    /// Begins the names of the modules in the bundle.
    static let reservedPrefix = "bundled$"

    let text: [UInt8]
    /// The paths of the modules in the order of the bundle; the entry is the last.
    let modules: [String]

    /// - Parameters:
    ///   - entry: The path of the entry module.
    ///   - source: The text of a module by its path; nil if there is no such file.
    init(entry: String, source: (String) -> [UInt8]?) throws(AssetError) {
        var order = Order()
        try order.add(entry, importedBy: nil, path: [], source: source)
        var text: [UInt8] = []
        for (number, module) in order.modules.enumerated() {
            try Self.write(module, number: number, exports: order.exports, numbers: order.numbers, into: &text)
        }
        // What loads the bundle by import() gets what the entry exports.
        if let last = order.modules.last, !last.exports.isEmpty {
            let entry = "\(Self.reservedPrefix)\(order.modules.count - 1)"
            text.append(contentsOf: "export const { \(last.exports.joined(separator: ", ")) } = \(entry);\n".utf8)
        }
        self.text = text
        modules = order.modules.map(\.path)
    }

    private struct Order {
        var modules: [ScriptModule] = []
        var numbers: [String: Int] = [:]
        var exports: [String: [String]] = [:]

        mutating func add(
            _ path: String, importedBy importer: (file: String, line: Int)?, path chain: [String],
            source: (String) -> [UInt8]?
        ) throws(AssetError) {
            guard numbers[path] == nil else { return }
            if let first = chain.firstIndex(of: path) {
                let circle = (chain[first...] + [path]).joined(separator: ", ")
                throw AssetError(
                    file: importer?.file ?? path, line: importer?.line ?? 1,
                    reason: "modules import each other in a circle: \(circle)")
            }
            guard let bytes = source(path) else {
                throw AssetError(
                    file: importer?.file ?? path, line: importer?.line ?? 1, reason: "there is no file \(path)")
            }
            let module = try ScriptModule(path: path, source: bytes)
            for each in module.imports {
                try add(each.path, importedBy: (path, each.line), path: chain + [path], source: source)
            }
            numbers[path] = modules.count
            exports[path] = module.exports
            modules.append(module)
        }
    }

    private static func write(
        _ module: ScriptModule, number: Int, exports: [String: [String]], numbers: [String: Int],
        into text: inout [UInt8]
    ) throws(AssetError) {
        text.append(contentsOf: "// \(module.path)\nconst \(reservedPrefix)\(number) = (() => {\n".utf8)
        for each in module.imports {
            let source = "\(reservedPrefix)\(numbers[each.path] ?? 0)"
            switch each.bindings {
            case .none: break
            case .namespace(let name): text.append(contentsOf: "const \(name) = \(source);\n".utf8)
            case .names(let names):
                for name in names where exports[each.path]?.contains(name.exported) != true {
                    throw AssetError(
                        file: module.path, line: each.line, reason: "\(each.path) exports no \(name.exported)")
                }
                let list = names.map { $0 == $1 ? $0 : "\($0): \($1)" }.joined(separator: ", ")
                text.append(contentsOf: "const { \(list) } = \(source);\n".utf8)
            }
        }
        text.append(contentsOf: module.body)
        text.append(contentsOf: "\nreturn { \(module.exports.joined(separator: ", ")) };\n})();\n".utf8)
    }
}
