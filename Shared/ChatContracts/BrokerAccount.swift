/// The names of the broker users, unless an installation has chosen others. The broker lets nobody publish in another
/// user's name, so a message's `user_id` says who sent it.
public enum BrokerAccount {
    public static let gateway = "gateway"
    public static let users = "users"
    public static let messages = "messages"
    /// Whoever looks after dead letters.
    public static let `operator` = "operator"

    /// Whose commands and queries services carry out: those of gateways, and what the operator sends on its way again.
    public static let askers: Set<String> = [gateway, `operator`]
    /// Whose replies and events gateways believe.
    public static let announcers: Set<String> = [gateway, users, messages]
}
