import AsyncHTTPClient
import Foundation
import NIOCore
import NIOHTTP1

/// A broker user's name and password.
public struct BrokerCredentials: Sendable {
    public var username: String
    public var password: String

    public init(username: String, password: String) {
        self.username = username
        self.password = password
    }
}

/// What a user may do in a virtual host: three regular expressions over the names of exchanges and queues.
public struct BrokerPermissions: Sendable, Equatable {
    /// What it may declare and delete.
    public var configure: String
    /// What it may publish to and bind.
    public var write: String
    /// What it may consume from and bind to.
    public var read: String

    public init(configure: String, write: String, read: String) {
        self.configure = configure
        self.write = write
        self.read = read
    }

    /// Everything.
    public static let all = BrokerPermissions(configure: ".*", write: ".*", read: ".*")
}

/// Why the management API refused or did not respond.
public struct BrokerAdministrationError: Error, Sendable, CustomStringConvertible {
    /// The status of the response; nil when there was none.
    public let status: Int?
    /// One sentence for a person.
    public let message: String

    public var description: String { message }
}

/// RabbitMQ's management HTTP API, as far as virtual hosts, users and permissions go.
///
/// Every change can be repeated without harm. Calls end within ten seconds. Safe to use from any task.
public struct BrokerAdministration: Sendable {
    private let url: String
    private let credentials: BrokerCredentials
    private static let limit: TimeAmount = .seconds(10)

    /// - Parameters:
    ///   - url: scheme, host and port, such as `http://broker:15672`
    ///   - credentials: of a user with the tag `administrator`
    public init(url: String, credentials: BrokerCredentials) {
        self.url = url.hasSuffix("/") ? String(url.dropLast()) : url
        self.credentials = credentials
    }

    /// Whether the API responds and the broker behind it is up.
    public func isReady() async -> Bool {
        (try? await checkReady()) != nil
    }

    /// As ``isReady()``, with the reason: status 401 for a wrong name or password, none if there is no response.
    public func checkReady() async throws(BrokerAdministrationError) {
        try await send(.get, ["whoami"])
    }

    /// The names of all users.
    public func users() async throws(BrokerAdministrationError) -> [String] {
        struct User: Decodable { let name: String }
        let body = try await send(.get, ["users"])
        do {
            return try JSONDecoder().decode([User].self, from: body).map(\.name)
        } catch {
            throw BrokerAdministrationError(status: nil, message: "the broker's list of users is not readable")
        }
    }

    public func createVirtualHost(_ name: String) async throws(BrokerAdministrationError) {
        try await send(.put, ["vhosts", name], body: "{}")
    }

    /// Deletes the virtual host with everything in it, if it exists.
    public func deleteVirtualHost(_ name: String) async throws(BrokerAdministrationError) {
        try await send(.delete, ["vhosts", name], accepted: 404)
    }

    /// Creates the user or sets its password.
    /// - Parameter tags: such as `administrator`; empty for a user that only uses AMQP
    public func setUser(
        _ user: BrokerCredentials, tags: String = ""
    ) async throws(BrokerAdministrationError) {
        try await send(.put, ["users", user.username], body: json(["password": user.password, "tags": tags]))
    }

    /// Deletes the user, if it exists.
    public func deleteUser(_ name: String) async throws(BrokerAdministrationError) {
        try await send(.delete, ["users", name], accepted: 404)
    }

    public func setPermissions(
        _ permissions: BrokerPermissions, of user: String, in virtualHost: String
    ) async throws(BrokerAdministrationError) {
        let body = [
            "configure": permissions.configure, "write": permissions.write, "read": permissions.read,
        ]
        try await send(.put, ["permissions", virtualHost, user], body: json(body))
    }

    /// Sets what holds for all queues whose names fit, in place of an earlier policy of this name.
    /// - Parameters:
    ///   - pattern: a regular expression over the names of queues
    ///   - definition: such as `delivery-limit`
    public func setPolicy(
        _ name: String, for pattern: String, in virtualHost: String, _ definition: [String: Int]
    ) async throws(BrokerAdministrationError) {
        struct Policy: Encodable {
            enum CodingKeys: String, CodingKey {
                case pattern, definition, applyTo = "apply-to"
            }
            var pattern: String
            var definition: [String: Int]
            var applyTo = "queues"
        }
        // Strings and integers always encode.
        let body = (try? JSONEncoder().encode(Policy(pattern: pattern, definition: definition))) ?? Data()
        try await send(.put, ["policies", virtualHost, name], body: String(decoding: body, as: UTF8.self))
    }

    /// - Parameter query: further parts of the address, as they stand there after the question mark
    @discardableResult
    func send(
        _ method: Method, _ path: [String], query: String? = nil, body: String? = nil, accepted: UInt? = nil,
        largestResponse: Int = 4 << 20
    ) async throws(BrokerAdministrationError) -> Data {
        let escaped = path.map { $0.addingPercentEncoding(withAllowedCharacters: .alphanumerics) ?? $0 }
        let suffix = query.map { "?\($0)" } ?? ""
        var request = HTTPClientRequest(url: "\(url)/api/\(escaped.joined(separator: "/"))\(suffix)")
        request.method = .RAW(value: method.rawValue)
        request.setBasicAuth(username: credentials.username, password: credentials.password)
        if let body {
            request.headers.add(name: "content-type", value: "application/json")
            request.body = .bytes(ByteBuffer(string: body))
        }
        let what = "\(method.rawValue) \(path.joined(separator: "/"))"
        let status: UInt
        let content: Data
        do {
            let response = try await HTTPClient.shared.execute(request, timeout: Self.limit)
            status = response.status.code
            content = Data((try await response.body.collect(upTo: largestResponse)).readableBytesView)
        } catch {
            throw BrokerAdministrationError(
                status: nil, message: "the broker's management API at \(url) did not respond to \(what): \(error)")
        }
        guard (200..<300).contains(status) || status == accepted else {
            let reason = String(decoding: content.prefix(200), as: UTF8.self)
            throw BrokerAdministrationError(
                status: Int(status), message: "the broker refused \(what) with status \(status): \(reason)")
        }
        return content
    }

    private func json(_ value: [String: String]) -> String {
        // A dictionary of strings always encodes.
        (try? JSONEncoder().encode(value)).map { String(decoding: $0, as: UTF8.self) } ?? "{}"
    }
}

enum Method: String {
    case get = "GET"
    case put = "PUT"
    case post = "POST"
    case delete = "DELETE"
}
