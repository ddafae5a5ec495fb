import Foundation
import Synchronization
import Testing

@testable import AMQP

/// The client against a server of a few lines, which sends what no broker sends.
@Suite("Content headers of other classes", .timeLimit(.minutes(5)))
struct ForeignHeaderTests {
    @Test(arguments: [10, 20, 40, 50, 85, 90])
    func `end the connection, and are not read as if they were of class basic`(number: UInt8) async throws {
        // The flags say that there is a content type; none follows.
        let outcome = try await received(
            frame(type: 2, channel: 1, [0, number, 0, 0] + [0, 0, 0, 0, 0, 0, 0, 1] + [0x80, 0x00]))
        #expect(outcome == "the broker broke the protocol: a content header of class \(number)")
    }

    @Test func `A header of class basic is read`() async throws {
        let outcome = try await received(
            frame(type: 2, channel: 1, [0, 60, 0, 0] + [0, 0, 0, 0, 0, 0, 0, 1] + [0x80, 0x00, 1, 0x78]))
        #expect(outcome == "header x 1")
    }

    /// What the client makes of a frame that comes after the sign-in.
    private func received(_ bytes: [UInt8]) async throws -> String {
        let server = try TinyServer()
        // The C library blocks, so it has a thread of its own.
        return await withCheckedContinuation { continuation in
            let thread = Thread {
                server.acceptInBackground()
                var configuration = AMQPConfiguration(
                    endpoints: [.init(host: "127.0.0.1", port: server.port)], username: "u", password: "p",
                    connectionName: "test")
                configuration.connectTimeout = .seconds(5)
                var outcome = "nothing came"
                do throws(AMQPError) {
                    let connection = try LibraryConnection(to: configuration.endpoints[0], configuration: configuration)
                    server.write(bytes)
                    let end = ContinuousClock.now + .seconds(5)
                    var isOver = false
                    while !isOver, ContinuousClock.now < end {
                        _ = try connection.receive { (_, frame) throws(ProtocolViolation) in
                            guard case .header(let properties, let size) = frame else { return }
                            outcome = "header \(properties.contentType ?? "") \(size)"
                            isOver = true
                        }
                        usleep(1_000)
                    }
                } catch {
                    outcome = error.message
                }
                continuation.resume(returning: outcome)
            }
            thread.start()
        }
    }
}

private func frame(type: UInt8, channel: UInt8, _ payload: [UInt8]) -> [UInt8] {
    let size = UInt32(payload.count)
    return [type, 0, channel] + (0..<4).map { UInt8(truncatingIfNeeded: size >> (24 - 8 * $0)) } + payload + [0xCE]
}

/// Lets one client sign in, whatever it says.
private final class TinyServer: Sendable {
    let port: Int
    private let listener: Int32
    private let client = Mutex<Int32>(-1)

    init() throws {
        let listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        self.listener = listener
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        var size = socklen_t(MemoryLayout<sockaddr_in>.size)
        let isListening = unsafe withUnsafeMutablePointer(to: &address) { pointer in
            unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
                unsafe bind(listener, address, size) == 0 && listen(listener, 1) == 0
                    && getsockname(listener, address, &size) == 0
            }
        }
        try #require(isListening)
        port = Int(UInt16(bigEndian: address.sin_port))
    }

    deinit {
        close(listener)
        client.withLock { if $0 >= 0 { close($0) } }
    }

    /// Says at once all that a broker says in answer to a sign-in; the client reads it piece by piece.
    func acceptInBackground() {
        Thread {
            let accepted = accept(self.listener, nil, nil)
            self.client.withLock { $0 = accepted }
            let start: [UInt8] =
                [0, 10, 0, 10, 0, 9] + [0, 0, 0, 0] + [0, 0, 0, 5] + Array("PLAIN".utf8) + [0, 0, 0, 5]
                + Array("en_US".utf8)
            let tune: [UInt8] = [0, 10, 0, 30, 0, 16, 0, 2, 0, 0, 0, 0]
            let openOK: [UInt8] = [0, 10, 0, 41, 0]
            self.write([start, tune, openOK].flatMap { frame(type: 1, channel: 0, $0) })
        }.start()
    }

    func write(_ bytes: [UInt8]) {
        let descriptor = client.withLock { $0 }
        _ = unsafe bytes.withUnsafeBytes { unsafe send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL)) }
    }
}
