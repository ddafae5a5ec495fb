import Foundation
import Hummingbird
import MartletVersion
import NIOCore

/// The description of the API for programs: the resource `openapi.json`, in which `{version}` stands for the project's
/// version.
struct OpenAPIDocument: Sendable {
    struct Unusable: Error, CustomStringConvertible {
        let description: String
    }

    let contents: ByteBuffer

    init() throws {
        guard let url = Bundle.module.url(forResource: "openapi", withExtension: "json") else {
            throw Unusable(description: "openapi.json is not among the resources of the gateway")
        }
        let pieces = try String(contentsOf: url, encoding: .utf8).split(separator: #""version": "{version}""#)
        guard pieces.count == 2 else {
            throw Unusable(description: #"openapi.json has to contain "version": "{version}" exactly once"#)
        }
        contents = ByteBuffer(string: pieces.joined(separator: #""version": "\#(martletVersion)""#))
    }

    func addRoutes(to routes: LimitedRoutes) {
        let contents = contents
        routes.get("openapi.json", .asset) { _, _ in
            Response(
                status: .ok, headers: [.contentType: "application/json", .cacheControl: "no-cache"],
                body: .init(byteBuffer: contents))
        }
    }
}
