/// Token buckets for an address and for the networks around it: whoever has many addresses has them in the same networks,
/// and those have allowances too. Wider networks have larger ones, because more people may share them.
///
/// IPv4 counts by address and /24; IPv6 by /64, which is the least that a customer gets, /56 and /48.
struct AddressBuckets: Sendable {
    private let narrow: TokenBuckets<NetworkPrefix>
    private let middle: TokenBuckets<NetworkPrefix>
    private let wide: TokenBuckets<NetworkPrefix>
    private let what: String

    /// - Parameters:
    ///   - narrow: Of one address, or one /64.
    ///   - middle: Of a /24 or /56; four times as much unless given.
    ///   - wide: Of a /48; four times as much as the /56 unless given.
    ///   - what: A sentence that says what there was too much of.
    init(narrow: Rate, middle: Rate? = nil, wide: Rate? = nil, what: String = Problem.tooManyRequestsText) {
        let middle = middle ?? narrow.times(4)
        self.narrow = TokenBuckets(rate: narrow)
        self.middle = TokenBuckets(rate: middle)
        self.wide = TokenBuckets(rate: wide ?? middle.times(4))
        self.what = what
    }

    /// Takes a token of the address and of its networks; throws the 429 problem if one of them has none.
    func take(_ address: String, now: ContinuousClock.Instant = .now) throws(Problem) {
        let prefixes = NetworkPrefix.around(address)
        for (buckets, prefix) in zip([narrow, middle, wide], prefixes) {
            if let wait = buckets.wait(prefix, now: now) { throw .tooManyRequests(after: wait, what) }
        }
    }
}

extension Rate {
    func times(_ factor: Double) -> Rate { Rate(perSecond: perSecond * factor, burst: burst * factor) }
}
