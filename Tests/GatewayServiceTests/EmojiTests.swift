import ChatContracts
import Foundation
import HTTPTypes
import Hummingbird
import HummingbirdTesting
import Logging
import NIOCore
import Synchronization
import Testing

@testable import GatewayService

/// The files of Debian's packages; the keywords are not everywhere.
private let listPath = "/usr/share/unicode/emoji/emoji-test.txt"
private let sample = """
    # emoji-test.txt
    # group: Smileys & Emotion
    # subgroup: face-smiling
    1F600                ; fully-qualified     # 😀 E1.0 grinning face
    263A FE0F            ; fully-qualified     # ☺️ E0.6 smiling face
    263A                 ; unqualified         # ☺ E0.6 smiling face

    # group: Component
    # subgroup: skin-tone
    1F3FB                ; component           # 🏻 E1.0 light skin tone
    # group: People & Body
    # subgroup: hand-fingers-closed
    261D FE0F            ; fully-qualified     # ☝️ E0.6 index pointing up
    261D                 ; unqualified         # ☝ E0.6 index pointing up
    261D 1F3FB           ; fully-qualified     # ☝🏻 E1.0 index pointing up: light skin tone
    261D 1F3FC           ; fully-qualified     # ☝🏼 E1.0 index pointing up: medium-light skin tone
    261D 1F3FD           ; fully-qualified     # ☝🏽 E1.0 index pointing up: medium skin tone
    261D 1F3FE           ; fully-qualified     # ☝🏾 E1.0 index pointing up: medium-dark skin tone
    261D 1F3FF           ; fully-qualified     # ☝🏿 E1.0 index pointing up: dark skin tone
    1F44D                ; fully-qualified     # 👍 E0.6 thumbs up
    1F44D 1F3FB          ; fully-qualified     # 👍🏻 E1.0 thumbs up: light skin tone
    # subgroup: family
    1F9D1 200D 1F91D 200D 1F9D1 ; fully-qualified # 🧑‍🤝‍🧑 E12.0 people holding hands
    1F9D1 1F3FB 200D 1F91D 200D 1F9D1 1F3FB ; fully-qualified # 🧑🏻‍🤝‍🧑🏻 E12.0 people holding hands: light skin tone
    1F9D1 1F3FB 200D 1F91D 200D 1F9D1 1F3FC ; fully-qualified # 🧑🏻‍🤝‍🧑🏼 E12.1 people holding hands: light, medium-light
    1F9D1 1F3FC 200D 1F91D 200D 1F9D1 1F3FC ; fully-qualified # 🧑🏼‍🤝‍🧑🏼 E12.0 people holding hands: medium-light
    1F9D1 1F3FD 200D 1F91D 200D 1F9D1 1F3FD ; fully-qualified # 🧑🏽‍🤝‍🧑🏽 E12.0 people holding hands: medium
    1F9D1 1F3FE 200D 1F91D 200D 1F9D1 1F3FE ; fully-qualified # 🧑🏾‍🤝‍🧑🏾 E12.0 people holding hands: medium-dark
    1F9D1 1F3FF 200D 1F91D 200D 1F9D1 1F3FF ; fully-qualified # 🧑🏿‍🤝‍🧑🏿 E12.0 people holding hands: dark
    # group: Symbols
    # subgroup: keycap
    0023 FE0F 20E3       ; fully-qualified     # #️⃣ E0.6 keycap: #
    #EOF
    """

@Suite struct EmojiListTests {
    @Test func `the list has groups in their order, full names, and complete sets of skin tones`() throws {
        let list = try EmojiList(Array(sample.utf8))
        #expect(list.groups.map(\.name) == ["Smileys & Emotion", "People & Body", "Symbols"])
        #expect(list.groups[0].entries.map(\.emoji) == ["😀", "☺️"])
        #expect(list.groups[0].entries.map(\.name) == ["grinning face", "smiling face"])
        #expect(list.groups[0].entries.allSatisfy { $0.subgroup == "face-smiling" && $0.tones.isEmpty })
        let people = list.groups[1].entries
        #expect(people.map(\.name) == ["index pointing up", "thumbs up", "people holding hands"])
        #expect(people[0].tones == ["☝🏻", "☝🏼", "☝🏽", "☝🏾", "☝🏿"])
        // One of five is no choice.
        #expect(people[1].tones == [])
        #expect(people[2].tones.count == 5)
        #expect(people[2].tones.last == "🧑🏿‍🤝‍🧑🏿")
        #expect(list.groups[2].entries.map(\.name) == ["keycap: #"])
    }

