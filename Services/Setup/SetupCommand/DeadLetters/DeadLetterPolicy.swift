/// The broker policy for the dead-letter queues, in addition to their declaration.
enum DeadLetterPolicy {
    static let name = "dead-letters"
    /// A regular expression that fits their names.
    static let queues = #"(messages|users)\.dead-letters"#
    /// Reading a letter consumes and requeues it, which counts as a delivery. Brokers from version 4 on drop what was
    /// delivered 20 times by default, so the limit is out of reach. With a limit a queue also puts requeued messages back
    /// in their old place.
    static let definition = ["delivery-limit": 1_000_000_000]
}
