import HTTPTypes
import Hummingbird
import NIOCore

/// Compresses pages for clients that take Brotli or gzip.
///
/// The size of a compressed page tells a little about its contents to whoever sees the connection and can choose a part
/// of the page, because what is there twice takes less room (known as BREACH). Pages contain no secret of the gateway's:
/// protection against requests of other sites is made of headers, without a token in the page, and the session's token
/// is in a cookie only. But they contain people's messages, and some repeat a part of their address, such as what was
/// searched for. So a page that another site made the browser ask for is not compressed: whoever chose its address
/// learns nothing from its size, and without another site nobody can make a browser ask again and again.
struct PageCompression: RouterMiddleware {
    typealias Context = GatewayContext

    /// In bytes; what is smaller fits into one packet anyway.
    private static let smallestPage = 1_000

    func handle(
        _ request: Request, context: GatewayContext, next: Next
    ) async throws -> Response {
        var response = try await next(request, context)
        guard response.headers[.contentType]?.hasPrefix("text/html") == true else { return response }
        response.headers[.vary] = "Accept-Encoding"
        let accepted = AcceptEncoding(request.headers)
        guard let coding = [ContentCoding.brotli, .gzip].first(where: accepted.takes),
            !SameOrigin.isFromElsewhere(request.head),
            let length = response.body.contentLength, length >= Self.smallestPage
        else { return response }
        let page = CollectedBody()
        try await response.body.write(page)
        guard let compressed = coding.compress(Array(page.bytes.readableBytesView), .quick) else { return response }
        response.headers[.contentEncoding] = coding.rawValue
        response.body = ResponseBody(byteBuffer: ByteBuffer(bytes: compressed))
        return response
    }
}
