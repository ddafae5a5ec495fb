import HTTPTypes
import Hummingbird
import JSON

/// The script that opens the chat without a connection. Its address is always the same, so it is not cached; it begins with
/// the release and the files that it keeps, so browsers take a new one exactly if anything that is served has changed.
struct ServiceWorker: Sendable {
    static let path = "service-worker.js"

    /// What the shell needs to work without a connection. Everything else is kept once it was used.
    static let keptFiles = [
        "app/main.js", "app/conversation-menu/main.js", "app/dialogs/main.js", "app/notify/main.js",
        "app/offline/main.js", "app/retry/main.js", "app/account-menu/main.js", "app/message-menu/main.js",
        "app/mentions/main.js", "app/drafts-sync/main.js", "martlet.svg", "style/main.css", "style/dialogs/main.css",
        "style/pages/main.css", "style/popup/main.css", "style/completion/main.css",
    ]

    private static let entry = "app/service-worker/main.js"

    private let file: Assets.File

    /// - Throws: ``AssetError`` if a file that is to be kept, or the script itself, does not exist.
    init(assets: Assets) throws(AssetError) {
        for path in Self.keptFiles + [Self.entry] where assets.files[path] == nil {
            throw AssetError(file: Self.entry, line: 1, reason: "there is no file \(path)")
        }
        var writer = JSONWriter(capacity: 400)
        writer.object { object in
            object.name("version")
            object.string(assets.version)
            object.name("files")
            object.array { files in
                for path in Self.keptFiles { files.string(path) }
            }
        }
        let script = assets.files[Self.entry]?.plain.contents.readableBytesView ?? .init()
        file = Assets.file(
            Self.path, Array("self.martlet = ".utf8) + writer.bytes + Array(";\n".utf8) + Array(script))
    }

    func addRoutes(to routes: LimitedRoutes) {
        routes.get("service-worker.js", .asset) { request, _ in file.response(to: request, cacheControl: "no-cache") }
    }
}
