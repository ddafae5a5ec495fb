import AsyncHTTPClient
import Foundation
import NIOCore
import NIOHTTP1
import NIOPosix

/// The network side of all browsers of a run: one event loop, one client.
final class WebClient: Sendable {
    let group: MultiThreadedEventLoopGroup
    private let http: HTTPClient
    private let requestTimeout: TimeAmount

    init(_ configuration: WorkloadConfiguration) {
        group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
        var settings = HTTPClient.Configuration()
        settings.timeout.connect = TimeAmount(configuration.connectTimeout)
        settings.httpVersion = .http1Only
        settings.redirectConfiguration = .disallow
        // Streams hold their connections, so there have to be more of them than there are people.
        settings.connectionPool.concurrentHTTP1ConnectionsPerHostSoftLimit = 20_000
        // Who tries again decides for itself when, and with whom.
        settings.connectionPool.retryConnectionEstablishment = false
        http = HTTPClient(eventLoopGroup: group, configuration: settings)
        requestTimeout = TimeAmount(configuration.requestTimeout)
    }

    func shutdown() async {
        try? await http.shutdown()
        try? await group.shutdownGracefully()
    }

    /// One request, one answer.
    func request(
        _ method: String, _ path: String, at gateway: WorkloadConfiguration.Gateway, cookie: String?,
        body: [UInt8]? = nil
    ) async -> Result<Response, NoResponse> {
        var request = Self.request(method, path, at: gateway, cookie: cookie)
        if let body {
            request.headers.add(name: "content-type", value: "application/json")
            request.body = .bytes(ByteBuffer(bytes: body))
        }
        do {
            let response = try await http.execute(request, timeout: requestTimeout)
            let bytes = try await response.body.collect(upTo: 16 << 20)
            return .success(
                Response(
                    status: Int(response.status.code), body: Data(bytes.readableBytesView),
                    cookie: response.headers.first(name: "set-cookie").map { String($0.prefix { $0 != ";" }) },
                    retryAfter: response.headers.first(name: "retry-after").flatMap { Int($0) }))
        } catch {
            return .failure(NoResponse(error))
        }
    }

    /// A live stream whose head has come.
    struct Stream {
        var status: Int
        var retryAfter: Int?
        var body: HTTPClientResponse.Body
    }

    /// Asks for live events; whoever reads them watches their time.
    func openStream(at gateway: WorkloadConfiguration.Gateway, cookie: String?) async -> Result<Stream, NoResponse> {
        var request = Self.request("GET", "/api/v1/events", at: gateway, cookie: cookie)
        request.headers.add(name: "accept", value: "text/event-stream")
        do {
            let response = try await http.execute(request, deadline: .distantFuture)
            return .success(
                Stream(
                    status: Int(response.status.code),
                    retryAfter: response.headers.first(name: "retry-after").flatMap { Int($0) }, body: response.body))
        } catch {
            return .failure(NoResponse(error))
        }
    }

    private static func request(
        _ method: String, _ path: String, at gateway: WorkloadConfiguration.Gateway, cookie: String?
    ) -> HTTPClientRequest {
        var request = HTTPClientRequest(url: gateway.address + path)
        request.method = HTTPMethod(rawValue: method)
        request.headers.add(name: "sec-fetch-site", value: "same-origin")
        if let cookie { request.headers.add(name: "cookie", value: cookie) }
        return request
    }
}

extension NoResponse {
    /// Only what surely happened before the request was written counts as not sent.
    init(_ error: any Error) {
        switch error {
        case let error as HTTPClientError:
            self =
                switch error {
                case .connectTimeout: .notSent("connect time-out")
                case .deadlineExceeded: .lost("time-out")
                case .remoteConnectionClosed: .lost("closed")
                case .cancelled: .lost("cancelled")
                default: .lost(error.shortDescription)
                }
        case is NIOConnectionError: self = .notSent("no connection")
        case let error as IOError where error.errnoCode == ECONNREFUSED: self = .notSent("refused")
        case let error as IOError: self = .lost("errno-\(error.errnoCode)")
        case is CancellationError: self = .lost("cancelled")
        default: self = .lost("\(type(of: error))")
        }
    }
}
