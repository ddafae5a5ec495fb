/// Limits of what a request may carry. They protect memory, so they are not settings.
enum RequestLimits {
    /// Bytes of a JSON body or a form.
    static let bodyBytes = 65_536
    /// Bytes of all bodies that have not arrived completely, in one process.
    static let collectedBytes = 67_108_864
    /// Bytes after which a connection is closed even though nobody reads the body.
    static let discardedBodyBytes = 1_048_576
    /// Bytes of all headers together, and of one.
    static let headerBytes = 16_384
    static let headerCount = 100
    /// Bytes of the path with its query.
    static let targetBytes = 4_096
}
