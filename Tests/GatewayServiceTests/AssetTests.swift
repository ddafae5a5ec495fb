import CBrotli
import Compression
import Foundation
import HTTPTypes
import Hummingbird
import HummingbirdTesting
import NIOCore
import Testing

@testable import GatewayService

@Suite struct AssetTests {
    @Test(
        arguments: [
            ("gzip", [.gzip]), ("gzip, deflate, br, zstd", [.gzip, .brotli]), ("GZIP", [.gzip]), ("x-gzip", [.gzip]),
            ("gzip;q=0.001", [.gzip]), ("*", [.gzip, .brotli]), ("br, *;q=0.5", [.gzip, .brotli]),
            ("gzip ; q=0.5 , identity;q=0.5", [.gzip]), ("identity;q=0, gzip;q=0.1", [.gzip]), ("br", [.brotli]),
            ("BR;q=1", [.brotli]), ("br;q=0, *", [.gzip]), ("gzip;q=0.000, *", [.brotli]), ("", []), ("identity", []),
            ("gzip;q=0", []), ("*;q=0", []), ("gzip;q=0.4, identity;q=0.8", []), ("gzip;q=nonsense", []),
            ("gzip;q=2", []), ("gzip;q=", []), ("gzipped", []), ("brotli", []),
        ] as [(String, [ContentCoding])])
    func `the client says which codings it takes`(_ header: String, _ taken: [ContentCoding]) {
        let accepted = AcceptEncoding([.acceptEncoding: header])
        #expect(ContentCoding.allCases.filter(accepted.takes) == taken)
    }

    @Test func `a client that says nothing about codings gets none`() {
        #expect(ContentCoding.allCases.filter(AcceptEncoding([:]).takes).isEmpty)
    }

    @Test(arguments: [Brotli.quickQuality, Brotli.bestQuality])
    func `Brotli gives back what was compressed, and the same for the same`(_ quality: Int32) throws {
        let noise = (0..<100_000).map { _ in UInt8.random(in: 0...255) }
        for bytes in [[], Array("a".utf8), Array(String(repeating: "martlet ", count: 50_000).utf8), noise] {
            let compressed = try #require(Brotli.compress(bytes, quality: quality))
            #expect(Brotli.compress(bytes, quality: quality) == compressed)
            #expect(try unbrotlied(compressed, count: bytes.count) == bytes)
        }
        #expect(Brotli.compress(noise, quality: 12) == nil)
    }

    @Test(arguments: [Gzip.defaultLevel, 1, Gzip.bestLevel])
    func `gzip gives back what was compressed, and the same for the same`(_ level: Int32) throws {
        for text in ["", "a", String(repeating: "martlet ", count: 50_000)] {
            let compressed = try #require(Gzip.compress(Array(text.utf8), level: level))
            #expect(Gzip.compress(Array(text.utf8), level: level) == compressed)
            #expect(try unzipped(compressed) == Array(text.utf8))
        }
        let noise = (0..<100_000).map { _ in UInt8.random(in: 0...255) }
        #expect(try unzipped(#require(Gzip.compress(noise, level: level))) == noise)
        #expect(Gzip.compress(noise, level: 10) == nil)
    }

