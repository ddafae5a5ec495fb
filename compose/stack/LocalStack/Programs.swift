public import Foundation

/// Where the programs are that the real parts consist of.
public enum Programs {
    /// Debian's server script. Not the wrapper in `sbin`, which switches the user.
    static func rabbitMQServer() throws(LocalStackError) -> String {
        try require("/usr/lib/rabbitmq/bin/rabbitmq-server", what: "RabbitMQ")
    }

    static func rabbitMQControl() throws(LocalStackError) -> String {
        try require("/usr/lib/rabbitmq/bin/rabbitmqctl", what: "RabbitMQ")
    }

    static func erlangPortMapper() throws(LocalStackError) -> String {
        guard let path = onPath("epmd") else { throw missing("Erlang's epmd") }
        return path
    }

    /// The database server: `$MARTLET_MONGOD`, else the first on the path, else the one in the checkout's
    /// `.martlet/bin`.
    static func databaseServer() throws(LocalStackError) -> String {
        if let path = ProcessInfo.processInfo.environment["MARTLET_MONGOD"] {
            return try require(path, what: "mongod (MARTLET_MONGOD)")
        }
        if let path = onPath("mongod") { return path }
        if let path = checkout?.appending(path: ".martlet/bin/mongod").path, isProgram(path) { return path }
        throw missing("mongod")
    }

    /// The folder of the running program, where the others of its build are, too.
    public static var ownFolder: URL {
        URL(filePath: "/proc/self/exe").resolvingSymlinksInPath().deletingLastPathComponent()
    }

    /// The folder of the checkout: the nearest one above the working folder, or above the running program, that holds
    /// `Package.swift`.
    public static var checkout: URL? {
        let starts = [
            URL(filePath: FileManager.default.currentDirectoryPath),
            URL(filePath: CommandLine.arguments.first ?? "").resolvingSymlinksInPath().deletingLastPathComponent(),
        ]
        for start in starts {
            var folder = start.standardizedFileURL
            while folder.path != "/" {
                if FileManager.default.fileExists(atPath: folder.appending(path: "Package.swift").path) {
                    return folder
                }
                folder.deleteLastPathComponent()
            }
        }
        return nil
    }

    /// The path of a program in one of the folders of `PATH`.
    static func onPath(_ name: String) -> String? {
        let folders = (ProcessInfo.processInfo.environment["PATH"] ?? "/usr/bin:/bin").split(separator: ":")
        return folders.lazy.map { "\($0)/\(name)" }.first(where: isProgram)
    }

    private static func isProgram(_ path: String) -> Bool { FileManager.default.isExecutableFile(atPath: path) }

    private static func require(_ path: String, what: String) throws(LocalStackError) -> String {
        guard isProgram(path) else { throw missing(what) }
        return path
    }

    private static func missing(_ what: String) -> LocalStackError {
        LocalStackError(.missingProgram, "\(what) is not installed: run `make deps`")
    }
}
