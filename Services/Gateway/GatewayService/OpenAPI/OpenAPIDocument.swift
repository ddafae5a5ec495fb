import Foundation
import Hummingbird
import NIOCore

/// The description of the API for programs.
struct OpenAPIDocument: Sendable {
    struct Missing: Error, CustomStringConvertible {
        let description = "openapi.json is not among the resources of the gateway"
    }

    let contents: ByteBuffer

    init() throws {
        guard let url = Bundle.module.url(forResource: "openapi", withExtension: "json") else { throw Missing() }
        contents = ByteBuffer(bytes: try Data(contentsOf: url))
    }

    func addRoutes(to router: some RouterMethods<GatewayContext>) {
        let contents = contents
        router.get("openapi.json") { _, _ in
            Response(
                status: .ok, headers: [.contentType: "application/json", .cacheControl: "no-cache"],
                body: .init(byteBuffer: contents))
        }
    }
}
