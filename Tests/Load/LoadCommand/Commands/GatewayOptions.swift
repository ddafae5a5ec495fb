import ArgumentParser
import Foundation

/// What every command that uses a running stack takes.
struct GatewayOptions: ParsableArguments {
    @Option(help: "The gateway's address.")
    var gateway = "http://127.0.0.1:8080"

    @Option(
        help: "The folder of the stack, for the processes' CPU and memory; .martlet/stack unless given.",
        transform: { URL(filePath: $0) })
    var stack: URL?

    @Option(help: "Writes the result to this file as JSON.", transform: { URL(filePath: $0) })
    var json: URL?

    func write(_ report: some Encodable) throws {
        guard let json else { return }
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys]
        try encoder.encode(report).write(to: json)
    }
}

/// How long, and how much at once.
struct TrafficOptions: ParsableArguments {
    @Option(help: "People, all on a live stream; each two of them have a conversation.")
    var users: Int?

    @Option(help: "Seconds that are measured.")
    var seconds = 10.0

    @Option(help: "Seconds before that.")
    var warmup = 2.0

    @Option(help: "Bytes of a message's text.")
    var bytes = 100

    func validate() throws {
        if let users, users < 2 || users > 100_000 { throw ValidationError("--users: 2 to 100000") }
        guard seconds >= 1, warmup >= 0 else { throw ValidationError("--seconds: at least 1") }
        guard (1...4_000).contains(bytes) else { throw ValidationError("--bytes: 1 to 4000") }
    }
}
