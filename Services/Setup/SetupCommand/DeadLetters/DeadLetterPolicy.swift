/// What the setup asks of the broker for the dead-letter queues, beside what they are declared with.
enum DeadLetterPolicy {
    static let name = "dead-letters"
    /// A regular expression that fits their names.
    static let queues = #"(messages|users)\.dead-letters"#
    /// Whoever looks at a letter takes it and gives it back, which counts as a delivery. Brokers from version 4 on drop
    /// what was delivered 20 times, unless told otherwise; nobody looks this often. With a limit a queue also puts what it
    /// gets back into its old place.
    static let definition = ["delivery-limit": 1_000_000_000]
}
