/// A 128-bit identifier whose text form is 32 lowercase hexadecimal digits.
///
/// `Kind` only tells identifiers of different things apart at compile time; it is never instantiated.
/// Identifiers are random unless stated otherwise, and order as unsigned big-endian numbers.
public struct Identifier<Kind>: Sendable, Hashable, Comparable, LosslessStringConvertible, Codable {
    public let high: UInt64
    public let low: UInt64

    public init(high: UInt64, low: UInt64) {
        self.high = high
        self.low = low
    }

    /// A new identifier from the system's cryptographic random source.
    public static func random() -> Self {
        var source = SystemRandomNumberGenerator()
        return Self(high: source.next(), low: source.next())
    }

    /// Reads the text form. Uppercase digits, dashes and any other length are refused, so that one identifier has
    /// exactly one text.
    public init?(_ text: String) { self.init(hexadecimal: text.utf8) }

    /// Reads the text form from its ASCII bytes.
    @inlinable
    public init?(hexadecimal digits: some Sequence<UInt8>) {
        var halves: (high: UInt64, low: UInt64) = (0, 0)
        var count = 0
        for digit in digits {
            let value: UInt64
            switch digit {
            case UInt8(ascii: "0")...UInt8(ascii: "9"): value = UInt64(digit - UInt8(ascii: "0"))
            case UInt8(ascii: "a")...UInt8(ascii: "f"): value = UInt64(digit - UInt8(ascii: "a") + 10)
            default: return nil
            }
            if count < 16 {
                halves.high = halves.high << 4 | value
            } else {
                halves.low = halves.low << 4 | value
            }
            count += 1
        }
        guard count == 32 else { return nil }
        self.init(high: halves.high, low: halves.low)
    }

    /// Reads 16 bytes, most significant first; nil for any other count.
    @inlinable
    public init?(bytes: some Collection<UInt8>) {
        guard bytes.count == 16 else { return nil }
        var high: UInt64 = 0
        var low: UInt64 = 0
        for (index, byte) in bytes.enumerated() {
            if index < 8 {
                high = high << 8 | UInt64(byte)
            } else {
                low = low << 8 | UInt64(byte)
            }
        }
        self.init(high: high, low: low)
    }

    /// The 16 bytes, most significant first.
    public var bytes: [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(16)
        for shift in stride(from: UInt64(56), through: 0, by: -8) {
            bytes.append(UInt8(truncatingIfNeeded: high >> shift))
        }
        for shift in stride(from: UInt64(56), through: 0, by: -8) {
            bytes.append(UInt8(truncatingIfNeeded: low >> shift))
        }
        return bytes
    }

    public var description: String {
        var text: [UInt8] = []
        text.reserveCapacity(32)
        appendHexadecimal(to: &text)
        return String(decoding: text, as: UTF8.self)
    }

    /// Appends the 32 ASCII bytes of the text form.
    public func appendHexadecimal(to bytes: inout [UInt8]) {
        Self.append(high, to: &bytes)
        Self.append(low, to: &bytes)
    }

    private static func append(_ half: UInt64, to bytes: inout [UInt8]) {
        for shift in stride(from: UInt64(60), through: 0, by: -4) {
            let digit = UInt8(truncatingIfNeeded: half >> shift & 15)
            bytes.append(digit < 10 ? UInt8(ascii: "0") + digit : UInt8(ascii: "a") - 10 + digit)
        }
    }

    public static func < (left: Self, right: Self) -> Bool {
        (left.high, left.low) < (right.high, right.low)
    }

    public init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        guard let identifier = Self(try container.decode(String.self)) else {
            throw DecodingError.dataCorruptedError(
                in: container, debugDescription: "expected 32 lowercase hexadecimal digits")
        }
        self = identifier
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(description)
    }
}

/// Lets identifiers be the keys of a JSON object instead of an array of pairs.
extension Identifier: CodingKeyRepresentable {
    private struct Key: CodingKey {
        let stringValue: String
        var intValue: Int? { nil }
        init(stringValue: String) { self.stringValue = stringValue }
        init?(intValue: Int) { nil }
    }

    public var codingKey: any CodingKey { Key(stringValue: description) }

    public init?(codingKey: some CodingKey) {
        self.init(codingKey.stringValue)
    }
}

public enum UserKind {}
public enum ConversationKind {}
public enum ClientMessageKind {}
public enum InvitationKind {}

/// Identifies an account for ever; usernames and display names may change.
public typealias UserID = Identifier<UserKind>

/// Identifies a conversation. See ``Identifier/direct(_:_:)`` for the ones between two people.
public typealias ConversationID = Identifier<ConversationKind>

/// The secret in an invitation to a group: whoever has it may join.
public typealias InvitationToken = Identifier<InvitationKind>

/// Chosen at random by the sender's client, once for each message, and repeated with every retry of it.
public typealias ClientMessageID = Identifier<ClientMessageKind>