    @Test func `a file is sent compressed to whoever takes that, under a hash of its own`() async throws {
        let gateway = try await TestGateway()
        let assets = gateway.gateway.site.assets
        let file = try #require(assets.files["app/main.js"])
        try await gateway.test { browser in
            let path = "/assets/\(assets.version)/app/main.js"
            let plain = try await browser.get(path)
            #expect(plain.headers[.contentEncoding] == nil)
            #expect(plain.headers[.vary] == "Accept-Encoding")
            #expect(plain.body == file.plain.contents)

            let zipped = try await browser.send(.get, path, headers: [.acceptEncoding: "gzip"])
            #expect(zipped.headers[.contentEncoding] == "gzip")
            #expect(zipped.headers[.contentType] == "text/javascript; charset=utf-8")
            #expect(zipped.headers[.vary] == "Accept-Encoding")
            #expect(zipped.headers[.cacheControl] == "public, max-age=31536000, immutable")
            #expect(zipped.headers[.contentLength] == String(zipped.body.readableBytes))
            #expect(zipped.body.readableBytes * 3 < plain.body.readableBytes)
            #expect(try unzipped(Array(zipped.body.readableBytesView)) == Array(plain.body.readableBytesView))

            let etag = try #require(zipped.headers[.eTag])
            #expect(etag != plain.headers[.eTag])
            let again = try await browser.send(.get, path, headers: [.acceptEncoding: "gzip", .ifNoneMatch: etag])
            #expect(again.status == .notModified)
            #expect(again.headers[.vary] == "Accept-Encoding")
            #expect(again.headers[.eTag] == etag)
            // It is not what a client without gzip would get.
            #expect(try await browser.send(.get, path, headers: [.ifNoneMatch: etag]).status == .ok)

            let smallest = try await browser.send(.get, path, headers: [.acceptEncoding: "gzip, deflate, br"])
            #expect(smallest.headers[.contentEncoding] == "br")
            #expect(smallest.body.readableBytes < zipped.body.readableBytes)
            #expect(
                try unbrotlied(Array(smallest.body.readableBytesView), count: plain.body.readableBytes)
                    == Array(plain.body.readableBytesView))
            #expect(![etag, plain.headers[.eTag]].contains(smallest.headers[.eTag]))

            let head = try await browser.send(.head, path, headers: [.acceptEncoding: "gzip"])
            #expect(head.headers[.contentLength] == zipped.headers[.contentLength])
            #expect(head.headers[.eTag] == etag)
        }
    }

    @Test func `what does not get smaller is not compressed`() throws {
        let folder = try Folder(["a.txt": "a", "b.png": String(repeating: "b", count: 10_000)])
        let assets = try Assets(directory: folder.url)
        #expect(assets.files["a.txt"]?.coded.isEmpty == true)
        #expect(assets.files["b.png"]?.coded.isEmpty == true)
    }

    @Test func `entries are served with everything that they import, other files as they are`() throws {
        let folder = try Folder([
            "app/main.js": "import { a } from './a.js';\nwindow.answer = a;\n", "app/a.js": "export const a = 1;\n",
            "style/main.css": "@import './base.css';\n", "style/base.css": "p { margin: 0 }\n",
        ])
        let assets = try Assets(directory: folder.url)
        func text(_ path: String) -> String? { assets.files[path].map { String(buffer: $0.plain.contents) } }
        #expect(text("app/a.js") == "export const a = 1;\n")
        #expect(text("app/main.js")?.contains("const a=1;\n") == true)
        #expect(text("app/main.js")?.contains("import ") == false)
        #expect(text("style/main.css")?.contains("p { margin: 0 }\n") == true)
        #expect(text("style/main.css")?.contains("@import") == false)

        try folder.write("export const a = 2;\n", to: "app/a.js")
        #expect(try Assets(directory: folder.url).version != assets.version)
    }

    @Test func `a start with a module that cannot be joined fails and says where`() throws {
        let folder = try Folder(["app/main.js": "// Starts.\nimport a from './a.js';\n", "app/a.js": ""])
        let error = #expect(throws: AssetError.self) { try Assets(directory: folder.url) }
        #expect(error?.description.hasPrefix("Public/app/main.js:2: default imports are not supported") == true)
    }

    @Test func `a bundle that another page loads later borrows its modules, of its own release only`() async throws {
        let folder = try Folder([
            "app/main.js": "import { a } from './view/a.js';\nwindow.answer = a;\n",
            "app/view/a.js": "export const a = 1;\n", "app/later/b.js": "export const b = 2;\n",
            "app/later/main.js": """
            import '../main.js';
            import { a } from '../view/a.js';
            import { b } from './b.js';
            export const sum = a + b;

            """,
        ])
        let assets = try Assets(directory: folder.url)
        func text(_ path: String) -> String { assets.files[path].map { String(buffer: $0.plain.contents) } ?? "" }
        #expect(text("app/main.js").hasSuffix("export{bundled$0};\n"))
        #expect(
            text("app/later/main.js") == """
                import{bundled$0}from'../main.js';
                const bundled$2=(()=>{const b=2;
                return{b}})();
                const bundled$3=(()=>{const{a}=bundled$0;const{b}=bundled$2;const sum=a+b;
                return{sum}})();
                export const{sum}=bundled$3;

                """)
        let request = Request(
            head: .init(method: .get, scheme: nil, authority: nil, path: "/"), body: .init(buffer: .init()))
        func status(_ path: String, _ version: String) throws(Problem) -> Int {
            try assets.respond(path: path, version: version, request: request).status.code
        }
        #expect(try status("app/later/main.js", assets.version) == 200)
        #expect(throws: Problem.notFound) { try status("app/later/main.js", "another") }
        #expect(try status("app/main.js", "another") == 200)
    }

    @Test(arguments: [
        ("import '../main.js';\nimport '../other/main.js';\n", "only one other entry"),
        ("import '../other/main.js';\n", "app/other/main.js imports an entry itself"),
    ])
    func `a bundle borrows from one page that borrows nothing`(_ source: String, _ reason: String) throws {
        let folder = try Folder([
            "app/main.js": "", "app/other/main.js": "import '../main.js';\n", "app/later/main.js": source,
        ])
        let error = #expect(throws: AssetError.self) { try Assets(directory: folder.url) }
        #expect(error?.description.contains(reason) == true, "\(String(describing: error))")
    }

    @Test func `files name each other by relative addresses`() {
        #expect(relativeAssetPath(to: "app/main.js", from: "app/emoji/main.js") == "../main.js")
        #expect(relativeAssetPath(to: "app/main.js", from: "app/other.js") == "./main.js")
        #expect(relativeAssetPath(to: "app/a/b/main.js", from: "app/main.js") == "./a/b/main.js")
        #expect(relativeAssetPath(to: "main.js", from: "app/a/main.js") == "../../main.js")
    }

    @Test func `what style sheets show is there`() async throws {
        let files = try await TestGateway().gateway.site.assets.files
        var shown: [String] = []
        for (path, file) in files where path.hasSuffix(".css") {
            for match in String(buffer: file.plain.contents).matches(of: /url\("(\.[^"]+)"\)/) {
                let picture = try #require(assetPath(of: String(match.1), in: path))
                #expect(files[picture] != nil, "\(path) shows \(picture)")
                shown.append(picture)
            }
        }
        #expect(shown.contains("sky.svg"))
    }

    @Test func `style sheets are joined in their order, and other imports are errors`() throws {
        func joined(_ files: [String: String]) throws -> String {
            String(
                decoding: try StyleBundle.text(entry: "style/main.css") { files[$0].map { Array($0.utf8) } },
                as: UTF8.self)
        }
        #expect(
            try joined([
                "style/main.css": "/* All */\n@import './b.css';\n  @import \"./a.css\";\np {}\n",
                "style/a.css": "a { content: \"/* \\\"no\\\" */  comment\" }",
                "style/b.css": "@import './c.css';\n  /* Two\n lines */\n  b {}", "style/c.css": "c {} /* c */",
            ]).split(separator: "\n")
                == ["c {} ", "b {}", "a { content: \"/* \\\"no\\\" */  comment\" }", "p {}"])
        for wrong in [
            "@import './missing.css';", "@import url(./a.css);", "@import './a.css' screen;", "@import '../a.css';",
            "@import 'https://example.org/a.css';", "@import './main.css';",
        ] {
            let error = #expect(throws: AssetError.self) {
                try joined(["style/main.css": "\n\(wrong)", "style/a.css": ""])
            }
            #expect(error?.line == 2)
            #expect(error?.file == "style/main.css")
        }
    }
}

