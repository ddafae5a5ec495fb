/// Something that goes wrong on purpose.
public protocol InjectedFault: Sendable {}
