import Crypto
import Foundation
import HTTPTypes
import Hummingbird
import NIOCore

/// The files that pages load: read once, joined and compressed once, kept in memory, served with their hash.
///
/// A file called `main.js` or `main.css` is served together with everything that it imports, so that a page needs one
/// request for each; all other files are served as they are. Addresses carry a version made of everything that is
/// served, so browsers may keep them for ever, and modules that import each other by relative paths always come from the
/// same release.
struct Assets: Sendable {
    /// A file in one content coding.
    struct Representation: Sendable {
        var contents: ByteBuffer
        var etag: String
    }

    struct File: Sendable {
        var type: String
        var plain: Representation
        /// The compressed ones, without those that would not be smaller.
        var coded: [ContentCoding: Representation] = [:]
        /// Whether it works with other files of its own release only.
        var isBound = false
    }

    let files: [String: File]
    let version: String

    /// - Parameter made: Files that are made at start instead of being read, by their paths.
    /// - Throws: ``AssetError`` if an entry cannot be joined with what it imports, or what reading a file throws.
    init(directory: URL, made: [String: [UInt8]] = [:]) throws {
        var files: [String: File] = [:]
        var all = SHA256()
        let sources = try Self.read(directory).merging(made) { $1 }
        let bundles = try Self.bundles(sources)
        for (path, source) in sources.sorted(by: { $0.key < $1.key }) {
            let contents =
                switch path.split(separator: "/").last {
                case "main.js": bundles[path]?.text ?? source
                case "main.css": try StyleBundle.text(entry: path) { sources[$0] }
                default: source
                }
            all.update(data: Data(path.utf8))
            all.update(data: contents)
            files[path] = Self.file(path, contents)
            files[path]?.isBound = bundles[path]?.lender != nil
        }
        self.files = files
        version = String(Self.hexadecimal(all.finalize()).prefix(12))
    }

    /// The script bundles by the paths of their entries.
    private static func bundles(_ sources: [String: [UInt8]]) throws(AssetError) -> [String: ScriptBundle] {
        var bundles: [String: ScriptBundle] = [:]
        for path in sources.keys.sorted() where ScriptBundle.isEntry(path) {
            bundles[path] = try ScriptBundle(entry: path) { sources[$0] }
        }
        var lent: [String: Set<Int>] = [:]
        for bundle in bundles.values {
            if let lender = bundle.lender { lent[lender, default: []].formUnion(bundle.borrowed) }
        }
        for (path, numbers) in lent { bundles[path]?.lend(numbers) }
        return bundles
    }

    private static func read(_ directory: URL) throws -> [String: [UInt8]] {
        var sources: [String: [UInt8]] = [:]
        let enumerator = FileManager.default.enumerator(atPath: directory.standardizedFileURL.path)
        for path in enumerator?.compactMap({ $0 as? String }) ?? [] {
            let url = directory.appendingPathComponent(path)
            let values = try? url.resourceValues(forKeys: [.isDirectoryKey])
            let isHidden = path.split(separator: "/").last?.hasPrefix(".") ?? true
            guard !isHidden, values?.isDirectory != true else { continue }
            sources[path] = [UInt8](try Data(contentsOf: url))
        }
        return sources
    }

    static func file(_ path: String, _ contents: [UInt8]) -> File {
        let hash = hexadecimal(SHA256.hash(data: contents)).prefix(32)
        let type = type(of: path)
        var file = File(
            type: type, plain: Representation(contents: ByteBuffer(bytes: contents), etag: "\"\(hash)\""))
        guard isCompressible(type) else { return file }
        // Pages load what modules and sheets are joined to, and hardly ever one of them: the best for all would double the
        // time that a start takes.
        let isPart =
            ["js", "css"].contains(path.split(separator: ".").last) && !ScriptBundle.isEntry(path)
            && !StyleBundle.isEntry(path)
        for coding in ContentCoding.allCases {
            guard let compressed = coding.compress(contents, isPart ? .quick : .smallest) else { continue }
            file.coded[coding] = Representation(
                contents: ByteBuffer(bytes: compressed), etag: "\"\(hash)-\(coding.rawValue)\"")
        }
        return file
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

    private static func isCompressible(_ type: String) -> Bool {
        type.hasPrefix("text/") || type.hasSuffix("json") || type.hasSuffix("+xml")
    }

    private static func hexadecimal(_ bytes: some Sequence<UInt8>) -> String {
        bytes.map { byte in (byte < 16 ? "0" : "") + String(byte, radix: 16) }.joined()
    }

    func addRoutes(to routes: LimitedRoutes) {
        routes.get("assets/:version/**", .asset) { request, context in
            try respond(
                path: context.parameters.getCatchAll().joined(separator: "/"),
                version: context.parameters.get("version"), request: request)
        }
    }

    func respond(path: String, version: String?, request: Request) throws(Problem) -> Response {
        guard let file = files[path], !file.isBound || version == self.version else { throw .notFound }
        // An address of another release gets what there is now, but must not be kept under that address.
        return file.response(
            to: request, cacheControl: version == self.version ? "public, max-age=31536000, immutable" : "no-cache")
    }
}

extension Assets.File {
    func response(to request: Request, cacheControl: String) -> Response {
        var headers: HTTPFields = [.contentType: type, .cacheControl: cacheControl]
        var chosen = plain
        if !coded.isEmpty {
            headers[.vary] = "Accept-Encoding"
            let accepted = AcceptEncoding(request.headers)
            let smallest = coded.filter { accepted.takes($0.key) }
                .min { $0.value.contents.readableBytes < $1.value.contents.readableBytes }
            if let (coding, representation) = smallest {
                chosen = representation
                headers[.contentEncoding] = coding.rawValue
            }
        }
        headers[.eTag] = chosen.etag
        if request.headers[.ifNoneMatch]?.contains(chosen.etag) == true {
            headers[.contentType] = nil
            headers[.contentEncoding] = nil
            return Response(status: .notModified, headers: headers)
        }
        return Response(status: .ok, headers: headers, body: .init(byteBuffer: chosen.contents))
    }
}
