/// The channels of one live connection: whose each number is, and the way of the frames to their owners. Belongs to the
/// connection's thread.
final class ChannelTable {
    private var numbers: ChannelNumbers
    private var owners: [UInt16: any ChannelOwner] = [:]
    private var assemblers: [UInt16: FrameAssembler] = [:]
    private var abandoned: [UInt16: AbandonedChannel] = [:]

    init(maximum: UInt16) { numbers = ChannelNumbers(maximum: maximum) }

    /// When the first of the owners' answers is overdue.
    var deadline: ContinuousClock.Instant? { owners.values.lazy.compactMap(\.deadline).min() }

    /// - Returns: a number that nobody uses; nil when all are taken.
    func take() -> UInt16? { numbers.take() }

    /// Has `owner` get what comes on the channel from now on.
    func give(_ number: UInt16, to owner: any ChannelOwner) { owners[number] = owner }

    /// Takes back the number of a channel that is closed on both sides.
    func release(_ number: UInt16) {
        owners[number] = nil
        assemblers[number] = nil
        numbers.release(number)
    }

    /// Keeps the number out of use until the broker agrees that the channel is closed: until then it may still answer
    /// what was asked before.
    func abandon(_ channel: AbandonedChannel) {
        owners[channel.number] = nil
        abandoned[channel.number] = channel
    }

    /// Hands a frame of any channel but 0 on.
    func receive(
        _ frame: LibraryConnection.Frame, on channel: UInt16, at now: ContinuousClock.Instant
    ) throws(ProtocolViolation) {
        let assembled: FrameAssembler.Assembled?
        switch frame {
        case .method(let method):
            assembled = try assemblers[channel, default: FrameAssembler()].receive(method)
        case .header(let properties, let bodySize):
            assembled = try assemblers[channel, default: FrameAssembler()].receive(
                header: properties, bodySize: bodySize)
        case .body(let fragment):
            assembled = try assemblers[channel, default: FrameAssembler()].receive(body: fragment)
        }
        guard let assembled else { return }
        if let left = abandoned[channel] {
            left.receive(assembled)
            guard left.isClosed else { return }
            abandoned[channel] = nil
            release(channel)
        } else {
            try owners[channel]?.receive(assembled, at: now)
        }
    }

    /// The broker reads again after a pause.
    func postpone(to deadline: ContinuousClock.Instant) {
        for owner in owners.values { owner.postpone(to: deadline) }
    }
}

/// A channel whose `channel.close` the broker did not answer in time. All that comes on it is passed over until it does.
final class AbandonedChannel {
    let number: UInt16
    private let sink: any MethodSink
    /// Whether the broker has answered after all.
    private(set) var isClosed = false

    init(number: UInt16, sink: any MethodSink) {
        self.number = number
        self.sink = sink
    }

    func receive(_ assembled: FrameAssembler.Assembled) {
        switch assembled {
        case .method(.channelCloseOK): isClosed = true
        case .method(.channelClose): sink.write(.channelCloseOK, channel: number)
        default: break
        }
    }
}

/// Hands channel numbers out, the lowest free one first: the library keeps memory for every number ever used.
struct ChannelNumbers {
    private let maximum: UInt16
    private var next: UInt16 = 1
    private var free: Set<UInt16> = []

    init(maximum: UInt16) { self.maximum = maximum == 0 ? .max : maximum }

    mutating func take() -> UInt16? {
        if let number = free.min() {
            free.remove(number)
            return number
        }
        guard next <= maximum, next < .max else { return nil }
        defer { next += 1 }
        return next
    }

    mutating func release(_ number: UInt16) { free.insert(number) }
}
