import Foundation
import LocalStack

/// A network, a process table and mounts that only this process and its children have.
///
/// They exist as long as the first process in them. When that one ends, however it ends, the kernel ends all others in
/// the process table and takes down the networks and the mounts, so nothing is ever left behind; and several of them can
/// exist side by side with the same addresses.
public enum PrivateEnvironment {
    private static let marker = "FAULTS_PRIVATE_NETWORK"

    /// Whether this process is in one already.
    public static var isInside: Bool {
        guard let claimed = ProcessInfo.processInfo.environment[marker] else { return false }
        return claimed == (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/ns/net"))
    }

    /// Runs this program once more, inside of one, and waits for its end.
    ///
    /// Its output is this process's. SIGINT and SIGTERM reach it through ``Run/signal(_:)``; when this process dies,
    /// it is killed.
    public static func run(
        arguments: [String] = Array(CommandLine.arguments.dropFirst()), environment: [String: String] = [:]
    ) async throws(ClusterError) -> Run {
        let unshare = Tool("unshare", package: "util-linux")
        for tool in [unshare, .ip, .mount, .fallocate, Tool("nsenter", package: "util-linux")] where !tool.isInstalled {
            throw tool.missing
        }
        let program: String
        do {
            program = try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")
        } catch {
            throw ClusterError("/proc/self/exe cannot be read", cause: error)
        }
        let user = getuid() == 0 ? [] : ["--user", "--map-root-user"]
        var environment = ProcessInfo.processInfo.environment.merging(environment) { $1 }
        environment["PATH"] = (environment["PATH"].map { $0 + ":" } ?? "") + "/usr/sbin:/usr/bin:/sbin:/bin"
        do {
            return Run(
                process: try await ChildProcess.start(
                    .init(
                        unshare.program,
                        user + [
                            "--net", "--pid", "--fork", "--kill-child", "--mount", "--mount-proc", "--", "/bin/sh",
                            "-c", script, "martlet", program,
                        ] + arguments, environment: environment, sharesOutput: true)))
        } catch {
            throw ClusterError("a private environment cannot be made", cause: error)
        }
    }

    /// The program in its environment.
    public struct Run: Sendable {
        fileprivate let process: ChildProcess

        /// The process that everything in the environment depends on.
        public var pid: Int32 { process.pid }

        /// Sends a signal to the program.
        public func signal(_ number: Int32) {
            // To the process group, because `unshare` itself does not pass signals on. The shell that waits for the
            // program is the first process of its table and as such deaf to signals that it does not handle.
            guard process.isRunning else { return }
            kill(-process.pid, number)
        }

        /// Waits until it has ended.
        /// - Returns: its exit status; 128 and the signal's number if a signal ended it.
        public func waitForEnd() async -> Int32 {
            switch await process.waitForEnd() {
            case .exited(let status): return status
            case .signalled(let signal): return 128 + signal
            case nil: return 130
            }
        }

        /// Kills everything in the environment.
        public func kill() async { await process.kill() }

        private func kill(_ pid: Int32, _ number: Int32) { _ = Foundation.kill(pid, number) }
    }

    /// The first process. It waits for the program and, as the first of its process table, also for whatever else ends
    /// there without a parent of its own. Status 125 says that the environment could not be made.
    private static let script = """
        fail() { echo "martlet-faults: $*" >&2; exit 125; }
        mount -t tmpfs -o mode=755 tmpfs /run || fail "no file system can be mounted: this takes root, or user namespaces"
        mkdir -p /run/netns /run/cluster /run/lock || fail "/run is not usable"
        ip link set lo up || fail "the network cannot be set up: this takes root, or user namespaces"
        \(marker)=$(readlink /proc/self/ns/net) || fail "/proc is not mounted"
        export \(marker)
        "$@" &
        wait $!
        exit $?
        """

    /// Throws unless this process is inside.
    static func require() throws(ClusterError) {
        guard isInside else {
            throw ClusterError("the cluster needs a private environment: run it by martlet-faults, which makes one")
        }
    }
}
