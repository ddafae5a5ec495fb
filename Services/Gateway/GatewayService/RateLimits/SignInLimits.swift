/// Bounds how often somebody may try to sign in or up.
///
/// Strangers share: by address, by network, and by the name that they try. Who has signed in to the account with this
/// browser before does not: that device has allowances that nobody else can use up, so that nobody is locked out of an
/// account because others guess its password or come from the same address.
struct SignInLimits: Sendable {
    private let byAddress: AddressBuckets
    private let byName: SignInThrottle
    private let byDevice: TokenBuckets<DeviceID>
    /// Devices are made by signing in, so all devices of one account together have a bound as well.
    private let byKnownName: TokenBuckets<String>
    private let failuresOfDevice: SignInThrottle

    private static let tooOften = "There were too many attempts to sign in or up."

    /// - Parameters:
    ///   - attempts: Of one address, and of one known device.
    ///   - networkAttempts: Of a network, and of all known devices of one account.
    ///   - firstDelay: After too many wrong passwords; see ``SignInThrottle``.
    init(attempts: Rate, networkAttempts: Rate, firstDelay: Duration) {
        byName = SignInThrottle(firstDelay: firstDelay)
        failuresOfDevice = SignInThrottle(firstDelay: firstDelay)
        byAddress = AddressBuckets(narrow: attempts, middle: networkAttempts, what: Self.tooOften)
        byDevice = TokenBuckets(rate: attempts)
        byKnownName = TokenBuckets(rate: networkAttempts)
    }

    /// An attempt that was admitted. One of the two has to be told how it ended, unless the password was wrong.
    struct Attempt: Sendable {
        fileprivate let throttle: SignInThrottle
        fileprivate let key: String

        /// The password was right.
        func succeeded() { throttle.succeeded(key) }
        /// The password was never checked.
        func abandoned() { throttle.abandoned(key) }
    }

    /// Admits a try to sign up; throws the 429 problem.
    func beginSignUp(from address: String) throws(Problem) { try byAddress.take(address) }

    /// Admits a try to sign in; throws the 429 problem.
    ///
    /// - Parameter device: The browser, if it has signed in to the account of this name before.
    func beginSignIn(
        _ name: String, device: DeviceID?, from address: String, now: ContinuousClock.Instant = .now
    ) throws(Problem) -> Attempt {
        guard let device else {
            try byAddress.take(address, now: now)
            try byName.begin(name, now: now)
            return Attempt(throttle: byName, key: name)
        }
        if let wait = byDevice.wait(device, now: now) ?? byKnownName.wait(SignInThrottle.key(name), now: now) {
            throw .tooManyRequests(after: wait, Self.tooOften)
        }
        try failuresOfDevice.begin(device.description, now: now)
        return Attempt(throttle: failuresOfDevice, key: device.description)
    }
}
