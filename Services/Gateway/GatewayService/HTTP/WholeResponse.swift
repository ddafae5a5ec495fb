import HTTPTypes
import Hummingbird
import NIOCore

/// A response with all of its body.
struct WholeResponse: Sendable {
    var head: HTTPResponse
    var body: ByteBuffer

    /// A response of the API. Never stored by caches: it is for one user at one moment.
    static func json(
        _ bytes: [UInt8], status: HTTPResponse.Status = .ok, type: String = "application/json"
    ) -> WholeResponse {
        WholeResponse(
            head: HTTPResponse(
                status: status,
                headerFields: [.contentType: type, .cacheControl: "no-store", .contentLength: String(bytes.count)]),
            body: ByteBuffer(bytes: bytes))
    }
}

extension Response {
    init(_ whole: WholeResponse) {
        self.init(
            status: whole.head.status, headers: whole.head.headerFields, body: .init(byteBuffer: whole.body))
    }

    static func json(_ bytes: [UInt8], status: HTTPResponse.Status = .ok) -> Response {
        Response(WholeResponse.json(bytes, status: status))
    }

    static var noContent: Response { Response(status: .noContent, headers: [.cacheControl: "no-store"]) }
}
