/// Decides from a history and a final read whether the promises were kept.
public struct Checker: Sendable {}
