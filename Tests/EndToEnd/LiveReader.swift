import AsyncHTTPClient
import ChatContracts
import Foundation
import NIOCore
import NIOHTTP1
import Synchronization

/// Follows one conversation over live streams as the page does: apply the next revision, ignore older ones, hold later
/// ones and sync; reconnect, at the next gateway, for ever; after every connect, sync.
final class LiveReader: Sendable {
    private struct View {
        var messages: [Message] = []
        var held: [Int64: Message] = [:]
        var wantsSync = false
        var gapsHealed = 0
        var connects = 0
    }

    private let client: ChatClient
    private let conversation: ConversationID
    private let view = Mutex(View())

    init(client: ChatClient, conversation: ConversationID) {
        self.client = client
        self.conversation = conversation
    }

    /// What this reader shows, in the order in which it showed it.
    var messages: [Message] { view.withLock { $0.messages } }
    /// How often a stream was opened.
    var connects: Int { view.withLock { $0.connects } }

    /// Runs until cancelled.
    func run() async {
        await withDiscardingTaskGroup { group in
            group.addTask { await self.followStreams() }
            group.addTask { await self.syncWhenWanted() }
        }
    }

    private func followStreams() async {
        var attempt = 0
        while !Task.isCancelled {
            let gateway = client.gateways[attempt % client.gateways.count]
            attempt += 1
            try? await follow(gateway)
            view.withLock { $0.wantsSync = true }
            try? await Task.sleep(for: .milliseconds(Int.random(in: 50...300)))
        }
    }

    private func follow(_ gateway: String) async throws {
        var request = HTTPClientRequest(url: gateway + "/api/v1/events")
        request.headers.add(name: "sec-fetch-site", value: "same-origin")
        if let cookie = client.cookie { request.headers.add(name: "cookie", value: cookie) }
        let response = try await ChatClient.http.execute(request, deadline: .distantFuture)
        guard response.status == .ok else { throw ChatClient.Problem(description: "stream: \(response.status)") }
        view.withLock {
            $0.connects += 1
            $0.wantsSync = true
        }
        var rest = ""
        for try await part in response.body {
            rest += String(buffer: part)
            while let end = rest.range(of: "\n\n") {
                take(event: rest[..<end.lowerBound])
                rest.removeSubrange(..<end.upperBound)
            }
        }
    }

    private func take(event: Substring) {
        var name = ""
        var data = ""
        for line in event.split(separator: "\n") {
            if line.hasPrefix("event: ") { name = String(line.dropFirst(7)) }
            if line.hasPrefix("data: ") { data = String(line.dropFirst(6)) }
        }
        switch name {
        case EventName.messageSent:
            guard let message = try? JSONDecoder().decode(Message.self, from: Data(data.utf8)),
                message.conversation == conversation
            else { return }
            view.withLock { Self.apply(message, to: &$0) }
        case EventName.resync:
            view.withLock { $0.wantsSync = true }
        case EventName.digest:
            let heads = try? JSONDecoder().decode([ConversationID: Int64].self, from: Data(data.utf8))
            view.withLock { view in
                if let head = heads?[conversation], head > view.messages.last?.rev ?? 0 { view.wantsSync = true }
            }
        default: break
        }
    }

    private static func apply(_ message: Message, to view: inout View) {
        let head = view.messages.last?.rev ?? 0
        if message.rev > head + 1 {
            view.held[message.rev] = message
        } else if message.rev == head + 1 {
            view.messages.append(message)
            while let next = view.held.removeValue(forKey: (view.messages.last?.rev ?? 0) + 1) {
                view.messages.append(next)
            }
        }
    }

    private func syncWhenWanted() async {
        while !Task.isCancelled {
            // The page's patience with a gap.
            try? await Task.sleep(for: .milliseconds(300))
            let cursor: Int64? = view.withLock { view in
                guard view.wantsSync || !view.held.isEmpty else { return nil }
                view.wantsSync = false
                return view.messages.last?.rev ?? 0
            }
            guard let cursor else { continue }
            do {
                let answer = try await client.sync([conversation: cursor])
                view.withLock { view in
                    for changes in answer.changes where changes.conversation == conversation && !changes.reset {
                        for message in changes.messages { Self.apply(message, to: &view) }
                    }
                    let head = view.messages.last?.rev ?? 0
                    if !view.held.isEmpty { view.gapsHealed += 1 }
                    view.held = view.held.filter { $0.key > head }
                    if answer.more { view.wantsSync = true }
                }
            } catch {
                view.withLock { $0.wantsSync = true }
            }
        }
    }
}
