import Foundation

/// The three system calls of ``ChildProcess``. All block or fork, so they belong on a thread of their own.
enum Spawn {
    /// Starts the command and returns its process id.
    ///
    /// The child is the leader of its own process group, so that Ctrl-C in a terminal reaches only the parent, which
    /// can then stop its children in order. It inherits no file but the three standard ones.
    ///
    /// - Parameter output: Where its output goes instead of into its log file; nil for the file.
    static func spawn(_ command: ChildProcess.Command, output: Int32?) throws(LocalStackError) -> Int32 {
        guard FileManager.default.isExecutableFile(atPath: command.program) else {
            throw LocalStackError(.missingProgram, "\(command.program) is missing or cannot be executed")
        }
        // `setpriv` and `env` replace themselves with what they start, so the pid stays the same.
        var wrapper = ["setpriv", "--pdeathsig", command.signalWhenOrphaned.rawValue, "--"]
        if let folder = command.folder { wrapper += ["/usr/bin/env", "--chdir=\(folder.path)"] }
        wrapper += command.entry
        wrapper.append(command.program)

        var actions = unsafe posix_spawn_file_actions_t()
        unsafe posix_spawn_file_actions_init(&actions)
        defer { unsafe posix_spawn_file_actions_destroy(&actions) }
        unsafe posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
        if let output {
            unsafe posix_spawn_file_actions_adddup2(&actions, output, 1)
            unsafe posix_spawn_file_actions_adddup2(&actions, output, 2)
        } else if !command.sharesOutput {
            unsafe posix_spawn_file_actions_addopen(
                &actions, 1, command.log?.path ?? "/dev/null", O_WRONLY | O_CREAT | O_APPEND, 0o600)
            unsafe posix_spawn_file_actions_adddup2(&actions, 1, 2)
        }
        keepOpenFilesFromChildren()

        var attributes = posix_spawnattr_t()
        unsafe posix_spawnattr_init(&attributes)
        defer { unsafe posix_spawnattr_destroy(&attributes) }
        var none = sigset_t()
        unsafe sigemptyset(&none)
        var all = sigset_t()
        unsafe sigfillset(&all)
        unsafe posix_spawnattr_setsigmask(&attributes, &none)
        unsafe posix_spawnattr_setsigdefault(&attributes, &all)
        unsafe posix_spawnattr_setpgroup(&attributes, 0)
        unsafe posix_spawnattr_setflags(
            &attributes, Int16(POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF))

        var pid: pid_t = 0
        let status = unsafe withStrings(wrapper + command.arguments) { arguments in
            unsafe withStrings(command.environment.map { "\($0.key)=\($0.value)" }) { environment in
                unsafe posix_spawn(&pid, "/usr/bin/setpriv", &actions, &attributes, arguments, environment)
            }
        }
        guard status == 0 else {
            throw LocalStackError(.start, "cannot start \(command.program): \(describe(status))")
        }
        return pid
    }

    /// Waits until the child has ended, and leaves it a zombie, so that its pid still names it.
    static func waitWithoutReleasing(_ pid: Int32) {
        var information = unsafe siginfo_t()
        while unsafe waitid(P_PID, id_t(pid), &information, WEXITED | WNOWAIT) == -1, errno == EINTR {}
    }

    /// Releases the pid of a child that has ended.
    static func release(_ pid: Int32) -> ChildProcess.Ending {
        var status: Int32 = 0
        while unsafe waitpid(pid, &status, 0) == -1, errno == EINTR {}
        let signal = status & 0x7f
        return signal == 0 ? .exited((status >> 8) & 0xff) : .signalled(signal)
    }

    /// Marks every file above the standard ones to be closed when a program is executed. A server's socket that leaked
    /// into a child would keep its port taken after the server has gone.
    private static func keepOpenFilesFromChildren() {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd")) ?? []
        for descriptor in names.compactMap({ Int32($0) }) where descriptor > 2 {
            _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC)
        }
    }

    private static func describe(_ error: Int32) -> String {
        unsafe String(cString: strerror(error))
    }

    /// A null-terminated array of C strings that lives for the call.
    private static func withStrings(
        _ strings: [String], _ body: (UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>) -> Int32
    ) -> Int32 {
        let pointers: [UnsafeMutablePointer<CChar>?] = unsafe strings.map { unsafe strdup($0) } + [nil]
        defer { unsafe pointers.forEach { unsafe free($0) } }
        var array = unsafe pointers
        return unsafe array.withUnsafeMutableBufferPointer { unsafe body($0.baseAddress!) }
    }
}