@Suite struct PageCompressionTests {
    @Test func `pages are compressed for whoever takes that, unless another site asked for them`() async throws {
        try await TestGateway().test { browser in
            let plain = try await browser.get("/signin")
            #expect(plain.headers[.contentEncoding] == nil)
            #expect(plain.headers[.vary] == "Accept-Encoding")
            for site in ["same-origin", "none"] {
                let zipped = try await browser.send(
                    .get, "/signin", headers: [.acceptEncoding: "deflate, gzip", .secFetchSite: site])
                #expect(zipped.headers[.contentEncoding] == "gzip")
                #expect(zipped.headers[.vary] == "Accept-Encoding")
                #expect(zipped.headers[.contentLength] == String(zipped.body.readableBytes))
                #expect(try unzipped(Array(zipped.body.readableBytesView)) == Array(plain.body.readableBytesView))
            }
            let smaller = try await browser.send(
                .get, "/signin", headers: [.acceptEncoding: "gzip, br", .secFetchSite: "none"])
            #expect(smaller.headers[.contentEncoding] == "br")
            #expect(
                try unbrotlied(Array(smaller.body.readableBytesView), count: plain.body.readableBytes)
                    == Array(plain.body.readableBytesView))
            for site in ["cross-site", "same-site"] {
                let answer = try await browser.send(
                    .get, "/signin?next=%2Fchatwith", headers: [.acceptEncoding: "gzip, br", .secFetchSite: site])
                #expect(answer.headers[.contentEncoding] == nil)
            }
            let missing = try await browser.send(.get, "/nothing", headers: [.acceptEncoding: "gzip"])
            #expect(missing.status == .notFound)
            #expect(missing.headers[.contentEncoding] == "gzip")
            #expect(missing.headers[.contentType] == "text/html; charset=utf-8")
            let head = try await browser.send(.head, "/signin", headers: [.acceptEncoding: "gzip"])
            #expect(head.headers[.contentEncoding] == "gzip")
            #expect(head.body.readableBytes == 0)
            // The API answers as it is.
            #expect(
                try await browser.send(.get, "/api/v1/openapi.json", headers: [.acceptEncoding: "gzip"])
                    .headers[.contentEncoding] == nil)
        }
    }
}

