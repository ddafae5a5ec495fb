import ChatContracts
import HTTPTypes
import HummingbirdTesting
import Synchronization
import TestSupport
import Testing

@testable import GatewayService

@Suite(.timeLimit(.minutes(5))) struct UserInFlightTests {
    @Test func `one user's requests at the same time are bounded, others' and messages are not`() async throws {
        let gateway = try await TestGateway { $0.requestsInFlight = 2 }
        try await gateway.test { ada in
            let bob = ada.other()
            try await ada.register("ada")
            try await bob.register("bob")
            let conversation = try await ada.open("bob")
            let arrived = Mutex(0)
            let isOpen = Mutex(false)
            gateway.chat.pause.withLock {
                $0 = {
                    arrived.withLock { $0 += 1 }
                    while !isOpen.withLock({ $0 }), !Task.isCancelled {
                        try? await Task.sleep(for: .milliseconds(5))
                    }
                }
            }
            try await withThrowingTaskGroup(of: Int.self) { group in
                let path = "/api/v1/conversations/\(conversation.id)"
                for _ in 0..<2 { group.addTask { try await ada.get(path).status.code } }
                try await eventually("both are under way") { arrived.withLock { $0 } == 2 }
                let refused = try await ada.post("/api/v1/sync", #"{"cursors":{}}"#)
                #expect(refused.status == .tooManyRequests)
                #expect(refused.problemCode == "too-many-requests")
                #expect(refused.headers[.retryAfter] == "1")
                group.addTask { try await bob.get(path).status.code }
                group.addTask {
                    try await ada.say("not counted", in: conversation.id)
                    return 200
                }
                try await eventually("the others are under way, too") { arrived.withLock { $0 } == 4 }
                isOpen.withLock { $0 = true }
                for try await status in group { #expect(status == 200) }
            }
            #expect(try await ada.get("/api/v1/conversations").status == .ok, "there is room again")
        }
    }

    @Test func `reading asks the other services for nothing but answers`() async throws {
        let gateway = try await TestGateway()
        try await gateway.test { ada in
            try await ada.other().register("bob")
            try await ada.register("ada")
            let conversation = try await ada.open("bob")
            try await ada.say("hello", in: conversation.id)
            let before = gateway.chat.withState { $0.requests.count }
            let path = "/api/v1/conversations/\(conversation.id)"
            for path in ["/api/v1/conversations", path, path + "/messages", path + "/messages?after=0"] {
                #expect(try await ada.get(path).status == .ok)
            }
            let asked = Set(gateway.chat.withState { $0.requests.dropFirst(before) })
            let queries: Set = [
                ListConversations.typeName, GetConversation.typeName, ReadHistory.typeName, LookUpUsers.typeName,
            ]
            #expect(asked.isSubset(of: queries))
        }
    }
}
