/// A value that writes and reads its usual form without a general coder, because it does so very often.
///
/// Whoever needs the JSON of a value asks for this first and leaves it to `Codable` if the answer is nil. Both have to mean
/// the same.
public protocol DirectJSON {
    /// The value as one line of JSON; nil to leave it to the general encoder.
    var directJSON: [UInt8]? { get }

    /// Reads a value in its usual form. Nil leaves the text to the general decoder, which also says best what is wrong
    /// with it.
    init?(directJSON text: [UInt8])
}
