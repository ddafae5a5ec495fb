import Testing

@testable import LoadCommand

@Suite struct BatchUseTests {
    private let before = [
        "martlet_messages_batch_size_count": 10, "martlet_messages_batch_size_sum": 50,
        "martlet_messages_step_duration_seconds_count.insert": 10,
        "martlet_messages_step_duration_seconds_sum.insert": 1,
        "martlet_messages_step_duration_seconds_count.load": 3,
        "martlet_messages_step_duration_seconds_sum.load": 0.3,
    ]

    @Test func `only what happened in between counts`() throws {
        var after = before
        after["martlet_messages_batch_size_count"] = 30
        after["martlet_messages_batch_size_sum"] = 250
        after["martlet_messages_step_duration_seconds_count.insert"] = 30
        after["martlet_messages_step_duration_seconds_sum.insert"] = 1.1
        after["martlet_messages_step_duration_seconds_count.publish"] = 20
        after["martlet_messages_step_duration_seconds_sum.publish"] = 0.04
        let use = try #require(BatchUse(from: before, to: after))
        #expect(use.size == 10)
        #expect(use.line == "batches of 10.0: insert 5.00 ms x 20, publish 2.00 ms x 20")
    }

    @Test func `without a batch there is nothing to say`() {
        #expect(BatchUse(from: before, to: before) == nil)
        #expect(BatchUse(from: [:], to: [:]) == nil)
    }
}
