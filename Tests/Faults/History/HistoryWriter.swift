public import Foundation
import Synchronization

/// Writes a history, a line for each record, in the order of their times.
///
/// Any number of threads and tasks record into it. A call takes the time, puts the record into memory and returns; a
/// thread of the writer's own turns records into lines and writes them. Whoever makes a writer has to ``finish()`` it.
public final class HistoryWriter: Sendable {
    private struct Pending {
        var records: [Record] = []
        var overflowed = false
        var failure: (any Error)?
        var ended = false
    }

    /// The most records that wait for the disk. Over this the history has a hole and ``finish()`` says so: neither may a
    /// slow disk stop the workload, nor may a history with holes be judged.
    public static let capacity = 500_000

    private let pending: Mutex<Pending>
    private let operations = Atomic<Int64>(0)
    private let start = ContinuousClock.now
    private let thread: WritingThread

    /// Begins a new file; the run's clock starts now.
    public init(file: URL) throws {
        try Data().write(to: file)
        let handle = try FileHandle(forWritingTo: file)
        pending = Mutex(Pending())
        thread = WritingThread(handle: handle)
        thread.begin(self)
    }

    /// Nanoseconds since the run began.
    public var now: Int64 { Self.nanoseconds(ContinuousClock.now - start) }

    /// A number for a new operation, which no other operation of the run has.
    public func nextOperation() -> Int64 {
        operations.add(1, ordering: .relaxed).newValue
    }

    /// Records what a process sees now.
    ///
    /// - Returns: the record's time.
    @discardableResult
    public func record(_ event: Event, by process: String) -> Int64 {
        // The time is taken inside, so that the lines of the file are in the order of their times.
        pending.withLock { pending in
            let at = now
            guard pending.records.count < Self.capacity, !pending.ended else {
                pending.overflowed = true
                return at
            }
            pending.records.append(Record(at: at, process: process, event: event))
            return at
        }
    }

    /// Writes everything that was recorded and closes the file. Nothing may be recorded afterwards.
    ///
    /// - Throws: ``HistoryError/incomplete`` if anything that was recorded is missing from the file.
    public func finish() async throws {
        pending.withLock { $0.ended = true }
        await thread.end()
        let (overflowed, failure) = pending.withLock { ($0.overflowed, $0.failure) }
        if let failure { throw failure }
        if overflowed { throw HistoryError.incomplete }
    }

    /// Takes what waits; the second value says that nothing will come any more.
    fileprivate func take() -> ([Record], ended: Bool) {
        pending.withLock { pending in
            defer { pending.records = [] }
            return (pending.records, pending.ended)
        }
    }

    fileprivate func failed(_ error: any Error) {
        pending.withLock { $0.failure = $0.failure ?? error }
    }

    private static func nanoseconds(_ duration: Duration) -> Int64 {
        duration.components.seconds * 1_000_000_000 + duration.components.attoseconds / 1_000_000_000
    }
}

/// The thread that writes.
private final class WritingThread: Sendable {
    private static let rhythm: TimeInterval = 0.1

    private let handle: FileHandle
    private let ended: AsyncStream<Never>
    private let ending: AsyncStream<Never>.Continuation

    init(handle: FileHandle) {
        self.handle = handle
        (ended, ending) = AsyncStream.makeStream(of: Never.self)
    }

    func begin(_ writer: HistoryWriter) {
        let thread = Thread { [handle, ending] in
            let encoder = JSONEncoder()
            encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
            var ended = false
            while !ended {
                let records: [Record]
                (records, ended) = writer.take()
                do {
                    var lines = Data()
                    for record in records {
                        lines.append(try encoder.encode(record))
                        lines.append(UInt8(ascii: "\n"))
                    }
                    if !lines.isEmpty { try handle.write(contentsOf: lines) }
                } catch {
                    writer.failed(error)
                }
                if !ended { Thread.sleep(forTimeInterval: Self.rhythm) }
            }
            do { try handle.close() } catch { writer.failed(error) }
            ending.finish()
        }
        thread.name = "history"
        thread.start()
    }

    /// Returns when the thread has written everything.
    func end() async {
        for await _ in ended {}
    }
}
