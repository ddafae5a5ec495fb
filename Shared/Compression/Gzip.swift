import CZlib

/// Compresses bytes with zlib into the gzip format (RFC 1952).
///
/// The same bytes always give the same result: the header contains no time and no file name. Safe on any thread; a call
/// works only with memory of its own, about 270 kB until it returns, and takes about 2 ms for 100 kB of text.
public enum Gzip {
    /// zlib's own compromise between size and time.
    public static let defaultLevel: Int32 = 6
    /// The smallest result, for what is compressed once and sent often.
    public static let bestLevel: Int32 = 9

    /// - Parameters:
    ///   - bytes: What to compress; at most 4 GiB, which is as much as zlib takes in one call.
    ///   - level: From 1, the fastest, to 9, the smallest.
    /// - Returns: One complete gzip member; nil if the level is none, there are too many bytes, or there was no memory.
    public static func compress(_ bytes: [UInt8], level: Int32 = defaultLevel) -> [UInt8]? {
        guard (1...9).contains(level), let count = UInt32(exactly: bytes.count) else { return nil }
        var stream = z_stream()
        // 15 is the largest window, 16 more ask for gzip's header and trailer instead of zlib's.
        let begun = deflateInit2_(
            &stream, level, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY, ZLIB_VERSION,
            Int32(MemoryLayout<z_stream>.size))
        guard begun == Z_OK else { return nil }
        defer { deflateEnd(&stream) }
        guard let bound = UInt32(exactly: deflateBound(&stream, UInt(count))) else { return nil }
        var isComplete = false
        let compressed = [UInt8](unsafeUninitializedCapacity: Int(bound)) { output, written in
            bytes.withUnsafeBufferPointer { input in
                // zlib only reads from here; its header says so only from a later version on.
                stream.next_in = UnsafeMutablePointer(mutating: input.baseAddress)
                stream.avail_in = count
                stream.next_out = output.baseAddress
                stream.avail_out = bound
                // With room for `deflateBound` bytes, one call does everything.
                isComplete = deflate(&stream, Z_FINISH) == Z_STREAM_END
            }
            written = Int(bound - stream.avail_out)
        }
        return isComplete ? compressed : nil
    }
}
