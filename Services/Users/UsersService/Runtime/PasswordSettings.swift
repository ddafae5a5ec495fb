import ChatContracts
import PasswordHashing
import ServiceKit

extension PasswordHasher.Configuration {
    init(_ settings: SettingsReader) throws(SettingsError) {
        let threads = try settings.value(UsersSettings.hashingThreads)
        let memory = UInt32(try settings.value(UsersSettings.hashingMemory).bytes >> 10)
        let iterations = UInt32(try settings.value(UsersSettings.hashingIterations))
        let timeout = try settings.value(UsersSettings.hashingTimeout)
        self.init(
            parameters: HashingParameters(memory: memory, iterations: iterations),
            threads: threads == 0 ? nil : threads, timeout: timeout)
        waiting = self.threads * (try settings.value(UsersSettings.hashingWaiting))
    }
}

extension PasswordPrivateKeys {
    init(_ settings: SettingsReader) throws(SettingsError) {
        let text = try settings.value(UsersSettings.privateKeys)
        do throws(PasswordKeyError) {
            try self.init(text)
        } catch {
            throw SettingsError("passwords.privateKeys: \(error); make it with `martlet-setup secrets`")
        }
    }
}
