import Foundation
import NIOCore
import NIOPosix

/// One command to a MongoDB server without authentication: enough to ask whether it is ready and, over the localhost
/// exception, to initiate a replica set and make its first user. Everything else is MongoStore's work.
enum DatabaseWire {
    /// Where a server is asked.
    enum Address: Sendable, CustomStringConvertible {
        case port(host: String, Int)
        case socket(String)

        var description: String {
            switch self {
            case .port(let host, let port): "\(host):\(port)"
            case .socket(let path): path
            }
        }
    }

    /// Sends the command over a connection of its own.
    /// - Throws: `.refused` when the server answers `ok: 0`; `.notReady` when it does not answer in time.
    static func run(
        _ command: [(String, DocumentValue)], database: String = "admin", at address: Address,
        within limit: Duration = .seconds(5)
    ) async throws(LocalStackError) -> [String: DocumentValue] {
        let request = message(command + [("$db", .string(database))])
        let answer: [String: DocumentValue]
        do {
            answer = try await withThrowingTaskGroup(of: [String: DocumentValue].self) { group in
                group.addTask { try await exchange(request, at: address) }
                group.addTask {
                    try await Task.sleep(for: limit)
                    throw LocalStackError(.notReady, "no answer within \(limit)")
                }
                defer { group.cancelAll() }
                return try await group.next()!
            }
        } catch {
            throw LocalStackError(.notReady, "mongod at \(address) does not answer", cause: error)
        }
        guard answer["ok"]?.number == 1 else {
            throw LocalStackError(
                .refused,
                "mongod refused \(command.first?.0 ?? "") with \(answer["codeName"]?.text ?? "an unknown code"): "
                    + (answer["errmsg"]?.text ?? ""))
        }
        return answer
    }

    private static func exchange(_ request: ByteBuffer, at address: Address) async throws -> [String: DocumentValue] {
        let bootstrap = ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton).connectTimeout(.seconds(2))
        @Sendable func wrap(_ channel: any Channel) -> EventLoopFuture<NIOAsyncChannel<ByteBuffer, ByteBuffer>> {
            channel.eventLoop.makeCompletedFuture {
                try NIOAsyncChannel<ByteBuffer, ByteBuffer>(wrappingChannelSynchronously: channel)
            }
        }
        let channel =
            switch address {
            case .port(let host, let port):
                try await bootstrap.connect(host: host, port: port, channelInitializer: wrap)
            case .socket(let path): try await bootstrap.connect(unixDomainSocketPath: path, channelInitializer: wrap)
            }
        return try await channel.executeThenClose { inbound, outbound in
            try await outbound.write(request)
            var received = ByteBuffer()
            for try await part in inbound {
                received.writeImmutableBuffer(part)
                guard
                    let length = received.getInteger(at: 0, endianness: .little, as: Int32.self),
                    received.readableBytes >= Int(length)
                else { continue }
                // 16 bytes of header, 4 of flags, 1 for the kind of the only section.
                received.moveReaderIndex(forwardBy: 21)
                return try DocumentValue.readDocument(from: &received)
            }
            throw LocalStackError(.notReady, "the connection was closed")
        }
    }

    private static func message(_ command: [(String, DocumentValue)]) -> ByteBuffer {
        var body = ByteBuffer()
        body.writeInteger(UInt32(0), endianness: .little)
        body.writeInteger(UInt8(0))
        DocumentValue.write(command, to: &body)
        var message = ByteBuffer()
        message.writeInteger(Int32(16 + body.readableBytes), endianness: .little)
        message.writeInteger(Int32(1), endianness: .little)
        message.writeInteger(Int32(0), endianness: .little)
        let opMessage: Int32 = 2013
        message.writeInteger(opMessage, endianness: .little)
        message.writeBuffer(&body)
        return message
    }
}

/// The few types of BSON that these commands use.
indirect enum DocumentValue: Sendable {
    case int32(Int32)
    case double(Double)
    case bool(Bool)
    case string(String)
    case document([(String, DocumentValue)])
    case array([DocumentValue])
    /// A value of another type, whose content nobody asks for.
    case other

    var number: Double? {
        switch self {
        case .int32(let value): Double(value)
        case .double(let value): value
        default: nil
        }
    }
    var text: String? { if case .string(let value) = self { value } else { nil } }
    var isTrue: Bool { if case .bool(true) = self { true } else { false } }

    static func write(_ elements: [(String, DocumentValue)], to buffer: inout ByteBuffer) {
        let start = buffer.writerIndex
        buffer.writeInteger(Int32(0), endianness: .little)
        for (key, value) in elements {
            buffer.writeInteger(value.typeCode)
            buffer.writeNullTerminatedString(key)
            value.write(to: &buffer)
        }
        buffer.writeInteger(UInt8(0))
        buffer.setInteger(Int32(buffer.writerIndex - start), at: start, endianness: .little)
    }

    private var typeCode: UInt8 {
        switch self {
        case .double: 0x01
        case .string: 0x02
        case .document: 0x03
        case .array: 0x04
        case .bool: 0x08
        case .other: 0x0a
        case .int32: 0x10
        }
    }

    private func write(to buffer: inout ByteBuffer) {
        switch self {
        case .int32(let value): buffer.writeInteger(value, endianness: .little)
        case .double(let value): buffer.writeInteger(value.bitPattern, endianness: .little)
        case .bool(let value): buffer.writeInteger(UInt8(value ? 1 : 0))
        case .string(let value):
            buffer.writeInteger(Int32(value.utf8.count + 1), endianness: .little)
            buffer.writeNullTerminatedString(value)
        case .document(let elements): Self.write(elements, to: &buffer)
        case .array(let values):
            Self.write(values.enumerated().map { ("\($0.offset)", $0.element) }, to: &buffer)
        case .other: break
        }
    }

    /// Reads the top level of a document; documents and arrays within it are skipped.
    static func readDocument(from buffer: inout ByteBuffer) throws -> [String: DocumentValue] {
        let malformed = LocalStackError(.refused, "the answer is malformed")
        buffer.moveReaderIndex(forwardBy: 4)
        var elements: [String: DocumentValue] = [:]
        while let type = buffer.readInteger(as: UInt8.self), type != 0 {
            guard let key = buffer.readNullTerminatedString() else { throw malformed }
            func skip(_ count: Int) throws -> DocumentValue {
                guard buffer.readSlice(length: count) != nil else { throw malformed }
                return .other
            }
            func integer<T: FixedWidthInteger>(_: T.Type) throws -> T {
                guard let value = buffer.readInteger(endianness: .little, as: T.self) else { throw malformed }
                return value
            }
            func string(length: Int) throws -> String {
                guard length > 0, let text = buffer.readString(length: length - 1) else { throw malformed }
                _ = try skip(1)
                return text
            }
            elements[key] =
                switch type {
                case 0x01: .double(Double(bitPattern: try integer(UInt64.self)))
                case 0x02: .string(try string(length: Int(try integer(Int32.self))))
                case 0x03, 0x04: try skip(Int(try integer(Int32.self)) - 4)
                case 0x05: try skip(Int(try integer(Int32.self)) + 1)
                case 0x07: try skip(12)
                case 0x08: .bool(try integer(UInt8.self) == 1)
                case 0x09, 0x11, 0x12: try skip(8)
                case 0x0a: .other
                case 0x10: .int32(try integer(Int32.self))
                default: throw malformed
                }
        }
        return elements
    }
}