/// A folder of files for one test.
final class Folder {
    let url = FileManager.default.temporaryDirectory.appendingPathComponent("martlet-assets-\(UUID())")

    init(_ files: [String: String]) throws {
        for (path, text) in files { try write(text, to: path) }
    }

    deinit { try? FileManager.default.removeItem(at: url) }

    func write(_ text: String, to path: String) throws {
        let file = url.appendingPathComponent(path)
        try FileManager.default.createDirectory(
            at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
        try Data(text.utf8).write(to: file)
    }
}

/// What the system's own gzip makes of it.
private func unbrotlied(_ bytes: [UInt8], count: Int) throws -> [UInt8] {
    var isComplete = false
    // One byte more, because there is no array of none to point to.
    let result = unsafe [UInt8](unsafeUninitializedCapacity: count + 1) { output, written in
        written = count + 1
        isComplete =
            unsafe BrotliDecoderDecompress(bytes.count, bytes, &written, output.baseAddress)
            == BROTLI_DECODER_RESULT_SUCCESS
    }
    try #require(isComplete)
    return result
}

private func unzipped(_ bytes: [UInt8]) throws -> [UInt8] {
    let folder = try Folder([:])
    try folder.write("", to: "file.gz")
    let file = folder.url.appendingPathComponent("file.gz")
    try Data(bytes).write(to: file)
    let process = Process()
    let output = Pipe()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    process.arguments = ["gzip", "-dc", file.path]
    process.standardOutput = output
    try process.run()
    let result = try output.fileHandleForReading.readToEnd() ?? Data()
    process.waitUntilExit()
    try #require(process.terminationStatus == 0)
    return [UInt8](result)
}
