/// One setting of a service: its meaning, the allowed values and the default.
///
/// A setting is declared once, as a static constant, and both the reading of it and every text about it (help, tables,
/// error messages) come from that declaration:
///
/// ```swift
/// enum UsersSettings {
///     static let pageSize = Setting("users.pageSize", "Accounts in one page", default: 50, in: 1...200)
///     static let all: [any DeclaredSetting] = [pageSize] + DatabaseSettings.all
/// }
/// ```
///
/// The key `users.pageSize` gives the flag `--users-page-size`, the environment variable `MARTLET_USERS_PAGE_SIZE` and
/// the place `{"users": {"pageSize": 50}}` in the file.
public struct Setting<Value: Sendable>: DeclaredSetting {
    public let declaration: SettingDeclaration
    let fallback: Fallback
    let parse: @Sendable (String) -> Value?

    enum Fallback: Sendable {
        case none
        case value(Value)
        /// Depends on the name of the service that reads it.
        case service(@Sendable (String) -> Value)
    }

    /// Full control, for values with a text form that no ``SettingValue`` has.
    ///
    /// - Parameters:
    ///   - type: What people are to write, in words.
    ///   - defaultText: How the default is written; shown in help and tables.
    ///   - parse: Nil for a text that is not allowed.
    init(
        key: String, summary: String, type: String, unit: String?, allowed: String?, secret: Bool, fallback: Fallback,
        defaultText: String?, parse: @escaping @Sendable (String) -> Value?
    ) {
        let isRequired = if case .none = fallback { true } else { false }
        self.declaration = SettingDeclaration(
            key: key, summary: summary, type: type, unit: unit, allowed: allowed, defaultText: defaultText,
            isSecret: secret, isRequired: isRequired, takesBareFlag: Value.self == Bool.self)
        self.fallback = fallback
        self.parse = parse
    }

    public func check(in settings: SettingsReader) throws(SettingsError) {
        _ = try settings.value(self)
    }
}

extension Setting where Value: SettingValue {
    /// A setting with a default.
    public init(_ key: String, _ summary: String, default value: Value, unit: String? = nil) {
        self.init(
            key: key, summary: summary, type: Value.settingType, unit: unit, allowed: nil, secret: false,
            fallback: .value(value), defaultText: value.settingText, parse: { Value(settingText: $0) })
    }

    /// A setting whose default is made from the service's name, described by `defaultText`.
    public init(
        _ key: String, _ summary: String, defaultText: String,
        fromServiceName make: @escaping @Sendable (String) -> Value
    ) {
        self.init(
            key: key, summary: summary, type: Value.settingType, unit: nil, allowed: nil, secret: false,
            fallback: .service(make), defaultText: defaultText, parse: { Value(settingText: $0) })
    }

    /// A setting without which the service does not start.
    public static func required(_ key: String, _ summary: String, unit: String? = nil, secret: Bool = false) -> Self {
        Self(
            key: key, summary: summary, type: Value.settingType, unit: unit, allowed: nil, secret: secret,
            fallback: .none, defaultText: nil, parse: { Value(settingText: $0) })
    }
}

extension Setting where Value: SettingValue & Comparable {
    /// A setting with a default and bounds.
    public init(
        _ key: String, _ summary: String, default value: Value, in range: ClosedRange<Value>, unit: String? = nil
    ) {
        self.init(
            key: key, summary: summary, type: Value.settingType, unit: unit,
            allowed: "\(range.lowerBound.settingText) to \(range.upperBound.settingText)", secret: false,
            fallback: .value(value), defaultText: value.settingText,
            parse: { text in Value(settingText: text).flatMap { range.contains($0) ? $0 : nil } })
    }
}

extension Setting {
    /// A setting that may stay unset. A secret one can also be given as a file: `<key>File`.
    public static func optional<Wrapped: SettingValue>(
        _ key: String, _ summary: String, secret: Bool = false
    ) -> Self where Value == Wrapped? {
        Self(
            key: key, summary: summary, type: Wrapped.settingType, unit: nil, allowed: nil, secret: secret,
            fallback: .value(nil), defaultText: nil,
            parse: { text in Wrapped(settingText: text).map { .some($0) } })
    }
}

/// A ``Setting`` of any type, as lists of settings hold it.
public protocol DeclaredSetting: Sendable {
    var declaration: SettingDeclaration { get }

    /// Throws what is wrong with the value that `settings` has for it, if anything.
    func check(in settings: SettingsReader) throws(SettingsError)
}

/// What is said about a setting.
public struct SettingDeclaration: Sendable, Hashable {
    /// Words in lower camel case with dots between them.
    public let key: String
    /// One sentence for people, without a full stop.
    public let summary: String
    public let type: String
    public let unit: String?
    /// The bounds, in words.
    public let allowed: String?
    /// Nil if there is no default.
    public let defaultText: String?
    /// A secret's value is never shown, and it can be given as a file.
    public let isSecret: Bool
    public let isRequired: Bool
    /// Whether the flag means `true` when it has no value.
    let takesBareFlag: Bool
}
