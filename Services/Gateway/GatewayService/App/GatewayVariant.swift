/// What another build may put around the parts of the gateway; nothing in every build that ships.
struct GatewayVariant: Sendable {
    /// How streams learn how far conversations have come.
    var recentHeads: @Sendable (@escaping LiveStreams.RecentHeadsQuery) -> LiveStreams.RecentHeadsQuery = { $0 }
    /// How streams learn which sessions go on.
    var existingSessions: @Sendable (@escaping SessionWatch.LookUp) -> SessionWatch.LookUp = { $0 }
    /// How other gateways are told that sessions ended.
    var publish: @Sendable (@escaping Sessions.Publish) -> Sessions.Publish = { $0 }
    /// How a gateway learns who is in a group.
    var groupMembers: @Sendable (@escaping GroupDelivery.LookUp) -> GroupDelivery.LookUp = { $0 }
    /// What happens after events were missed.
    var onMissedEvents: @Sendable (@escaping @Sendable () -> Void) -> @Sendable () -> Void = { $0 }
}
