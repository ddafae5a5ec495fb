import ChatContracts
import ServiceKit
import Testing

@testable import GatewayService

@Suite struct GatewayConfigurationTests {
    private func configuration(_ flags: [String]) throws -> GatewayConfiguration {
        try GatewayConfiguration(
            try SettingsReader(
                service: "gateway", settings: GatewaySettings.all, arguments: flags,
                environment: ["MARTLET_PASSWORDS_PUBLIC_KEY": try Self.key]))
    }

    private static var key: String {
        get throws { try PasswordPrivateKeys(PasswordPrivateKeys.randomKey()).currentPublicKey.description }
    }

    @Test func `without a key for passwords, or with a malformed one, nothing starts, and the message says what to do`()
    {
        for environment in [[:], ["MARTLET_PASSWORDS_PUBLIC_KEY": "aGVsbG8="]] {
            let error = #expect(throws: SettingsError.self) {
                try GatewayConfiguration(
                    try SettingsReader(service: "gateway", settings: GatewaySettings.all, environment: environment))
            }
            let text = error?.description ?? ""
            #expect(text.contains("passwords.publicKey"))
            #expect(!text.contains("aGVsbG8="))
            #expect(environment.isEmpty || text.contains("martlet-setup secrets"))
        }
    }

    @Test func `limits can be raised for load tests`() throws {
        let configuration = try configuration([
            "--limits-sends-per-second", "100000", "--limits-send-burst", "200000", "--limits-attempts-per-minute",
            "100000", "--limits-streams-per-user", "1000",
        ])
        #expect(configuration.sendRate == Rate(perSecond: 100_000, burst: 200_000))
        #expect(configuration.attemptRate.burst == 100_000)
        #expect(configuration.streams.caps.perUser == 1_000)
    }

    @Test func `what makes no sense is refused`() {
        for flags in [
            ["--http-origins", "chat.example.org"], ["--http-origins", "https://chat.example.org/"],
            ["--http-trusted-proxies", "everybody"], ["--http-port", "70000"], ["--http-maximum-in-flight", "0"],
        ] {
            #expect(throws: SettingsError.self, "\(flags)") { try configuration(flags) }
        }
    }
}
