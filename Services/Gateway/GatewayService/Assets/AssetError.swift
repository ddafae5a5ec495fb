/// Why the files of the page cannot be served; thrown at start.
struct AssetError: Error, Equatable, CustomStringConvertible {
    /// The path in the folder of public files.
    var file: String
    /// Counted from 1.
    var line: Int
    var reason: String

    var description: String { "Public/\(file):\(line): \(reason)" }
}

/// What a relative address in a file means: `./dom.js` in `app/view/avatar.js` is `app/view/dom.js`.
///
/// - Returns: The path in the folder of public files; nil if the address does not begin with `./` or `../`, or leads out.
func assetPath(of address: String, in file: String) -> String? {
    guard address.hasPrefix("./") || address.hasPrefix("../") else { return nil }
    var parts = file.split(separator: "/").dropLast()
    for part in address.split(separator: "/") {
        switch part {
        case ".": continue
        case "..": guard parts.popLast() != nil else { return nil }
        default: parts.append(part)
        }
    }
    return parts.joined(separator: "/")
}

/// How a file names another one, both given as paths in the folder of public files.
func relativeAssetPath(to target: String, from file: String) -> String {
    var folder = file.split(separator: "/").dropLast()[...]
    var target = target.split(separator: "/")[...]
    while let first = folder.first, target.count > 1, first == target.first {
        folder = folder.dropFirst()
        target = target.dropFirst()
    }
    let up = folder.isEmpty ? "./" : String(repeating: "../", count: folder.count)
    return up + target.joined(separator: "/")
}
