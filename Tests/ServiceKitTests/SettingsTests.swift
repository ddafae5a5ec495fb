import Foundation
import Logging
import MartletVersion
import Testing

@testable import ServiceKit

private enum Sample {
    static let size = Setting("sample.pageSize", "Items in one page", default: 50, in: 1...200, unit: "items")
    static let name = Setting("sample.name", "What it is called", default: "none")
    static let wait = Setting<Duration>("sample.wait", "Time to wait", default: .seconds(5), in: .zero...(.seconds(60)))
    static let buffer = Setting(
        "sample.buffer", "Bytes to keep", default: ByteCount.kibibytes(64),
        in: ByteCount(bytes: 1)...ByteCount.mebibytes(16))
    static let hosts = Setting("sample.hosts", "Places to go", default: [Endpoint(host: "localhost", port: 1)])
    static let fast = Setting("sample.fast", "Whether to hurry", default: false)
    static let secret = Setting<String?>.optional("sample.secret", "The word", secret: true)
    static let must = Setting<String>.required("sample.must", "What nobody can guess")
    static let owner = Setting(
        "sample.owner", "Who owns it", defaultText: "the service's name", fromServiceName: { $0 })

    static let all: [any DeclaredSetting] =
        [size, name, wait, buffer, hosts, fast, secret, must, owner] + RuntimeSettings.all
}

private func reader(
    _ arguments: [String] = [], _ environment: [String: String] = [:]
) throws(SettingsError) -> SettingsReader {
    try SettingsReader(service: "sample", settings: Sample.all, arguments: arguments, environment: environment)
}

private func problem(_ read: () throws(SettingsError) -> Void) -> String {
    do throws(SettingsError) {
        try read()
        return "none"
    } catch {
        return error.description
    }
}

@discardableResult
private func withFile<Result>(_ contents: String, _ body: (String) throws -> Result) throws -> Result {
    let path = NSTemporaryDirectory() + "/martlet-settings-" + UUID().uuidString
    try contents.write(toFile: path, atomically: true, encoding: .utf8)
    defer { try? FileManager.default.removeItem(atPath: path) }
    return try body(path)
}

@Suite("Settings")
struct SettingsTests {
    @Test func `A flag wins over the environment, that over the file, and that over the default`() throws {
        try withFile(#"{"sample": {"pageSize": 30, "name": "file"}}"#) { (path: String) throws in
            let environment = ["MARTLET_SAMPLE_PAGE_SIZE": "20", "MARTLET_CONFIG_FILE": path]
            #expect(try reader(["--sample-page-size", "10"], environment).value(Sample.size) == 10)
            #expect(try reader([], environment).value(Sample.size) == 20)
            #expect(try reader(["--config-file=\(path)"]).value(Sample.size) == 30)
            #expect(try reader([], environment).value(Sample.name) == "file")
            #expect(try reader().value(Sample.size) == 50)
        }
    }

