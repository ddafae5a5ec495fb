/// One part of a reply that has several: what was asked for, or why this part is missing while the others are there.
/// In JSON an object with the one field `value` or `fault`.
public enum ReplyPart<Value: Codable & Sendable>: Codable, Sendable {
    case value(Value)
    case fault(Fault)

    private enum CodingKeys: String, CodingKey { case value, fault }

    public init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        if let fault = try container.decodeIfPresent(Fault.self, forKey: .fault) {
            self = .fault(fault)
        } else {
            self = .value(try container.decode(Value.self, forKey: .value))
        }
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        switch self {
        case .value(let value): try container.encode(value, forKey: .value)
        case .fault(let fault): try container.encode(fault, forKey: .fault)
        }
    }

    /// The value. Throws the fault if there is none.
    public func get() throws(Fault) -> Value {
        switch self {
        case .value(let value): return value
        case .fault(let fault): throw fault
        }
    }
}

extension ReplyPart: Equatable where Value: Equatable {}
extension ReplyPart: Hashable where Value: Hashable {}
