import Testing

@testable import AMQP

@Suite struct ReconnectionTests {
    private func reconnection(hosts: Int) -> Reconnection {
        Reconnection(hosts: hosts, delay: .milliseconds(100) ... .seconds(10), healthyAfter: .seconds(5))
    }

    /// Draws always the longest pause.
    private struct Longest: RandomNumberGenerator {
        mutating func next() -> UInt64 { .max }
    }

    @Test func `every host is tried once before each pause`() {
        var reconnection = reconnection(hosts: 3)
        var generator = Longest()
        var pauses: [Duration] = []
        for _ in 0..<9 { pauses.append(reconnection.failed(using: &generator)) }
        #expect(pauses.map { $0 > .zero } == [false, false, true, false, false, true, false, false, true])
        #expect(pauses[2] < pauses[5])
        #expect(pauses[5] < pauses[8])
    }

    @Test func `connections that break soon follow each other ever more slowly, however many hosts there are`() {
        var reconnection = reconnection(hosts: 3)
        var generator = Longest()
        var count = 0
        var elapsed = Duration.zero
        while elapsed < .seconds(60) {
            elapsed += .milliseconds(200) + reconnection.broke(after: .milliseconds(200), using: &generator)
            count += 1
        }
        #expect((8...14).contains(count))
    }

    @Test func `after a connection that lasted the others are tried at once, and pauses begin small again`() {
        var reconnection = reconnection(hosts: 2)
        var generator = Longest()
        for _ in 0..<10 { _ = reconnection.broke(after: .seconds(1), using: &generator) }
        let atOnce = reconnection.broke(after: .seconds(6), using: &generator)
        let small = reconnection.failed(using: &generator)
        #expect(atOnce == .zero)
        #expect(small > .zero)
        #expect(small <= .milliseconds(100))
    }

    @Test func `a single host gets a pause after every end`() {
        var reconnection = reconnection(hosts: 1)
        var generator = Longest()
        let afterLife = reconnection.broke(after: .seconds(60), using: &generator)
        let afterFailure = reconnection.failed(using: &generator)
        #expect(afterLife > .zero)
        #expect(afterFailure > afterLife)
    }
}
