import HTTPTypes
import Hummingbird
import NIOCore

/// An answer with all of its body.
struct WholeResponse: Sendable {
    var head: HTTPResponse
    var body: ByteBuffer

    /// An answer of the API. Never stored by caches: it is for one user at one moment.
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
    init(_ answer: WholeResponse) {
        self.init(
            status: answer.head.status, headers: answer.head.headerFields, body: .init(byteBuffer: answer.body))
    }

    static func json(_ bytes: [UInt8], status: HTTPResponse.Status = .ok) -> Response {
        Response(WholeResponse.json(bytes, status: status))
    }

    static var noContent: Response { Response(status: .noContent, headers: [.cacheControl: "no-store"]) }
}
