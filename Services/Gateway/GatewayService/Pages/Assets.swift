import Crypto
import Foundation
import HTTPTypes
import Hummingbird
import NIOCore

/// The files that pages load: read once, kept in memory, served with their hash.
///
/// Their addresses carry a version made of all contents, so browsers may keep them for ever, and modules that import
/// each other by relative paths always come from the same release.
struct Assets: Sendable {
    struct File: Sendable {
        var contents: ByteBuffer
        var type: String
        var etag: String
    }

    let files: [String: File]
    let version: String

    init(directory: URL) throws {
        var files: [String: File] = [:]
        var all = SHA256()
        let root = directory.standardizedFileURL.path
        let enumerator = FileManager.default.enumerator(atPath: root)
        for path in (enumerator?.compactMap { $0 as? String } ?? []).sorted() {
            var isDirectory = false
            let url = directory.appendingPathComponent(path)
            if let values = try? url.resourceValues(forKeys: [.isDirectoryKey]) {
                isDirectory = values.isDirectory ?? false
            }
            guard !isDirectory, !(path.split(separator: "/").last?.hasPrefix(".") ?? true) else { continue }
            let data = try Data(contentsOf: url)
            all.update(data: Data(path.utf8))
            all.update(data: data)
            files[path] = File(
                contents: ByteBuffer(bytes: data), type: Self.type(of: path),
                etag: "\"\(Self.hexadecimal(SHA256.hash(data: data)).prefix(32))\"")
        }
        self.files = files
        version = String(Self.hexadecimal(all.finalize()).prefix(12))
    }

    static func type(of path: String) -> String {
        switch path.split(separator: ".").last.map({ $0.lowercased() }) {
        case "js", "mjs": "text/javascript; charset=utf-8"
        case "css": "text/css; charset=utf-8"
        case "svg": "image/svg+xml"
        case "png": "image/png"
        case "ico": "image/x-icon"
        case "woff2": "font/woff2"
        case "webmanifest": "application/manifest+json"
        case "json": "application/json"
        case "txt": "text/plain; charset=utf-8"
        default: "application/octet-stream"
        }
    }

    private static func hexadecimal(_ bytes: some Sequence<UInt8>) -> String {
        bytes.map { byte in (byte < 16 ? "0" : "") + String(byte, radix: 16) }.joined()
    }

    func addRoutes(to router: some RouterMethods<GatewayContext>) {
        router.get("assets/:version/**") { request, context in
            try respond(
                path: context.parameters.getCatchAll().joined(separator: "/"),
                version: context.parameters.get("version"), request: request)
        }
    }

    func respond(path: String, version: String?, request: Request) throws(Problem) -> Response {
        guard let file = files[path] else { throw .notFound }
        var headers: HTTPFields = [.contentType: file.type, .eTag: file.etag]
        // An address of another release gets what there is now, but must not be kept under that address.
        headers[.cacheControl] = version == self.version ? "public, max-age=31536000, immutable" : "no-cache"
        if request.headers[.ifNoneMatch]?.contains(file.etag) == true {
            headers[.contentType] = nil
            return Response(status: .notModified, headers: headers)
        }
        return Response(status: .ok, headers: headers, body: .init(byteBuffer: file.contents))
    }
}
