import Compression

/// How a body is compressed, by the names of RFC 9110, section 8.4.1.
enum ContentCoding: String, CaseIterable, Sendable {
    case gzip
    case brotli = "br"

    enum Effort {
        /// For what is compressed each time, or seldom sent.
        case quick
        /// For what is compressed once and sent often.
        case smallest
    }

    /// The bytes in this coding; nil if that would not be smaller, or cannot be had.
    func compress(_ bytes: [UInt8], _ effort: Effort) -> [UInt8]? {
        let compressed =
            switch (self, effort) {
            case (.gzip, .quick): Gzip.compress(bytes)
            case (.gzip, .smallest): Gzip.compress(bytes, level: Gzip.bestLevel)
            case (.brotli, .quick): Brotli.compress(bytes)
            case (.brotli, .smallest): Brotli.compress(bytes, quality: Brotli.bestQuality)
            }
        return compressed.flatMap { $0.count < bytes.count ? $0 : nil }
    }
}
