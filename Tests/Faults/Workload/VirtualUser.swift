/// Somebody who uses the chat over HTTP.
public struct VirtualUser: Sendable {}
