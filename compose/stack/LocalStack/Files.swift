import Foundation

/// Small files and folders with the right permissions from their first moment.
enum Files {
    static func makeFolder(_ url: URL) throws(LocalStackError) {
        do {
            try FileManager.default.createDirectory(
                at: url, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
        } catch {
            throw LocalStackError(.files, "cannot make the folder \(url.path)", cause: error)
        }
    }

    /// Writes a whole file.
    static func write(_ text: String, to url: URL, permissions: Int = 0o600) throws(LocalStackError) {
        try? FileManager.default.removeItem(at: url)
        guard
            FileManager.default.createFile(
                atPath: url.path, contents: Data(text.utf8), attributes: [.posixPermissions: permissions])
        else { throw LocalStackError(.files, "cannot write \(url.path)") }
    }

    /// Writes the file unless it is there, and returns what it then holds.
    static func keep(_ text: String, in url: URL, permissions: Int = 0o600) throws(LocalStackError) -> String {
        if let present = try? String(contentsOf: url, encoding: .utf8) { return present }
        try write(text, to: url, permissions: permissions)
        return text
    }

    /// The size of a file; 0 if there is none.
    static func size(of url: URL) -> UInt64 {
        let attributes = try? FileManager.default.attributesOfItem(atPath: url.path)
        return (attributes?[.size] as? NSNumber)?.uint64Value ?? 0
    }

    /// What a file holds from an offset on.
    static func text(of url: URL, from offset: UInt64) -> String {
        guard let file = try? FileHandle(forReadingFrom: url) else { return "" }
        defer { try? file.close() }
        guard (try? file.seek(toOffset: offset)) != nil, let data = try? file.readToEnd() else { return "" }
        return String(decoding: data, as: UTF8.self)
    }

    /// The last lines of a log, for an error message.
    static func tail(of url: URL, lines: Int = 15) -> String {
        guard let text = try? String(contentsOf: url, encoding: .utf8) else { return "" }
        return text.split(separator: "\n").suffix(lines).joined(separator: "\n")
    }
}
