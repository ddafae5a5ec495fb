import Foundation

/// How much of a log is kept.
public struct LogRotation: Sendable, Equatable {
    /// Bytes after which a log is put aside and a new one begun.
    public var size: Int
    /// Logs that were put aside and are kept, beside the one that grows: `name.log.1` is the latest.
    public var kept: Int

    public init(size: Int, kept: Int) {
        self.size = size
        self.kept = kept
    }

    /// At most 64 MiB for each log.
    public static let usual = LogRotation(size: 16 << 20, kept: 3)
}

/// A log file that is put aside when it is full and begun again. Lines are never cut in two, unless one is longer than a
/// whole log.
///
/// Not safe to use from two threads. Every call may wait for the disk.
struct RotatingFile: ~Copyable {
    private let url: URL
    private let rotation: LogRotation
    private var descriptor: Int32 = -1
    private var size = 0
    private var endsWithLine = true
    /// Bytes that could not be written, because the disk is full or the folder is gone.
    private var lost = 0

    init(_ url: URL, rotation: LogRotation) {
        self.url = url
        self.rotation = rotation
        open()
    }

    deinit { if descriptor >= 0 { close(descriptor) } }

    mutating func write(_ bytes: ArraySlice<UInt8>) {
        var rest = bytes
        while !rest.isEmpty {
            let room = rotation.size - size
            if rest.count <= room {
                append(rest)
                return
            }
            let fitting = rest.prefix(max(0, room)).lastIndex(of: Self.lineFeed)
            let unfinished = endsWithLine ? nil : rest.firstIndex(of: Self.lineFeed)
            if let end = fitting ?? unfinished {
                append(rest[...end])
                rest = rest[(end + 1)...]
            } else if size == 0 || !endsWithLine && size < 2 * rotation.size {
                let part = rest.prefix(rotation.size)
                append(part)
                rest = rest[part.endIndex...]
                continue
            }
            let before = size
            rotate()
            if size > 0, size >= before {
                // It cannot be put aside; a log that is too long is better than none.
                append(rest)
                return
            }
        }
    }

    private static let lineFeed = UInt8(ascii: "\n")

    private mutating func open() {
        descriptor = unsafe Foundation.open(url.path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0o600)
        var information = stat()
        let isKnown = unsafe fstat(descriptor, &information) == 0
        size = isKnown ? Int(information.st_size) : 0
        endsWithLine = true
    }

    private mutating func rotate() {
        if descriptor >= 0 { close(descriptor) }
        for number in stride(from: rotation.kept, to: 0, by: -1) {
            let older = number == 1 ? url.path : "\(url.path).\(number - 1)"
            _ = unsafe rename(older, "\(url.path).\(number)")
        }
        if rotation.kept == 0 { _ = unsafe unlink(url.path) }
        open()
    }

    /// Loses what cannot be written, rather than keep the process waiting whose log it is.
    private mutating func append(_ bytes: ArraySlice<UInt8>) {
        if descriptor < 0 { open() }
        if lost > 0 {
            let notice = Array(
                "\(endsWithLine ? "" : "\n")\(lost) bytes of this log were lost: it could not be written\n".utf8)
            if put(notice[...]) { lost = 0 }
        }
        if put(bytes) { endsWithLine = bytes.last == Self.lineFeed } else { lost += bytes.count }
    }

    private mutating func put(_ bytes: ArraySlice<UInt8>) -> Bool {
        var rest = bytes
        while !rest.isEmpty {
            let written = unsafe rest.withUnsafeBytes { unsafe Foundation.write(descriptor, $0.baseAddress, $0.count) }
            if written < 0 {
                if errno == EINTR { continue }
                return false
            }
            size += written
            rest = rest.dropFirst(written)
        }
        return true
    }
}
