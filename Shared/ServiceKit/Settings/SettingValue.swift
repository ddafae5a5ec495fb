/// A type that a setting can have: one text form that people write, and back.
public protocol SettingValue: Sendable {
    /// What people are to write, in words: "duration such as 5s".
    static var settingType: String { get }

    /// Reads the text form; nil if it is not one.
    init?(settingText text: String)

    /// The text form, such that reading it gives the value again.
    var settingText: String { get }
}

extension String: SettingValue {
    public static var settingType: String { "text" }
    public init?(settingText text: String) { self = text }
    public var settingText: String { self }
}

extension Int: SettingValue {
    public static var settingType: String { "whole number" }
    public init?(settingText text: String) { self.init(text) }
    public var settingText: String { description }
}

extension Double: SettingValue {
    public static var settingType: String { "number" }

    public init?(settingText text: String) {
        guard let value = Double(text), value.isFinite else { return nil }
        self = value
    }

    public var settingText: String { Int(exactly: self)?.description ?? description }
}

extension Bool: SettingValue {
    public static var settingType: String { "true or false" }

    public init?(settingText text: String) {
        switch text.lowercased() {
        case "true", "yes", "on", "1": self = true
        case "false", "no", "off", "0": self = false
        default: return nil
        }
    }

    public var settingText: String { description }
}

/// A list is written with commas between its items, or as an array in the file.
extension Array: SettingValue where Element: SettingValue {
    public static var settingType: String { "list of \(Element.settingType), with commas" }

    public init?(settingText text: String) {
        self = []
        for item in text.split(separator: ",") {
            guard let element = Element(settingText: String(item.trimmingSpaces)) else { return nil }
            append(element)
        }
    }

    public var settingText: String { map(\.settingText).joined(separator: ",") }
}

/// A choice of words: an enumeration of strings only has to name the protocol.
extension SettingValue where Self: CaseIterable & RawRepresentable, RawValue == String {
    public static var settingType: String { "one of " + allCases.map(\.rawValue).joined(separator: ", ") }
    public init?(settingText text: String) { self.init(rawValue: text.lowercased()) }
    public var settingText: String { rawValue }
}

extension StringProtocol {
    var trimmingSpaces: SubSequence {
        var rest = self[...]
        while let first = rest.first, first.isWhitespace { rest.removeFirst() }
        while let last = rest.last, last.isWhitespace { rest.removeLast() }
        return rest
    }
}