    @Test(arguments: [["--sample-wait=250ms", "--sample-buffer=1MiB"]])
    func `Values of each type are read from text`(arguments: [String]) throws {
        let settings = try reader(arguments + ["--sample-hosts", "one:1,[::1]:2, three", "--sample-name=a,b,,c"])
        #expect(try settings.value(Sample.wait) == .milliseconds(250))
        #expect(try settings.value(Sample.buffer) == .mebibytes(1))
        #expect(
            try settings.value(Sample.hosts) == [
                Endpoint(host: "one", port: 1), Endpoint(host: "::1", port: 2), Endpoint(host: "three"),
            ])
        #expect(try settings.value(Sample.name) == "a,b,,c")
        #expect(try settings.value(Sample.owner) == "sample")
    }

    @Test func `The file's own types become the setting's`() throws {
        let json = """
            {"sample": {"pageSize": 7, "fast": true, "wait": "40s", "hosts": ["a:1", "b:2"], "must": "x"}}
            """
        try withFile(json) { (path: String) throws in
            let settings = try reader(["--config-file", path])
            #expect(try settings.value(Sample.size) == 7)
            #expect(try settings.value(Sample.fast))
            #expect(try settings.value(Sample.wait) == .seconds(40))
            #expect(try settings.value(Sample.hosts).count == 2)
            try settings.check(Sample.all)
        }
    }

    @Test func `A truth value's flag may stand alone or have a value`() throws {
        #expect(try reader(["--sample-fast"]).value(Sample.fast))
        #expect(try reader(["--sample-fast", "--sample-page-size=1"]).value(Sample.fast))
        #expect(try !reader(["--sample-fast", "false"]).value(Sample.fast))
        #expect(try reader([], ["MARTLET_SAMPLE_FAST": "yes"]).value(Sample.fast))
    }

    @Test func `A wrong value is an error that names the place, the value and what is allowed`() throws {
        #expect(
            problem { () throws(SettingsError) in _ = try reader(["--sample-page-size=0"]).value(Sample.size) }
                == "--sample-page-size: '0' is not allowed: expected whole number, 1 to 200 (items)")
        #expect(
            problem { () throws(SettingsError) in _ = try reader([], ["MARTLET_SAMPLE_WAIT": "5"]).value(Sample.wait) }
                == "MARTLET_SAMPLE_WAIT: '5' is not allowed: expected duration such as 250ms, 5s or 10m, 0s to 1m")
        try withFile(#"{"sample": {"pageSize": "many"}}"#) { (path: String) throws in
            #expect(
                problem { () throws(SettingsError) in
                    _ = try reader(["--config-file", path]).value(Sample.size)
                } == "sample.pageSize in \(path): 'many' is not allowed: expected whole number, 1 to 200 (items)")
        }
    }

    @Test func `A wrong value is not replaced by a right one from further down`() {
        #expect(throws: SettingsError.self) {
            try reader(["--sample-page-size=x"], ["MARTLET_SAMPLE_PAGE_SIZE": "10"]).value(Sample.size)
        }
    }

    @Test func `All mistakes are told together`() throws {
        let settings = try reader(["--sample-page-size=x", "--sample-wait=y"])
        let text = problem { () throws(SettingsError) in try settings.check(Sample.all) }
        #expect(text.split(separator: "\n").count == 3)
        #expect(text.contains("sample.must is not set: give --sample-must or MARTLET_SAMPLE_MUST"))
    }

    @Test func `An empty environment variable counts as not given`() throws {
        #expect(try reader([], ["MARTLET_SAMPLE_NAME": ""]).value(Sample.name) == "none")
    }

    @Test(arguments: [
        (["--sample-page-sise=1"], "did you mean --sample-page-size?"),
        (["--quite-another-thing", "5"], "unknown flag --quite-another-thing (--help lists every flag)"),
        (["stray"], "unexpected argument 'stray'"),
        (["--sample-name"], "--sample-name needs a value: text"),
        (["--sample-name=a", "--sample-name=b"], "--sample-name is given more than once"),
    ])
    func `Unknown flags, stray arguments, missing values and repetitions are refused`(
        arguments: [String], expected: String
    ) {
        let text = problem { () throws(SettingsError) in _ = try reader(arguments) }
        #expect(text.contains(expected))
        #expect(!text.contains("\n"))
    }

    @Test func `Variables with the project's prefix that are no settings are told by name`() throws {
        let environment = [
            "MARTLET_SAMPLE_NAME": "x", "MARTLET_SAMPLE_SECRET_FILE": "x", "MARTLET_SAMPLE_NMAE": "y", "PATH": "z",
        ]
        #expect(try reader([], environment).unknownVariables == ["MARTLET_SAMPLE_NMAE"])
    }

    @Test func `A secret can be given as a file, whose last line break does not count`() throws {
        try withFile("open sesame\n") { (path: String) throws in
            #expect(try reader(["--sample-secret-file", path]).value(Sample.secret) == "open sesame")
            #expect(try reader([], ["MARTLET_SAMPLE_SECRET_FILE": path]).value(Sample.secret) == "open sesame")
            #expect(
                try reader(["--sample-secret=direct"], ["MARTLET_SAMPLE_SECRET_FILE": path]).value(Sample.secret)
                    == "direct")
            #expect(throws: SettingsError.self) {
                try reader(["--sample-secret=direct", "--sample-secret-file", path]).value(Sample.secret)
            }
        }
        #expect(try reader().value(Sample.secret) == nil)
    }

    @Test func `Missing and empty secret files are refused with their names`() throws {
        let missing = problem { () throws(SettingsError) in
            _ = try reader(["--sample-secret-file=/nowhere/at/all"]).value(Sample.secret)
        }
        #expect(missing.hasPrefix("--sample-secret-file: cannot read the file /nowhere/at/all"))
        try withFile("\n") { (path: String) throws in
            #expect(throws: SettingsError.self) {
                try reader(["--sample-secret-file", path]).value(Sample.secret)
            }
        }
    }

    @Test func `Only secrets have a flag for a file`() {
        #expect(throws: SettingsError.self) { try reader(["--sample-name-file=/tmp/x"]) }
    }

    @Test func `The value of a secret is in no error`() throws {
        let number = Setting<Int?>.optional("sample.pin", "The number", secret: true)
        let settings = try SettingsReader(
            service: "sample", settings: [number] + RuntimeSettings.all, arguments: ["--sample-pin=hush"])
        let text = problem { () throws(SettingsError) in _ = try settings.value(number) }
        #expect(text.contains("--sample-pin: the value is not allowed"))
        #expect(!text.contains("hush"))
    }

    @Test func `A file that is missing or not JSON is refused with its name`() throws {
        #expect(
            problem { () throws(SettingsError) in _ = try reader(["--config-file=/nowhere.json"]) }
                .contains("cannot read the file /nowhere.json"))
        try withFile("{ not json") { (path: String) throws in
            #expect(
                problem { () throws(SettingsError) in _ = try reader(["--config-file", path]) }
                    .contains("\(path) is not a JSON object"))
        }
    }
}

