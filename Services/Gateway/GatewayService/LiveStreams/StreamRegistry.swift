import ChatContracts

/// The open streams of this gateway by user and by session, and whose turn it is for what happens regularly. Pure.
///
/// Regular work is spread over the seconds of a turn: each second one slot's streams get a sign of life and are
/// looked at for stalls, others' sessions are looked up, and digests of some users are asked for. So ten thousand
/// streams never do anything all at once.
struct StreamRegistry {
    /// Seconds between the signs of life of a stream.
    static let signSlots = 15
    /// Seconds between the digests of a user.
    static let digestInterval = 30
    /// Groups of users whose digests are asked for together.
    static let digestSlots = 6

    /// Seconds between two questions for a user's credential version; a multiple of ``digestSlots``.
    static let credentialSlots = 30

    struct Caps: Sendable {
        var perSession = 6
        var perUser = 20
    }

    private var byUser: [UserID: [LiveStream]] = [:]
    private var countBySession: [SessionKey: Int] = [:]
    private var slots: [[ObjectIdentifier: LiveStream]] = Array(repeating: [:], count: Self.signSlots)
    private var slotByStream: [ObjectIdentifier: Int] = [:]
    private var nextSlot = 0
    /// Who has a stream, by when their credential versions are asked for. A copy costs nothing until somebody comes or goes.
    private var usersBySlot: [Set<UserID>] = Array(repeating: [], count: Self.credentialSlots)

    var count: Int { slotByStream.count }
    var userCount: Int { byUser.count }

    /// Whether the session and the user may have another stream.
    func hasRoom(user: UserID, session: SessionKey, caps: Caps) -> Bool {
        countBySession[session, default: 0] < caps.perSession && byUser[user]?.count ?? 0 < caps.perUser
    }

    /// Answers whether the user has no other stream here; nil if there is no room.
    mutating func insert(_ stream: LiveStream, caps: Caps) -> Bool? {
        guard hasRoom(user: stream.user, session: stream.session, caps: caps) else { return nil }
        countBySession[stream.session, default: 0] += 1
        byUser[stream.user, default: []].append(stream)
        usersBySlot[Self.slot(of: stream.user)].insert(stream.user)
        slots[nextSlot][ObjectIdentifier(stream)] = stream
        slotByStream[ObjectIdentifier(stream)] = nextSlot
        nextSlot = (nextSlot + 1) % Self.signSlots
        return byUser[stream.user]?.count == 1
    }

    /// Answers whether it was the user's last stream here.
    mutating func remove(_ stream: LiveStream) -> Bool {
        guard let slot = slotByStream.removeValue(forKey: ObjectIdentifier(stream)) else { return false }
        slots[slot][ObjectIdentifier(stream)] = nil
        if let count = countBySession[stream.session], count > 1 {
            countBySession[stream.session] = count - 1
        } else {
            countBySession[stream.session] = nil
        }
        var streams = byUser[stream.user] ?? []
        streams.removeAll { $0 === stream }
        byUser[stream.user] = streams.isEmpty ? nil : streams
        if streams.isEmpty { usersBySlot[Self.slot(of: stream.user)].remove(stream.user) }
        return streams.isEmpty
    }

    func streams(of user: UserID) -> [LiveStream] { byUser[user] ?? [] }

    func hasUser(_ user: UserID) -> Bool { byUser[user] != nil }

    func streams(ofSessions keys: Set<SessionKey>) -> [LiveStream] {
        guard keys.contains(where: { countBySession[$0] != nil }) else { return [] }
        return all.filter { keys.contains($0.session) }
    }

    func streams(inSignSlot slot: Int) -> [LiveStream] { Array(slots[slot].values) }

    /// The users of a slot, in groups: nobody has to go through them while the registry is locked.
    func users(inDigestSlot slot: Int) -> [Set<UserID>] {
        stride(from: slot, to: Self.credentialSlots, by: Self.digestSlots).map { usersBySlot[$0] }
    }

    func users(inCredentialSlot slot: Int) -> [Set<UserID>] { [usersBySlot[slot]] }

    /// Everybody, in groups.
    var users: [Set<UserID>] { usersBySlot }

    private static func slot(of user: UserID) -> Int { Int(user.low % UInt64(credentialSlots)) }

    var all: [LiveStream] { slots.flatMap(\.values) }
}
