/// One module made of an entry module and everything that it imports, directly or not, so that a browser asks once.
///
/// Each module becomes the body of a function, so that names of its own stay its own; what it exports is what the
/// function returns, and what it imports are constants at its beginning. Modules are evaluated in the order in which a
/// browser would evaluate them: each once, behind those that it imports. Two things differ, and are errors: modules that
/// import each other in a circle, and exports that change their value later.
///
/// An entry that imports another entry, as in `import '../main.js'`, is one that the other's page loads later. Modules of
/// that page are not in its bundle: it borrows them, so that they exist once and keep their state.
struct ScriptBundle {
    /// Begins the names of the modules in the bundle.
    static let reservedPrefix = "bundled$"

    private(set) var text: [UInt8]
    /// The paths of the modules in the order of the bundle; the entry is the last.
    let modules: [String]
    /// The entry whose bundle has modules that this one imports; nil for none.
    let lender: String?
    /// The numbers of those modules there, which are their numbers here as well.
    let borrowed: Set<Int>

    /// - Parameters:
    ///   - entry: The path of the entry module.
    ///   - source: The text of a module by its path; nil if there is no such file.
    init(entry: String, source: (String) -> [UInt8]?) throws(AssetError) {
        var order = Order()
        lender = try order.borrow(forThe: entry, source: source)
        let lent = order.modules.count
        try order.add(entry, importedBy: nil, path: [], source: source)
        var text: [UInt8] = []
        var borrowed: Set<Int> = []
        for (number, module) in order.modules.enumerated().dropFirst(lent) {
            for each in module.imports where each.path != lender {
                if let number = order.numbers[each.path], number < lent { borrowed.insert(number) }
            }
            try Self.write(module, number: number, exports: order.exports, numbers: order.numbers, into: &text)
        }
        // What loads the bundle by import() gets what the entry exports.
        if let last = order.modules.last, !last.exports.isEmpty {
            let entry = "\(Self.reservedPrefix)\(order.modules.count - 1)"
            text.append(contentsOf: "export const{\(last.exports.joined(separator: ","))}=\(entry);\n".utf8)
        }
        if let lender, !borrowed.isEmpty {
            let address = relativeAssetPath(to: lender, from: entry)
            text.insert(contentsOf: "import{\(Self.names(borrowed))}from'\(address)';\n".utf8, at: 0)
        }
        self.text = text
        self.borrowed = borrowed
        modules = order.modules.dropFirst(lent).map(\.path)
    }

    /// Lets other bundles import modules of this one.
    mutating func lend(_ numbers: Set<Int>) {
        guard !numbers.isEmpty else { return }
        text.append(contentsOf: "export{\(Self.names(numbers))};\n".utf8)
    }

    private static func names(_ numbers: Set<Int>) -> String {
        numbers.sorted().map { "\(reservedPrefix)\($0)" }.joined(separator: ",")
    }

    /// Whether a file is served together with everything that it imports.
    static func isEntry(_ path: String) -> Bool { path.split(separator: "/").last == "main.js" }

    private struct Order {
        var modules: [ScriptModule] = []
        var numbers: [String: Int] = [:]
        var exports: [String: [String]] = [:]

        /// Takes the modules of another entry that an entry imports, if there is one, as there already.
        mutating func borrow(
            forThe entry: String, source: (String) -> [UInt8]?
        ) throws(AssetError) -> String? {
            guard let bytes = source(entry) else { return nil }
            let lenders = try ScriptModule(path: entry, source: bytes).imports.filter { ScriptBundle.isEntry($0.path) }
            guard let lender = lenders.first else { return nil }
            if lenders.count > 1 {
                throw AssetError(file: entry, line: lenders[1].line, reason: "only one other entry can be imported")
            }
            try add(lender.path, importedBy: (entry, lender.line), path: [entry], source: source)
            guard !modules.dropLast().contains(where: { ScriptBundle.isEntry($0.path) }) else {
                throw AssetError(file: entry, line: lender.line, reason: "\(lender.path) imports an entry itself")
            }
            return lender.path
        }

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
        text.append(contentsOf: "const \(reservedPrefix)\(number)=(()=>{".utf8)
        for each in module.imports {
            let source = "\(reservedPrefix)\(numbers[each.path] ?? 0)"
            switch each.bindings {
            case .none: break
            case .namespace(let name): text.append(contentsOf: "const \(name)=\(source);".utf8)
            case .names(let names):
                for name in names where exports[each.path]?.contains(name.exported) != true {
                    throw AssetError(
                        file: module.path, line: each.line, reason: "\(each.path) exports no \(name.exported)")
                }
                let list = names.map { $0 == $1 ? $0 : "\($0):\($1)" }.joined(separator: ",")
                text.append(contentsOf: "const{\(list)}=\(source);".utf8)
            }
        }
        text.append(contentsOf: module.body)
        text.append(contentsOf: "\nreturn{\(module.exports.joined(separator: ","))}})();\n".utf8)
    }
}
