import Foundation
import Hummingbird
import Mustache
import NIOCore

/// Renders the templates.
struct PageRenderer: Sendable {
    enum Template: String, CaseIterable, Sendable {
        case signin, signup, chat, account, logout, error, offline, invitation
    }

    /// Parts that templates include.
    private static let parts = [
        "layout", "icons", "icons-account", "face", "problem", "sky", "bird", "shortcuts", "sidebar", "conversation",
        "message", "reaction", "composer", "composer-about", "composer-cancel", "composer-error",
    ]

    struct MissingTemplate: Error, CustomStringConvertible {
        let name: String
        let directory: String
        var description: String { "there is no \(name).mustache in \(directory)" }
    }

    private let library: MustacheLibrary

    /// Reads the templates of a folder; throws if one is missing or malformed.
    init(directory: URL) async throws {
        library = try await MustacheLibrary(directory: directory.path)
        for name in Template.allCases.map(\.rawValue) + Self.parts where library.getTemplate(named: name) == nil {
            throw MissingTemplate(name: name, directory: directory.path)
        }
    }

    func response(
        _ template: Template, _ context: some PageContext, _ appearance: Appearance,
        status: HTTPResponse.Status = .ok, retryAfter: Int? = nil
    ) -> Response {
        var context = context
        context.look = AppearanceContext(appearance)
        let text = library.render(context, withTemplate: template.rawValue) ?? ""
        var response = Response(
            status: status,
            headers: [.contentType: "text/html; charset=utf-8", .cacheControl: "no-store"],
            body: .init(byteBuffer: ByteBuffer(string: text)))
        if let retryAfter { response.headers[.retryAfter] = String(retryAfter) }
        return response
    }
}

extension Response {
    /// Sends the browser to another page with a GET.
    static func seeOther(_ path: String) -> Response {
        Response(status: .seeOther, headers: [.location: path, .cacheControl: "no-store"])
    }
}
