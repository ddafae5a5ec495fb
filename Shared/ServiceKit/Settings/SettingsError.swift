/// What is wrong with a service's settings: one line for each mistake, fit for the person who made it.
public struct SettingsError: Error, Sendable, CustomStringConvertible {
    public var problems: [String]

    public init(_ problem: String) { problems = [problem] }

    init(problems: [String]) { self.problems = problems }

    public var description: String { problems.joined(separator: "\n") }
}
