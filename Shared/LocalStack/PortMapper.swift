import Foundation

/// Erlang's port mapper (`epmd`) as a child of this process, one for any number of broker nodes.
///
/// Without one of our own, the first node would start one that outlives us and that strangers' nodes share.
public actor PortMapper {
    /// The port, on the loopback address.
    public nonisolated let port: Int
    private var process: ChildProcess?

    public init() throws(LocalStackError) {
        port = try FreePort.find()
    }

    func start() async throws(LocalStackError) {
        if let process, process.isRunning { return }
        process = try await ChildProcess.start(
            .init(
                try Programs.erlangPortMapper(), ["-port", "\(port)", "-address", "127.0.0.1"],
                environment: ["PATH": "/usr/bin:/bin"]))
        let port = port
        guard
            await Deadline.poll(within: .seconds(5), every: .milliseconds(10), { FreePort.isFree(port) ? nil : true })
                != nil
        else { throw LocalStackError(.notReady, "epmd did not open port \(port) within 5 s") }
    }

    /// Ends it.
    public func stop() async {
        await process?.kill()
        process = nil
    }
}
