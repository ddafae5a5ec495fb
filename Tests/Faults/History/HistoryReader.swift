public import Foundation

/// Reads a history line by line, without ever holding the whole of it.
public struct HistoryReader: Sendable {
    public var file: URL

    public init(file: URL) { self.file = file }

    /// Hands over every record with the number of its line, from 1, in the order of the file.
    ///
    /// - Throws: ``HistoryError/broken(line:reason:)`` at the first line that is not a record, whatever the body throws.
    public func forEach(_ body: (_ line: Int, _ record: Record) throws -> Void) throws {
        let decoder = JSONDecoder()
        try forEachLine { number, line in
            let record: Record
            do {
                record = try decoder.decode(Record.self, from: line)
            } catch {
                throw HistoryError.broken(line: number, reason: "\(error)")
            }
            try body(number, record)
        }
    }

    /// The text of some lines, by their numbers.
    public func lines(_ numbers: Set<Int>) throws -> [Int: String] {
        var found: [Int: String] = [:]
        guard !numbers.isEmpty else { return found }
        try forEachLine { number, line in
            if numbers.contains(number) { found[number] = String(decoding: line, as: UTF8.self) }
        }
        return found
    }

    private static let chunk = 1 << 20

    private func forEachLine(_ body: (Int, Data) throws -> Void) throws {
        let handle = try FileHandle(forReadingFrom: file)
        defer { try? handle.close() }
        var rest = Data()
        var number = 0
        while let chunk = try handle.read(upToCount: Self.chunk), !chunk.isEmpty {
            rest.append(chunk)
            var start = rest.startIndex
            while let end = rest[start...].firstIndex(of: UInt8(ascii: "\n")) {
                number += 1
                if end > start { try body(number, rest[start..<end]) }
                start = rest.index(after: end)
            }
            rest = Data(rest[start...])
        }
        if !rest.isEmpty { try body(number + 1, rest) }
    }
}