@Suite("Text forms of settings")
struct SettingTextTests {
    @Test(arguments: [
        ("250ms", Duration.milliseconds(250), "250ms"), ("5s", .seconds(5), "5s"), ("120s", .seconds(120), "2m"),
        ("0", .zero, "0s"), ("24h", .seconds(86_400), "24h"), ("30d", .seconds(2_592_000), "30d"),
        ("7us", .microseconds(7), "7us"),
    ])
    func `Durations are read and written`(text: String, duration: Duration, written: String) {
        #expect(Duration(settingText: text) == duration)
        #expect(duration.settingText == written)
        #expect(Duration(settingText: written) == duration)
    }

    @Test(arguments: ["", "5", "s", "-5s", "5 s", "1.5s", "99999999999999d", "٥s"])
    func `What is not a duration is refused`(text: String) {
        #expect(Duration(settingText: text) == nil)
    }

    @Test(arguments: [
        ("512", 512, "512B"), ("64KiB", 65_536, "64KiB"), ("16MiB", 16_777_216, "16MiB"), ("0B", 0, "0B"),
    ])
    func `Sizes are read and written`(text: String, bytes: Int, written: String) {
        #expect(ByteCount(settingText: text)?.bytes == bytes)
        #expect(ByteCount(bytes: bytes).settingText == written)
    }

    @Test(arguments: ["", "KiB", "5kb", "-1", "9999999999GiB"])
    func `What is not a size is refused`(text: String) {
        #expect(ByteCount(settingText: text) == nil)
    }

    @Test(arguments: ["", ":5", "a:", "a:0", "a:65536", "::1:5", "a b:1", "[::1", "u@h:1"])
    func `What is not an endpoint is refused`(text: String) {
        #expect(Endpoint(settingText: text) == nil)
    }
}

@Suite("Settings of the broker and the database")
struct SharedSettingsTests {
    private func reader(_ arguments: [String]) throws -> SettingsReader {
        try SettingsReader(
            service: "users", settings: BusSettings.all + DatabaseSettings.all + RuntimeSettings.all,
            arguments: arguments)
    }

    @Test func `The broker's usual port depends on TLS`() throws {
        let clear = try BusSettings(try reader(["--broker-password=x", "--broker-hosts=a,b:1"]))
        #expect(clear.hosts == [Endpoint(host: "a", port: 5_672), Endpoint(host: "b", port: 1)])
        #expect(clear.username == "users")
        #expect(clear.tls == nil)
        let safe = try BusSettings(try reader(["--broker-password=x", "--broker-tls-ca-file=/ca.pem"]))
        #expect(safe.hosts == [Endpoint(host: "127.0.0.1", port: 5_671)])
        #expect(safe.tls == TLSFiles(caFile: "/ca.pem"))
    }

    @Test(arguments: [
        ["--broker-tls-key-file=/k.pem"], ["--broker-tls-ca-file=/c", "--broker-tls-certificate-file=/c"],
        ["--broker-hosts=,"],
    ])
    func `Settings that do not fit together are refused`(arguments: [String]) {
        #expect(throws: SettingsError.self) { try BusSettings(try reader(["--broker-password=x"] + arguments)) }
    }

    @Test func `A broker without a password is refused, because no service should run as a guest`() {
        #expect(throws: SettingsError.self) { try BusSettings(try reader([])) }
    }