    @Test(arguments: [
        ("1F600 fully-qualified # 😀 E1.0 grinning face", "there is no semicolon"),
        ("1F600 ; fully # 😀 E1.0 grinning face", "'fully' is not a status"),
        ("1F6G0 ; fully-qualified # 😀 E1.0 grinning face", "'1F6G0' is not a code point"),
        ("D800 ; fully-qualified # 😀 E1.0 grinning face", "'D800' is not a code point"),
        (" ; fully-qualified # 😀 E1.0 grinning face", "there is no code point"),
        ("1F600 ; fully-qualified", "its version and its name"),
        ("1F600 ; fully-qualified # 😀 E1.0", "its version and its name"),
        ("1F600 ; fully-qualified # 😀 grinning face", "its version and its name"),
    ])
    func `a malformed line is an error that names it`(_ line: String, _ reason: String) {
        let error = #expect(throws: EmojiDataError.self) { try EmojiList(Array("# group: A\n\n\(line)\n".utf8)) }
        #expect(error?.line == 3)
        #expect(error?.description.contains(reason) == true, "\(String(describing: error))")
    }

    @Test func `an emoji before the first group, and a file without any, are errors`() {
        let error = #expect(throws: EmojiDataError.self) {
            try EmojiList(Array("1F600 ; fully-qualified # 😀 E1.0 grinning face".utf8))
        }
        #expect(error?.description == "line 1: an emoji stands before the first group")
        for file in ["", "# group: A\n", "\u{0}\u{1}".replacing("\u{0}", with: "#")] {
            #expect(throws: EmojiDataError(line: nil, reason: "there is no emoji in it")) {
                try EmojiList(Array(file.utf8))
            }
        }
    }

    @Test func `what is no reaction is not offered`() throws {
        let list = try EmojiList(
            Array("# group: A\n1F600 ; fully-qualified # 😀 E1.0 a\n0041 ; fully-qualified # A E1.0 b\n".utf8))
        #expect(list.groups.flatMap(\.entries).map(\.emoji) == ["😀"])
    }

    @Test func `the list of Debian is read as a whole`() throws {
        let file = try #require(FileManager.default.contents(atPath: listPath), "install the package unicode-data")
        let list = try EmojiList([UInt8](file))
        #expect(list.groups.count == 9)
        #expect(!list.groups.contains { $0.name == "Component" })
        let entries = list.groups.flatMap(\.entries)
        #expect(entries.count > 1_800)
        #expect(Set(entries.map(\.emoji)).count == entries.count)
        #expect(entries.first?.name == "grinning face")
        #expect(entries.count { !$0.tones.isEmpty } > 250)
        #expect(entries.first { $0.name == "thumbs up" }?.tones == ["👍🏻", "👍🏼", "👍🏽", "👍🏾", "👍🏿"])
        for entry in entries {
            #expect(([entry.emoji] + entry.tones).allSatisfy(Emoji.isOne), "\(entry)")
        }
        let asset = EmojiAsset.json(list)
        #expect(asset.count < 150_000)
        #expect(try JSONSerialization.jsonObject(with: Data(asset)) is [String: Any])
    }
}

@Suite struct EmojiKeywordsTests {
    @Test func `annotations are words, without names and without variation selectors`() throws {
        let keywords = try EmojiKeywords(
            Array(
                """
                <ldml>
                \t<annotation cp="😀">face | grin | rock &amp; roll</annotation>
                \t<annotation cp="😀" type="tts">grinning face</annotation>
                <annotation cp="☺">face | outlined</annotation>
                <annotation cp="&lt;">less-than</annotation>
                </ldml>
                """.utf8))
        #expect(keywords["😀"] == ["face", "grin", "rock & roll"])
        #expect(keywords["☺️"] == ["face", "outlined"])
        #expect(keywords["<"] == ["less-than"])
        #expect(keywords["🎉"] == [])
    }

    @Test func `an annotation that does not end, and a file without any, are errors`() {
        let error = #expect(throws: EmojiDataError.self) {
            try EmojiKeywords(Array("<ldml>\n<annotation cp=\"😀\">face | gr".utf8))
        }
        #expect(error?.description == "line 2: the annotation of '😀' does not end on its line")
        #expect(throws: EmojiDataError.self) { try EmojiKeywords([]) }
    }
}

