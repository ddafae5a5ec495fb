/// One line of a run's history.
public struct Record: Sendable {}