    @Test func `The database's connection string is made from hosts and replica set`() throws {
        let database = try DatabaseSettings(
            try reader(["--database-hosts=a,b:1", "--database-replica-set=rs", "--database-password=x"]))
        #expect(database.uri == "mongodb://a:27017,b:1/?replicaSet=rs")
        #expect(database.name == "users")
        #expect(database.username == "users")
        #expect(database.authSource == "users")
        #expect(try DatabaseSettings(try reader([])).username == nil)
    }

    @Test(arguments: [
        ["--database-uri=mongodb://u:hush@h/"], ["--database-uri=http://h"],
        ["--database-uri=mongodb://h", "--database-hosts=a"], ["--database-user=u"],
        ["--database-tls-certificate-key-file=/x"], ["--database-replica-set=a&b"],
    ])
    func `A connection string with credentials, or beside hosts, is refused`(arguments: [String]) {
        let error = #expect(throws: SettingsError.self) { try DatabaseSettings(try reader(arguments)) }
        #expect(error?.description.contains("hush") == false)
    }
}

@Suite("Texts about settings")
struct SettingsDocumentTests {
    @Test func `Help tells of every setting its flag, type, unit, default and environment variable`() {
        let help = SettingsDocument.help(service: "sample", summary: "an example", settings: Sample.all)
        for setting in Sample.all {
            #expect(help.contains(SettingName(setting.declaration.key).flag + " <\(setting.declaration.type)>"))
            #expect(help.contains(SettingName(setting.declaration.key).environmentVariable))
        }
        #expect(
            help.contains(
                """
                  --sample-page-size <whole number>
                      Items in one page, in items.
                      Environment: MARTLET_SAMPLE_PAGE_SIZE; allowed: 1 to 200; default: 50.
                """))
        #expect(help.contains("--sample-secret-file"))
    }

    @Test func `The Markdown table has a row for each setting`() {
        let table = SettingsDocument.markdownTable([Sample.size, Sample.secret, Sample.must])
        let rows = table.split(separator: "\n")
        #expect(rows.count == 5)
        #expect(
            rows[2]
                == "| `sample.pageSize` | Items in one page | whole number, 1 to 200 (items) | `50` | `MARTLET_SAMPLE_PAGE_SIZE` |"
        )
        #expect(rows[3].contains("a file named by `MARTLET_SAMPLE_SECRET_FILE`"))
        #expect(rows[4].contains("| required |"))
    }

    @Test func `The project's documentation of the shared settings is up to date`() throws {
        let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        let text = try String(contentsOf: root.appendingPathComponent("docs/settings.md"), encoding: .utf8)
        for settings in [RuntimeSettings.all, BusSettings.all, DatabaseSettings.all] {
            let table = SettingsDocument.markdownTable(settings)
            #expect(text.contains(table), "docs/settings.md should contain:\n\(table)")
        }
    }

    @Test func `A launch prints help and tables without needing any setting, and refuses with the exit code that fits`()
        throws
    {
        func prepare(_ arguments: [String], _ environment: [String: String] = [:]) -> ServiceLaunch.Outcome {
            ServiceLaunch(
                name: "sample", summary: "an example", settings: [Sample.must] + BusSettings.all, arguments: arguments,
                environment: environment
            ).prepare()
        }
        guard case .printed(let help) = prepare(["--help"]),
            case .printed(let table) = prepare(["--print-settings-markdown"]),
            case .printed(let version) = prepare(["--version"])
        else {
            Issue.record("not all were printed")
            return
        }
        #expect(help.hasPrefix("martlet-sample: an example"))
        #expect(table == SettingsDocument.markdownTable([Sample.must]))
        #expect(version == "martlet-sample \(martletVersion)\n")
        guard case .refused(.usage, let unknown) = prepare(["--nope"]) else {
            Issue.record("an unknown flag was taken")
            return
        }
        #expect(unknown.count == 1)
        guard case .refused(.configuration, let missing) = prepare([]) else {
            Issue.record("required settings were missing and nobody minded")
            return
        }
        #expect(missing.count == 2)
        let environment = ["MARTLET_SAMPLE_MUST": "x", "MARTLET_BROKER_PASSWORD": "x", "MARTLET_LOG_FORMAT": "text"]
        guard case .ready(_, let logging) = prepare(["--log-level=debug"], environment) else {
            Issue.record("right settings were refused")
            return
        }
        #expect(logging.level == .debug)
        #expect(logging.form == .text)
    }
}
