import Foundation
import Synchronization

/// Leaves nothing behind when this process exits in order: kills the children and deletes the temporary folders.
///
/// After a crash the kernel kills the children (see ``ChildProcess``), and the next process deletes the folders (see
/// ``TemporaryFolder``).
enum ExitCleanup {
    private struct State {
        var isRegistered = false
        var children: [ObjectIdentifier: ChildProcess] = [:]
        var folders: Set<String> = []
    }

    private static let state = Mutex(State())

    static func add(_ child: ChildProcess) {
        change { $0.children[ObjectIdentifier(child)] = child }
    }

    static func remove(_ child: ChildProcess) {
        change { $0.children[ObjectIdentifier(child)] = nil }
    }

    static func add(folder: String) {
        change { _ = $0.folders.insert(folder) }
    }

    static func remove(folder: String) {
        change { $0.folders.remove(folder) }
    }

    private static func change(_ body: (inout State) -> Void) {
        state.withLock { state in
            if !state.isRegistered {
                state.isRegistered = true
                atexit { ExitCleanup.run() }
            }
            body(&state)
        }
    }

    private static func run() {
        let (children, folders) = state.withLock { ($0.children.values.map(\.self), $0.folders) }
        guard !folders.isEmpty else { return }
        for child in children { child.signal(SIGKILL) }
        for folder in folders { try? FileManager.default.removeItem(atPath: folder) }
    }
}
