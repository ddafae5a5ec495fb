public import Foundation
import MongoStore

/// A private `mongod`, a member of a replica set, listening on one address only, the loopback unless told otherwise.
///
/// It can be stopped, killed, paused and started again; it keeps its port and its data.
public actor DatabaseNode {
    /// What can be chosen.
    public struct Options: Sendable {
        /// Where it runs.
        public var location: Location = .loopback
        /// Where the data is; in the node's folder if nil.
        public var dataFolder: URL?
        /// The folder of a socket for programs of this machine, to which MongoDB grants what it grants to the loopback
        /// address; nil for none. Needed where the address is not the loopback's, to make the first user.
        public var socketFolder: URL?
        /// A free port if nil.
        public var port: Int?
        /// The least that `mongod` takes for ``cacheSize``.
        public static let smallestCacheSize = 0.25
        /// WiredTiger's cache in GiB, at least ``smallestCacheSize``.
        public var cacheSize: Double
        /// How it ends when this process dies.
        public var signalWhenOrphaned: ChildProcess.OrphanSignal
        /// How much of its log is kept; all if nil.
        public var logRotation: LogRotation?
        /// How long a start may take.
        public var startLimit: Duration
        /// Further arguments of `mongod`.
        public var arguments: [String]

        public init(
            port: Int? = nil, cacheSize: Double = smallestCacheSize,
            signalWhenOrphaned: ChildProcess.OrphanSignal = .kill,
            startLimit: Duration = .seconds(60), arguments: [String] = []
        ) {
            self.port = port
            self.cacheSize = cacheSize
            self.signalWhenOrphaned = signalWhenOrphaned
            self.startLimit = startLimit
            self.arguments = arguments
        }
    }

    /// Where everything of this node lies.
    public nonisolated let folder: URL
    /// The port.
    public nonisolated let port: Int
    /// What it printed, as JSON lines.
    public nonisolated let log: URL

    /// Where it listens, `host:port`.
    public nonisolated var host: String { "\(options.location.address):\(port)" }
    /// The socket for programs of this machine; nil without ``Options/socketFolder``.
    public nonisolated var socket: URL? { options.socketFolder?.appending(path: "mongodb-\(port).sock") }

    private let replicaSetName: String
    private let keyFile: URL
    private nonisolated let options: Options
    private var process: ChildProcess?
    /// Asks the process that runs now how it is.
    private var client: DatabaseNodeClient?

    /// Lays out the folder; nothing runs yet. A folder that was used before keeps its data.
    /// - Parameter keyFile: the secret that the members of a replica set share; turns authentication on
    public init(
        folder: URL, replicaSetName: String, keyFile: URL, options: Options = Options()
    ) throws(LocalStackError) {
        self.folder = folder
        self.replicaSetName = replicaSetName
        self.keyFile = keyFile
        self.options = options
        port = if let port = options.port { port } else { try FreePort.find() }
        log = folder.appending(path: "database.log")
        if let socketFolder = options.socketFolder { try Files.makeFolder(socketFolder) }
        try Files.makeFolder(folder)
        try Files.makeFolder(options.dataFolder ?? folder.appending(path: "data"))
    }

    /// The process id while it runs.
    public var pid: Int32? { process.flatMap { $0.isRunning ? $0.pid : nil } }
    /// Whether the process runs (also when paused).
    public var isRunning: Bool { process?.isRunning ?? false }

    /// Starts the server and waits until it answers. It is not yet a member of a set that takes writes.
    public func start() async throws(LocalStackError) {
        if isRunning { return }
        let started = try await ChildProcess.start(
            .init(
                try Programs.databaseServer(),
                [
                    "--replSet", replicaSetName, "--keyFile", keyFile.path, "--bind_ip",
                    options.location.address,
                    "--port", "\(port)", "--dbpath", (options.dataFolder ?? folder.appending(path: "data")).path,
                    "--wiredTigerCacheSizeGB", "\(options.cacheSize)",
                    "--setParameter", "diagnosticDataCollectionEnabled=false",
                    // A lone primary would else wait 15 s for someone to hand over to.
                    "--setParameter", "shutdownTimeoutMillisForSignaledShutdown=100",
                ] + (options.socketFolder.map { ["--unixSocketPrefix", $0.path] } ?? ["--nounixsocket"])
                    + options.arguments,
                environment: ["PATH": "/usr/bin:/bin", "LANG": "C.UTF-8", "HOME": folder.path], folder: folder,
                log: log, rotation: options.logRotation, signalWhenOrphaned: options.signalWhenOrphaned,
                entry: options.location.entry))
        process = started
        client = try DatabaseNodeClient(node: self, limit: .seconds(2))
        let isReady = await Deadline.poll(within: options.startLimit) { () async -> Bool? in
            if !started.isRunning { return false }
            guard await isListening() else { return nil }
            return await hello() == nil ? nil : true
        }
        guard isReady == true else {
            let ending = started.ending
            await kill()
            throw LocalStackError(
                ending == nil ? .notReady : .start,
                """
                mongod \(ending.map { "ended with \($0) while starting" } ?? "did not answer within \(options.startLimit)"); \
                the end of \(log.path):
                \(Files.tail(of: log))
                """)
        }
    }

    /// The driver would notice with a delay that the server has begun to listen.
    private func isListening() async -> Bool {
        if let socket { return await Connection.isAccepted(socket: socket.path) }
        return await Connection.isAccepted(host: options.location.address, port: port)
    }

    /// What the server says about itself; nil if it does not answer soon.
    func hello() async -> BSONDocument? {
        guard let client else { return nil }
        // A connection that the server has closed, as a primary may that steps down, only shows it when it is used.
        for _ in 0..<2 {
            let answer = try? await client.run(BSONDocument { $0.append("hello", Int32(1)) })
            if let answer { return answer }
        }
        return nil
    }

    /// Whether this node is the primary and takes writes now.
    public func isPrimary() async -> Bool {
        let isPrimary = try? await hello()?.optionalBool("isWritablePrimary")
        return isPrimary ?? false
    }

    /// Waits until the process that runs now has ended, or the task is cancelled; nil in that case or if none runs.
    public func waitForEnd() async -> ChildProcess.Ending? { await process?.waitForEnd() }

    /// Stops the server in order, or kills it after the limit.
    public func stop(within limit: Duration = .seconds(20)) async {
        await process?.stop(within: limit)
        process = nil
        client = nil
    }

    /// Kills it with SIGKILL, as a crash of the machine would.
    public func kill() async {
        await process?.kill()
        process = nil
        client = nil
    }

    /// Stops and starts it, on the same port, with the same data.
    public func restart() async throws(LocalStackError) {
        await stop()
        try await start()
    }

    /// Freezes it (SIGSTOP): connections stay open and nothing answers.
    public func pause() { process?.pause() }
    /// Lets it go on after ``pause()``.
    public func resume() { process?.resume() }
}
