/// One line of a run's history: who saw what, and when.
///
/// As JSON a record is one flat object: `at`, `process`, `kind` and the fields of that kind (see ``Event``).
///
/// ```
/// {"at":1203948812,"attempt":1,"conversation":"5e…","gateway":"gateway-1","hash":"a1…","id":"c0…","kind":"send.invoke","op":17,…}
/// ```
public struct Record: Sendable, Hashable {
    /// Nanoseconds since the run began, by one clock that never goes back and that no fault touches.
    public var at: Int64
    /// Who saw it. A tab is `person.number`, such as `ada.1`; everything else has a plain name, such as `nemesis`.
    public var process: String
    public var event: Event

    public init(at: Int64, process: String, event: Event) {
        self.at = at
        self.process = process
        self.event = event
    }
}

extension Record: Codable {
    private enum Key: String, CodingKey {
        case at, process, kind
    }

    public init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: Key.self)
        at = try container.decode(Int64.self, forKey: .at)
        process = try container.decode(String.self, forKey: .process)
        event = try Event(kind: container.decode(Event.Kind.self, forKey: .kind), from: decoder)
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: Key.self)
        try container.encode(at, forKey: .at)
        try container.encode(process, forKey: .process)
        try container.encode(event.kind, forKey: .kind)
        try event.fields.encode(to: encoder)
    }
}
