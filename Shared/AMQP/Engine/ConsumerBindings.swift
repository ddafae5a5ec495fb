/// The bindings that a consumer's queue shall have: made with every subscription, in the order of their wishes.
struct ConsumerBindings {
    /// The queue's name now.
    var queue: String
    private var bindings: [BindingChange.Binding] = []

    init(queue: String) { self.queue = queue }

    /// What makes all of them.
    var declarations: [AMQPDeclaration] { bindings.map(declaration(of:)) }

    mutating func note(_ change: BindingChange) {
        let changed = Set(change.bindings)
        bindings.removeAll { changed.contains($0) }
        if change.isAddition { bindings.append(contentsOf: change.bindings) }
    }

    /// Forgets bindings that the broker refused: they would make every later subscription fail.
    mutating func forget(_ refused: [BindingChange.Binding]) {
        let refused = Set(refused)
        bindings.removeAll { refused.contains($0) }
    }

    /// What makes a change now.
    func request(for change: BindingChange) -> ControlRequest {
        let methods: [OutgoingMethod] = change.bindings.map { binding in
            change.isAddition
                ? .declare(declaration(of: binding))
                : .queueUnbind(queue: queue, exchange: binding.exchange, routingKey: binding.key)
        }
        return ControlRequest(methods: methods, operation: change.operation, isCounted: change.isCounted)
    }

    private func declaration(of binding: BindingChange.Binding) -> AMQPDeclaration {
        .binding(queue: queue, exchange: binding.exchange, routingKey: binding.key)
    }
}
