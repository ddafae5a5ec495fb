import Hummingbird

/// Pages that the service worker keeps. They are nobody's: whoever asks gets the same.
struct OfflinePages: Sendable {
    let renderer: PageRenderer
    let assets: Assets

    func addRoutes(to routes: LimitedRoutes) {
        // The chat without anybody in it; its script fills it with what the browser keeps.
        routes.get("shell", .asset) { _, _ in
            renderer.response(.chat, ChatContext(title: "Chats", assets: assets.version), Appearance())
        }
        // In the place of a page that was not kept.
        routes.get("offline", .asset) { _, context in
            renderer.response(
                .offline, PlainContext(title: "Not on this device yet", assets: assets.version), context.appearance)
        }
    }
}
