import ChatContracts
import Foundation
import HTTPTypes
import Hummingbird
import HummingbirdTesting
import JSON
import Logging
import MartletVersion
import MessageBus
import MongoStore
import Testing

@testable import GatewayService

/// The description of the API is true: it names exactly the routes that exist, and every answer it names is produced
/// here by a real request and has the shape that it says.
@Suite struct OpenAPITests {
    private static func document() throws -> JSONValue {
        try JSONValue(parsing: Array(try OpenAPIDocument().contents.readableBytesView))
    }

    private struct Operation: Hashable, CustomStringConvertible {
        var method: String
        var path: String
        var description: String { "\(method) \(path)" }
    }

    private static func operations(_ document: JSONValue) -> [Operation: JSONValue] {
        var operations: [Operation: JSONValue] = [:]
        for path in document["paths"]?.members ?? [] {
            for method in path.value.members {
                operations[Operation(method: method.name.uppercased(), path: path.name)] = method.value
            }
        }
        return operations
    }

    @Test func `the version is that of the programs`() throws {
        #expect(try Self.document()["info"]?["version"] == .string(martletVersion))
    }

    /// The routes of the API as they were declared, by how the description names them.
    private static func declared() async throws -> [Operation: RouteCost] {
        let gateway = try await TestGateway().gateway
        let layers = GatewayLayers(
            configuration: gateway.configuration, sessions: gateway.sessions, requests: gateway.requests,
            directory: gateway.directory)
        let (router, table) = try gateway.router(layers, logger: Logger(label: "test"))
        func operations(_ routes: [(method: HTTPRequest.Method, path: String)]) -> [Operation] {
            routes.filter { $0.path.hasPrefix("/api/v1/") && $0.method != .head }.map {
                Operation(method: $0.method.rawValue, path: String($0.path.dropFirst("/api/v1".count)))
            }
        }
        let costs = Dictionary(
            zip(operations(table.routes.map { ($0.method, $0.path) }), table.routes.filter(\.isOfAPI).map(\.cost)),
            uniquingKeysWith: { first, _ in first })
        let routed = operations(router.routes.map { ($0.method, $0.path.description) })
        #expect(Set(routed) == Set(costs.keys), "every route is declared with its cost")
        #expect(routed.count == costs.count, "a route exists once")
        return costs
    }

    @Test func `every declared route is described, and nothing else`() async throws {
        let described = Set(Self.operations(try Self.document()).keys)
        let declared = Set(try await Self.declared().keys)
        #expect(declared.subtracting(described).isEmpty, "declared and not described")
        #expect(described.subtracting(declared).isEmpty, "described and not declared")
    }