@Suite struct EmojiAssetTests {
    @Test func `the asset is compact, with further words and tones`() throws {
        let keywords = try EmojiKeywords(
            Array(
                """
                <annotation cp="😀">face | grin | Face</annotation>
                <annotation cp="👍">+1 | up</annotation>
                """.utf8))
        let list = try EmojiList(Array(sample.utf8))
        let asset = String(decoding: EmojiAsset.json(list, keywords: keywords), as: UTF8.self)
        #expect(asset.hasPrefix(#"{"groups":[{"name":"Smileys & Emotion","emoji":[["#))
        #expect(asset.contains(#"[["😀","grinning face","smiling grin"],["#))
        #expect(asset.contains(#"["☝️","index pointing up","hand fingers closed",1]"#))
        #expect(asset.contains(#"["👍","thumbs up","hand fingers closed +1"]"#))
        #expect(asset.contains(#"["🧑‍🤝‍🧑","people holding hands","family",["🧑🏻‍🤝‍🧑🏻","#))
    }

    @Test func `it is served like the other files, compressed and for ever, under a version of its own`() async throws {
        let folder = try Folder(["emoji-test.txt": sample])
        var sources = EmojiAsset.Sources()
        sources.list = folder.url.appendingPathComponent("emoji-test.txt").path
        let gateway = try await TestGateway(site: Site(sources, logger: Logger(label: "test")))
        let assets = gateway.gateway.site.assets
        #expect(try await TestGateway().gateway.site.assets.version != assets.version)
        try await gateway.test { browser in
            let answer = try await browser.send(
                .get, "/assets/\(assets.version)/\(EmojiAsset.path)", headers: [.acceptEncoding: "gzip"])
            #expect(answer.status == .ok)
            #expect(answer.headers[.contentType] == "application/json")
            #expect(answer.headers[.contentEncoding] == "gzip")
            #expect(answer.headers[.cacheControl] == "public, max-age=31536000, immutable")
            let plain = try await browser.get("/assets/\(assets.version)/\(EmojiAsset.path)")
            #expect(String(buffer: plain.body).contains("grinning face"))
        }
    }

    @Test func `without the file the asset is empty, and the log says once what to install`() throws {
        let lines = LogLines()
        let sources = EmojiAsset.Sources(list: "/nonexistent/emoji-test.txt", keywords: "/nonexistent/en.xml")
        #expect(String(decoding: EmojiAsset.make(sources, logger: lines.logger), as: UTF8.self) == #"{"groups":[]}"#)
        #expect(lines.all.count == 1)
        for part in ["notice", "/nonexistent/emoji-test.txt", "unicode-data", "emoji.file"] {
            #expect(lines.all.first?.contains(part) == true, "\(lines.all)")
        }
    }

    @Test func `a malformed file is logged with its line, and the gateway starts without it`() throws {
        let folder = try Folder(["list": "# group: A\nnonsense\n", "good": sample, "words": "none"])
        let lines = LogLines()
        func path(_ name: String) -> String { folder.url.appendingPathComponent(name).path }
        let none = EmojiAsset.make(.init(list: path("list"), keywords: nil), logger: lines.logger)
        #expect(String(decoding: none, as: UTF8.self) == #"{"groups":[]}"#)
        #expect(lines.all.count == 1)
        #expect(lines.all.last?.contains("line 2: there is no semicolon") == true, "\(lines.all)")
        let named = EmojiAsset.make(.init(list: path("good"), keywords: path("words")), logger: lines.logger)
        #expect(named == EmojiAsset.json(try EmojiList(Array(sample.utf8))))
        #expect(lines.all.last?.contains("there is no annotation in it") == true, "\(lines.all)")
    }
}

/// Collects what is logged.
private final class LogLines: Sendable {
    private let lines = Mutex<[String]>([])

    var all: [String] { lines.withLock { $0 } }

    var logger: Logger { Logger(label: "test") { _ in Handler(lines: self) } }

    private struct Handler: LogHandler {
        let lines: LogLines
        var metadata: Logger.Metadata = [:]
        var logLevel = Logger.Level.notice

        subscript(metadataKey key: String) -> Logger.Metadata.Value? {
            get { metadata[key] }
            set { metadata[key] = newValue }
        }

        func log(event: LogEvent) {
            lines.lines.withLock { $0.append("\(event.level): \(event.message) \(event.metadata ?? [:])") }
        }
    }
}
