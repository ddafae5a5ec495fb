import AsyncHTTPClient
import Foundation
import NIOCore
import NIOHTTP1
import Synchronization
import TestSupport

/// A client of a live stream: collects what comes until it is cancelled or the stream ends.
final class EventReader: Sendable {
    struct Event: Sendable, Equatable {
        var name: String
        var data: String
    }

    private struct State {
        var text = ""
        var status: Int?
        var isOver = false
    }

    private let state = Mutex(State())

    var text: String { state.withLock { $0.text } }
    var byteCount: Int { state.withLock { $0.text.utf8.count } }
    var status: Int? { state.withLock { $0.status } }
    var isOver: Bool { state.withLock { $0.isOver } }

    /// What was sent besides signs of life and the release.
    var events: [Event] { blocks.filter { $0.name != "alive" && $0.name != "version" } }

    /// What it was told of the gateway's release.
    var releases: [String] { blocks.filter { $0.name == "version" }.map(\.data) }

    var signsOfLife: Int { blocks.count { $0.name == "alive" } }

    private var blocks: [Event] {
        text.components(separatedBy: "\n\n").compactMap { block in
            var name: String?
            var data: String?
            for line in block.split(separator: "\n") {
                if line.hasPrefix("event: ") { name = String(line.dropFirst(7)) }
                if line.hasPrefix("data: ") { data = String(line.dropFirst(6)) }
            }
            return name.map { Event(name: $0, data: data ?? "") }
        }
    }

    /// Whether the stream is open and has given its first sign of life: from then on nothing is missed.
    var isOpen: Bool { signsOfLife > 0 }

    /// Reads until the end.
    func read(_ address: String, token: String) async throws {
        var request = HTTPClientRequest(url: "\(address)/api/v1/events")
        request.headers.add(name: "Cookie", value: "martlet=\(token)")
        request.headers.add(name: "Sec-Fetch-Site", value: "same-origin")
        defer { state.withLock { $0.isOver = true } }
        let response = try await HTTPClient.shared.execute(request, timeout: .minutes(5))
        state.withLock { $0.status = Int(response.status.code) }
        for try await part in response.body { state.withLock { $0.text += String(buffer: part) } }
    }
}

/// Runs the body while a stream is open, from the moment that nothing is missed any more.
func withEvents<Result: Sendable>(
    _ address: String, token: String, _ body: @Sendable @escaping (EventReader) async throws -> Result
) async throws -> Result {
    let reader = EventReader()
    return try await withThrowingTaskGroup(of: Result?.self) { group in
        group.addTask {
            // A stream that is cut off ends with an error, which is what some tests want to see.
            try? await reader.read(address, token: token)
            return nil
        }
        defer { group.cancelAll() }
        try await eventually("the stream is open") { reader.isOpen || reader.isOver }
        return try await body(reader)
    }
}