    @Test func `every operation names the refusals that its route has`() async throws {
        let document = try Self.document()
        let check = SchemaCheck(document: document)
        let described = Self.operations(document)
        for (operation, cost) in try await Self.declared() {
            let responses = described[operation]?["responses"]
            // Every route has an allowance, whichever it is.
            let limited = responses?["429"].map(check.followed)
            #expect(limited?["headers"]?["Retry-After"] != nil, "\(operation) can be one too many")
            let isRefusedToOtherSites = operation.method != "GET" || cost.limit == .stream
            // Invitations, and who has read a message, are not for everybody to see.
            let isRefusedToSome =
                operation.path.contains("/invitations") || operation.path.hasSuffix("/readers")
            #expect(
                (responses?["403"] != nil) == (isRefusedToOtherSites || isRefusedToSome),
                "\(operation) from another site")
            let hasBody = described[operation]?["requestBody"] != nil
            for status in ["413", "415"] {
                #expect((responses?[status] != nil) == hasBody, "\(operation) \(status)")
            }
        }
    }

    @Test func `the codes of problems are those that exist`() throws {
        let schema = try #require(Self.document()["components"]?["schemas"]?["Problem"]?["properties"]?["code"])
        let described = schema["enum"]?.items.compactMap(\.text) ?? []
        #expect(Set(described) == Set(Problem.Code.all.map(\.rawValue)))
    }

    @Test func `every reference leads somewhere`() throws {
        let document = try Self.document()
        var count = 0
        func visit(_ value: JSONValue) {
            if let reference = value["$ref"]?.text {
                count += 1
                #expect(SchemaCheck(document: document).resolve(reference) != nil, "\(reference)")
            }
            for member in value.members { visit(member.value) }
            for item in value.items { visit(item) }
        }
        visit(document)
        #expect(count > 100)
    }

    @Test func `every answer that is named is given, in the shape that is named`() async throws {
        let document = try Self.document()
        let check = SchemaCheck(document: document)
        for (operation, described) in Self.operations(document).sorted(by: { $0.key.description < $1.key.description })
        {
            for response in described["responses"]?.members ?? [] {
                let status = try #require(Int(response.name))
                let answer = try await Self.provoke(operation, status: status)
                let place = "\(operation) \(status)"
                #expect(answer.status.code == status, "\(place): \(answer.text.prefix(200))")
                let content = check.followed(response.value)["content"]
                guard let media = content?.members.first else {
                    #expect(answer.body.readableBytes == 0, "\(place) has a body")
                    continue
                }
                #expect(answer.headers[.contentType] == media.name, "\(place)")
                for header in check.followed(response.value)["headers"]?.members ?? [] {
                    let name = try #require(HTTPField.Name(header.name))
                    #expect(answer.headers[name].flatMap { Int($0) } ?? 0 > 0, "\(place): \(header.name)")
                }
                if media.name == "text/event-stream" { continue }
                let body = try #require(answer.json, "\(place)")
                let schema = try #require(media.value["schema"])
                #expect(check.mistakes(body, schema, at: "") == [], "\(place)")
                if status >= 400 { #expect(body["status"] == .integer(Int64(status)), "\(place)") }
            }
        }
    }

    @Test func `the checker finds what is wrong`() throws {
        let check = SchemaCheck(document: try Self.document())
        let schema = JSONValue.object([.init(name: "$ref", value: .string("#/components/schemas/User"))])
        let good = try JSONValue(
            parsing: Array(
                #"{"id":"0123456789abcdef0123456789abcdef","username":"ada","displayName":"Ada","createdAt":"2026-01-31T09:05:00.123Z"}"#
                    .utf8))
        #expect(check.mistakes(good, schema, at: "") == [])
        for (text, replacement) in [
            ("\"ada\"", "7"), ("\"ada\"", "\"a b\""), ("\"username\"", "\"name\""), (",\"displayName\":\"Ada\"", ""),
        ] {
            let bad =
                #"{"id":"0123456789abcdef0123456789abcdef","username":"ada","displayName":"Ada","createdAt":"2026-01-31T09:05:00.123Z"}"#
                .replacingOccurrences(of: text, with: replacement)
            #expect(check.mistakes(try JSONValue(parsing: Array(bad.utf8)), schema, at: "") != [], "\(bad)")
        }
    }

    // MARK: Making answers happen

    /// A request that has to be answered with `status`.
    private static func provoke(_ operation: Operation, status: Int) async throws -> TestResponse {
        let gateway = try await TestGateway { configuration in
            guard status == 429 else { return }
            if operation.path == "/accounts" || operation == Operation(method: "POST", path: "/session") {
                configuration.attemptRate = Rate(perSecond: 0.001, burst: 3)
            } else if costsAMessage(operation) {
                configuration.sendRate = Rate(perSecond: 0.001, burst: 0)
            } else if operation.path == "/openapi.json" {
                configuration.assetRate = Rate(perSecond: 0.001, burst: 0)
            } else if operation.path == "/events" {
                configuration.streams.caps.perUser = 0
            } else {
                configuration.requestRate = Rate(perSecond: 0.001, burst: 1)
            }
        }
        // A stream needs a connection.
        return try await gateway.test(operation.path == "/events" ? .ahc() : .router) { ada in
            let bob = ada.other()
            let bobUser = try await bob.register("bob")
            let adaUser = try await ada.register("ada")
            let isOfGroup = groupPaths.contains(operation.path)
            let direct = ConversationID.direct(adaUser.id, bobUser.id)
            let creation = CreateGroup(user: adaUser.id, clientMessageId: usedID, name: "Group", members: [bobUser.id])
            let conversation = isOfGroup ? creation.conversation : direct
            if isOfGroup || operation.path == "/groups" {
                gateway.chat.withState { state in
                    _ = try? state.answer(creation)
                    _ = try? state.answer(
                        CreateInvitation(
                            conversation: conversation, user: adaUser.id, clientMessageId: .random(), token: token,
                            maximumUses: 1))
                    guard operation.path.hasPrefix("/invitations/"), status == 403 || status == 410 else { return }
                    state.conversations[conversation]?.members.removeAll { $0.user == adaUser.id }
                    state.expelled[conversation] = [adaUser.id]
                    if status == 410 { state.invitations[conversation]?[0].uses = 1 }
                }
            }
            gateway.chat.withState { state in
                _ = try? state.answer(OpenDirectConversation(user: adaUser.id, other: bobUser.id))
                _ = try? state.answer(
                    SendMessage(conversation: direct, sender: bobUser.id, clientMessageId: usedID, text: "hello"))
                _ = try? state.answer(
                    SendMessage(conversation: direct, sender: adaUser.id, clientMessageId: usedID, text: "hello"))
            }
            var path = "/api/v1" + operation.path.replacingOccurrences(of: "{username}", with: "bob")
            if operation.path.hasPrefix("/sessions/") {
                path = "/api/v1/sessions/" + SessionToken(ada.token ?? "")!.key.description
            }
            path = path.replacingOccurrences(of: "{id}", with: conversation.description)
                .replacingOccurrences(
                    of: "{user}", with: (status == 409 ? adaUser : bobUser).id.description
                )
                .replacingOccurrences(of: "{token}", with: token.description)
                .replacingOccurrences(of: "{invitation}", with: "2")
                .replacingOccurrences(of: "{seq}", with: "2").replacingOccurrences(of: "{emoji}", with: "%F0%9F%91%8D")
            var body = validBody(operation)
            var headers: HTTPFields = [:]
            var type = "application/json"
            switch status {
            case 400: body = "{"
            case 401:
                ada.token = nil
                if operation == Operation(method: "POST", path: "/session") {
                    body = #"{"username":"ada","password":"wrong"}"#
                }
            case 403 where operation.method == "GET" && operation.path.contains("/invitations"):
                gateway.chat.withState { $0.roles[conversation] = [:] }
            case 403 where operation.path.hasSuffix("/readers"):
                path = path.replacingOccurrences(of: "/messages/2", with: "/messages/1")
            case 403: headers[.secFetchSite] = "cross-site"
            case 404:
                path = path.replacingOccurrences(
                    of: conversation.description, with: ConversationID.random().description
                )
                .replacingOccurrences(of: "/users/bob", with: "/users/nobody")
                // A draft may be of any conversation.
                if operation.path.hasSuffix("/draft") { path = "/api/v1/conversations/x/draft" }
                if operation.path.hasPrefix("/sessions/") {
                    path = "/api/v1/sessions/" + SessionToken.random().key.description
                }
                if operation.path == "/conversations" { body = #"{"username":"nobody"}"# }
            case 409:
                if operation.path == "/accounts" { body = #"{"username":"ADA","password":"a long password"}"# }
                if operation.path == "/groups" { body = #"{"clientMessageId":"\#(usedID)","name":"Other"}"# }
                if operation.path.hasSuffix("/group") {
                    body = #"{"clientMessageId":"\#(usedID)","name":"Other"}"#
                }
                if operation.path.hasSuffix("/members") {
                    body = #"{"clientMessageId":"\#(usedID)","usernames":["bob"]}"#
                }
                if operation.path.hasSuffix("/invitations") || operation.path.hasPrefix("/invitations/") {
                    body = #"{"clientMessageId":"\#(usedID)"}"#
                }
                if operation.path.hasSuffix("/messages") {
                    body = #"{"clientMessageId":"\#(usedID)","text":"something else"}"#
                }
                if operation == edit { body = #"{"text":"other words","rev":1}"# }
                if operation.path.contains("{seq}") && operation != edit {
                    let seq = gateway.chat.withState { $0.addSystemLine("A line", to: conversation, by: adaUser.id) }
                    path = path.replacingOccurrences(of: "/messages/2", with: "/messages/\(seq)")
                }
            case 410:
                gateway.chat.withState { state in
                    _ = try? state.answer(DeleteMessage(conversation: conversation, user: adaUser.id, seq: 2))
                }
            case 413: body = "{\"text\":\"" + String(repeating: "x", count: 70_000) + "\"}"
            case 415: type = "text/plain"
            case 422:
                if operation.method == "GET" {
                    path += "?limit=1000&since=yesterday"
                } else {
                    body = #"{"nonsense":1}"#
                }
                if operation.path.hasSuffix("{emoji}") {
                    path = path.replacingOccurrences(of: "%F0%9F%91%8D", with: "ok")
                    body = nil
                }
            case 429:
                let anonymous =
                    operation.path == "/accounts" || operation == Operation(method: "POST", path: "/session")
                if anonymous {
                    // A browser that the account knows has an allowance of its own.
                    ada.device = nil
                    _ = try await ada.send(.post, path, body: body)
                    ada.device = nil
                } else if !costsAMessage(operation) {
                    _ = try await ada.get("/api/v1/account")
                }
            case 503:
                gateway.chat.withState { $0.failure = Problem(.notSent, of: .command) }
                gateway.parts.directory.clear()
                gateway.parts.sessions.cache.setHearing(false)
                if operation.path.hasPrefix("/sessions") || operation == Operation(method: "DELETE", path: "/session") {
                    gateway.store.fail(with: MongoError(.unavailable, message: "away"))
                }
                gateway.drafts.fail(with: MongoError(.unavailable, message: "away"))
                if operation.path == "/events" { gateway.parts.streams.drain() }
            case 504:
                gateway.chat.withState { $0.failure = Problem(.outcomeUnknown, of: .command) }
                if operation.path == "/conversations" { try await warmDirectory(gateway) }
            default: break
            }
            let method = try #require(HTTPRequest.Method(operation.method))
            if operation.path == "/events", status == 200 { return try await openedStream(gateway, ada) }
            return try await ada.send(method, path, body: body, type: type, headers: headers)
        }
    }

    private static let groupPaths: Set = [
        "/conversations/{id}/group", "/conversations/{id}/members", "/conversations/{id}/members/{user}",
        "/conversations/{id}/members/{user}/role", "/conversations/{id}/invitations",
        "/conversations/{id}/invitations/{invitation}", "/invitations/{id}/{token}",
    ]

    private static let token = InvitationToken(high: 7, low: 7)

    private static let edit = Operation(method: "PATCH", path: "/conversations/{id}/messages/{seq}")

    /// Whether it takes from the allowance of messages.
    private static func costsAMessage(_ operation: Operation) -> Bool {
        operation.path.contains("/messages") && operation.method != "GET"
    }

    private static let usedID = ClientMessageID("00000000000000000000000000000001")!

    private static func validBody(_ operation: Operation) -> String? {
        switch (operation.method, operation.path) {
        case ("POST", "/accounts"): #"{"username":"cyd","displayName":"Cyd","password":"a long password"}"#
        case ("POST", "/session"): #"{"username":"ada","password":"a long password"}"#
        case ("PATCH", "/account"): #"{"displayName":"Ada L."}"#
        case ("POST", "/account/password"):
            #"{"currentPassword":"a long password","newPassword":"a longer password"}"#
        case ("POST", "/conversations"): #"{"username":"bob"}"#
        case ("POST", "/conversations/{id}/messages"):
            #"{"clientMessageId":"\#(ClientMessageID.random())","text":"hello"}"#
        case ("PATCH", "/conversations/{id}/messages/{seq}"): #"{"text":"other words","rev":2}"#
        case ("PUT", "/conversations/{id}/messages/{seq}/reactions/{emoji}"),
            ("DELETE", "/conversations/{id}/messages/{seq}/reactions/{emoji}"):
            #"{"rev":2}"#
        case ("PUT", "/conversations/{id}/position"): #"{"received":1,"read":1,"unreadMarks":0}"#
        case ("PUT", "/conversations/{id}/draft"): #"{"text":"begun","replyTo":1,"age":5}"#
        case ("POST", "/conversations/{id}/unread"): #"{"from":1,"unreadMarks":0}"#
        case ("PATCH", "/conversations/{id}/settings"):
            #"{"version":0,"muted":true,"mutedUntil":"2090-01-01T00:00:00.000Z"}"#
        case ("POST", "/groups"): #"{"clientMessageId":"\#(ClientMessageID.random())","name":"Group"}"#
        case ("PATCH", "/conversations/{id}/group"): #"{"name":"Other"}"#
        case ("DELETE", "/conversations/{id}/members/{user}"):
            #"{"clientMessageId":"\#(ClientMessageID.random())"}"#
        case ("POST", "/conversations/{id}/members"): #"{"usernames":["ada"]}"#
        case ("PUT", "/conversations/{id}/members/{user}/role"): #"{"role":"member"}"#
        case ("POST", "/conversations/{id}/invitations"): #"{"expiresIn":3600,"maximumUses":5}"#
        case ("POST", "/invitations/{id}/{token}"): "{}"
        case ("POST", "/sync"): #"{"cursors":{},"recent":10,"gaps":2}"#
        default: nil
        }
    }

    /// Looks everybody up, so that only the command itself can fail.
    private static func warmDirectory(_ gateway: TestGateway) async throws {
        let failure = gateway.chat.withState { state in
            defer { state.failure = nil }
            return state.failure
        }
        _ = try await gateway.parts.directory.user(named: "bob", context: .background())
        gateway.chat.withState { $0.failure = failure }
    }

    /// The head of the stream's answer; the stream is told to end, so that the answer is complete.
    private static func openedStream(_ gateway: TestGateway, _ browser: Browser) async throws -> TestResponse {
        async let answer = browser.get("/api/v1/events")
        while gateway.parts.streams.count == 0 { try await Task.sleep(for: .milliseconds(5)) }
        gateway.parts.streams.drain()
        return try await answer
    }
}

extension DeclaredRoute {
    fileprivate var isOfAPI: Bool { path.hasPrefix("/api/v1/") }
}

extension JSONValue {
    var members: [Member] { if case .object(let members) = self { members } else { [] } }
    var items: [JSONValue] { if case .array(let items) = self { items } else { [] } }
    var text: String? { if case .string(let text) = self { text } else { nil } }
}

/// Checks values against the part of JSON Schema that the description uses.
struct SchemaCheck {
    let document: JSONValue

    func resolve(_ reference: String) -> JSONValue? {
        guard reference.hasPrefix("#/") else { return nil }
        var value: JSONValue? = document
        for name in reference.dropFirst(2).split(separator: "/") { value = value?[String(name)] }
        return value
    }

    func followed(_ value: JSONValue) -> JSONValue { value["$ref"]?.text.flatMap(resolve) ?? value }

    func mistakes(_ value: JSONValue, _ schema: JSONValue, at place: String) -> [String] {
        let schema = followed(schema)
        var mistakes: [String] = []
        for keyword in schema.members {
            switch (keyword.name, keyword.value) {
            case ("description", _), ("format", _), ("default", _): break
            case ("type", .string(let type)): if !has(value, type: type) { mistakes.append("\(place): no \(type)") }
            case ("enum", .array(let values)): if !values.contains(value) { mistakes.append("\(place): not listed") }
            case ("pattern", .string(let pattern)):
                if let text = value.text, text.range(of: pattern, options: .regularExpression) == nil {
                    mistakes.append("\(place): '\(text)' is not like \(pattern)")
                }
            case ("minimum", .integer(let minimum)):
                if case .integer(let number) = value, number < minimum { mistakes.append("\(place): below \(minimum)") }
            case ("maximum", .integer(let maximum)):
                if case .integer(let number) = value, number > maximum { mistakes.append("\(place): above \(maximum)") }
            case ("required", .array(let names)):
                for name in names.compactMap(\.text) where value[name] == nil {
                    mistakes.append("\(place): \(name) is missing")
                }
            case ("maxItems", .integer(let most)):
                if value.items.count > most { mistakes.append("\(place): more than \(most)") }
            case ("items", let items):
                for (index, item) in value.items.enumerated() {
                    mistakes += self.mistakes(item, items, at: "\(place)[\(index)]")
                }
            case ("properties", let properties):
                for member in value.members {
                    guard let property = properties[member.name] else { continue }
                    mistakes += self.mistakes(member.value, property, at: "\(place).\(member.name)")
                }
            case ("additionalProperties", let rest):
                for member in value.members where schema["properties"]?[member.name] == nil {
                    mistakes +=
                        rest == .bool(false)
                        ? ["\(place): \(member.name) is not described"]
                        : self.mistakes(member.value, rest, at: "\(place).\(member.name)")
                }
            default: mistakes.append("\(place): the checker does not know \(keyword.name)")
            }
        }
        return mistakes
    }

    private func has(_ value: JSONValue, type: String) -> Bool {
        switch (type, value) {
        case ("object", .object), ("array", .array), ("string", .string), ("integer", .integer), ("boolean", .bool),
            ("null", .null), ("number", .integer), ("number", .number):
            true
        default: false
        }
    }
}
