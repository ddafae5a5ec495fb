/// Lets a few tasks at a time do what is heavy for everybody, the others in the order in which they came.
///
/// Tests that run side by side would otherwise all ask a freshly started broker for dozens of queues at once, and wait
/// longer than a connection has patience.
public actor Turns {
    /// For declaring a whole topology on a broker that tests share.
    public static let topology = Turns(2)

    private var free: Int
    private var waiting: [CheckedContinuation<Void, Never>] = []

    /// - Parameter count: How many may be at it at the same time.
    public init(_ count: Int) { free = count }

    /// Waits for a turn, and has it while the body runs. A task that is cancelled while it waits keeps its place.
    public nonisolated func take<Result>(_ body: () async throws -> Result) async rethrows -> Result {
        await begin()
        do {
            let result = try await body()
            await end()
            return result
        } catch {
            await end()
            throw error
        }
    }

    private func begin() async {
        if free > 0 {
            free -= 1
        } else {
            await withCheckedContinuation { waiting.append($0) }
        }
    }

    /// A turn that ends passes straight on to who has waited longest.
    private func end() {
        if waiting.isEmpty { free += 1 } else { waiting.removeFirst().resume() }
    }
}
