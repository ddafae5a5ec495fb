import Foundation

/// Settings of the kernel that are files.
enum SystemSetting {
    static func write(_ value: String, to path: String) throws(ClusterError) {
        guard let file = FileHandle(forWritingAtPath: path) else { throw ClusterError("\(path) cannot be opened") }
        do {
            try file.write(contentsOf: Data(value.utf8))
            try file.close()
        } catch {
            throw ClusterError("\(path) cannot be set to \(value)", cause: error)
        }
    }
}
