import Foundation
import HTTPTypes
import Hummingbird
import HummingbirdTesting
import NIOCore
import Testing

@testable import GatewayService

/// What a browser keeps to open the chat without a connection.
@Suite struct OfflineTests {
    @Test func `the worker is a script for the whole site that no cache keeps`() async throws {
        let gateway = try await TestGateway()
        let assets = gateway.gateway.site.assets
        try await gateway.test { browser in
            let answer = try await browser.get("/service-worker.js")
            #expect(answer.status == .ok)
            #expect(answer.headers[.contentType] == "text/javascript; charset=utf-8")
            #expect(answer.headers[.cacheControl] == "no-cache")
            #expect(answer.headers[.contentSecurityPolicy]?.contains("connect-src 'self'") == true)
            #expect(
                answer.text.hasPrefix("self.martlet = {\"version\":\"\(assets.version)\",\"files\":[\"app/main.js\","))
            // Registered as a classic script, which browsers take everywhere.
            #expect(!answer.text.contains("\nimport ") && !answer.text.contains("\nexport "))
            let etag = try #require(answer.headers[.eTag])
            #expect(
                try await browser.send(.get, "/service-worker.js", headers: [.ifNoneMatch: etag]).status == .notModified
            )
            for path in ServiceWorker.keptFiles {
                #expect(try await browser.get("/assets/\(assets.version)/\(path)").status == .ok, "\(path)")
            }
        }
    }

    @Test func `its script changes with every file that is served`() throws {
        let files = Dictionary(
            uniqueKeysWithValues: (ServiceWorker.keptFiles + ["app/service-worker/main.js"]).map { ($0, "") })
        let folder = try Folder(files)
        let before = try Assets(directory: folder.url)
        #expect(throws: Never.self) { try ServiceWorker(assets: before) }
        try folder.write("p {}", to: "style/other.css")
        #expect(try Assets(directory: folder.url).version != before.version)
        let lacking = try Folder(files.filter { $0.key != "app/retry/main.js" })
        let error = #expect(throws: AssetError.self) { try ServiceWorker(assets: Assets(directory: lacking.url)) }
        #expect(error?.description.contains("there is no file app/retry/main.js") == true)
    }

    @Test(arguments: ["/shell", "/offline"])
    func `the pages that are kept are nobody's`(_ path: String) async throws {
        let gateway = try await TestGateway()
        try await gateway.test { browser in
            let stranger = try await browser.get(path)
            #expect(stranger.status == .ok)
            #expect(stranger.headers[.contentType] == "text/html; charset=utf-8")
            #expect(stranger.text.contains("/assets/\(gateway.gateway.site.assets.version)/app/"))
            let ada = browser.other()
            _ = try await ada.register("ada")
            #expect(try await ada.get(path).text == stranger.text)
            #expect(!stranger.text.contains("data-user="))
        }
    }

    @Test func `the manifest describes the app, with icons beside it`() async throws {
        let gateway = try await TestGateway()
        let version = gateway.gateway.site.assets.version
        try await gateway.test { browser in
            let page = try await browser.get("/signin")
            #expect(page.text.contains("<link rel=\"manifest\" href=\"/assets/\(version)/manifest.webmanifest\">"))
            #expect(page.headers[.contentSecurityPolicy]?.contains("manifest-src 'self'") == true)
            #expect(page.headers[.contentSecurityPolicy]?.contains("worker-src 'self'") == true)
            let answer = try await browser.get("/assets/\(version)/manifest.webmanifest")
            #expect(answer.headers[.contentType] == "application/manifest+json")
            struct Manifest: Decodable {
                struct Icon: Decodable {
                    var src: String
                    var type: String
                }
                enum CodingKeys: String, CodingKey {
                    case startURL = "start_url"
                    case themeColor = "theme_color"
                    case icons
                }
                var startURL: String
                var themeColor: String
                var icons: [Icon]
            }
            let manifest = try JSONDecoder().decode(Manifest.self, from: Data(answer.body.readableBytesView))
            #expect(manifest.startURL == "/chatwith")
            #expect(manifest.themeColor == AppearanceContext().light)
            #expect(!manifest.icons.isEmpty)
            for icon in manifest.icons {
                let picture = try await browser.get("/assets/\(version)/\(icon.src)")
                #expect(picture.headers[.contentType] == icon.type)
            }
        }
    }
}
