import Foundation
import Logging

/// What the gateway serves that is the same for everybody: files, the service worker and the templates of the pages.
struct Site: Sendable {
    let assets: Assets
    let worker: ServiceWorker
    let renderer: PageRenderer

    /// Reads everything and compresses it, which takes about half a second.
    ///
    /// - Parameter directory: With the folders `Public` and `Templates`; nil for those of the program.
    init(directory: URL? = nil, _ emoji: EmojiAsset.Sources, logger: Logger) async throws {
        let web = directory ?? Bundle.module.bundleURL
        assets = try Assets(
            directory: web.appendingPathComponent("Public"),
            made: [EmojiAsset.path: EmojiAsset.make(emoji, logger: logger)])
        worker = try ServiceWorker(assets: assets)
        renderer = try await PageRenderer(directory: web.appendingPathComponent("Templates"))
    }
}
