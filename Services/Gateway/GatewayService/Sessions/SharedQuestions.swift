import Synchronization

/// Lets many look-ups share few questions: those that come while questions are under way wait for one of them to end, and
/// then share the next.
///
/// A look-up never joins a question that has begun, so it learns whatever was true before it was made. How many may wait
/// is for the caller to bound.
final class SharedQuestions<Key: Sendable, Answer: Sendable>: Sendable {
    enum Turn: Sendable {
        /// Somebody else has asked.
        case answered(Answer)
        /// To ask for its own key and for these, to answer them, and to ``passOn()`` then.
        case asks([Waiting])
    }

    struct Waiting: Sendable {
        let key: Key
        fileprivate let continuation: CheckedContinuation<Turn, Never>

        func answer(_ answer: Answer) { continuation.resume(returning: .answered(answer)) }
    }

    private struct State {
        var questions = 0
        var waiting: [Waiting] = []
    }

    private let width: Int
    private let batch: Int
    private let state = Mutex(State())

    /// - Parameters:
    ///   - width: Questions at the same time.
    ///   - batch: The most look-ups of one question.
    init(width: Int, batch: Int) {
        self.width = width
        self.batch = batch
    }

    /// Waits until somebody has asked for the key, or it is the caller's turn to ask.
    func turn(for key: Key) async -> Turn {
        await withCheckedContinuation { continuation in
            let isFree = state.withLock { state in
                guard state.questions >= width else {
                    state.questions += 1
                    return true
                }
                state.waiting.append(Waiting(key: key, continuation: continuation))
                return false
            }
            if isFree { continuation.resume(returning: .asks([])) }
        }
    }

    /// Has each of these ask for itself alone.
    func separate(_ others: [Waiting]) {
        state.withLock { $0.questions += others.count }
        for other in others { other.continuation.resume(returning: .asks([])) }
    }

    /// A question has ended: the first of those that wait asks for the next.
    func passOn() {
        let next = state.withLock { state -> [Waiting] in
            let next = Array(state.waiting.prefix(batch))
            state.waiting.removeFirst(next.count)
            if next.isEmpty { state.questions -= 1 }
            return next
        }
        next.first?.continuation.resume(returning: .asks(Array(next.dropFirst())))
    }
}
