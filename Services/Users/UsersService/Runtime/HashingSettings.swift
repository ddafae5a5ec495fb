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
