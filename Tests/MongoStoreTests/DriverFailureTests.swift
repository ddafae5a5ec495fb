import Testing

@testable import MongoStore

@Suite("What follows from the driver's report")
struct DriverFailureTests {
    /// The driver's error domains that matter here.
    private enum Domain {
        static let client: UInt32 = 1
        static let stream: UInt32 = 2
        static let protocolError: UInt32 = 3
        static let bson: UInt32 = 8
        static let command: UInt32 = 11
        static let serverSelection: UInt32 = 15
        static let writeConcern: UInt32 = 16
        static let server: UInt32 = 17
    }

    private func code(
        _ domain: UInt32, _ code: UInt32, _ kind: DriverFailure.Kind, lost: Int = 0, message: String = ""
    ) -> MongoError.Code {
        DriverFailure(domain: domain, code: code, message: message, lostAttempts: lost).error(kind).code
    }

    @Test func `a connection that was never made leaves a write unexecuted, one that was lost leaves it unknown`() {
        let write = DriverFailure.Kind.write(statements: 1)
        #expect(code(Domain.stream, 5, write) == .unavailable)
        #expect(code(Domain.stream, 4, write, lost: 1) == .unknownOutcome)
        #expect(code(Domain.serverSelection, 13053, write) == .unavailable)
        #expect(code(Domain.stream, 4, .read, lost: 1) == .unavailable)
        #expect(code(Domain.serverSelection, 13053, .read) == .unavailable)
    }

    @Test(arguments: [10107, 13, 225])
    func `an attempt that was lost makes every later error unknown, but not a duplicate`(serverCode: UInt32) {
        #expect(code(Domain.server, serverCode, .write(statements: 1), lost: 1) == .unknownOutcome)
        #expect(code(Domain.serverSelection, 13053, .write(statements: 1), lost: 1) == .unknownOutcome)
        #expect(code(Domain.server, 11000, .write(statements: 1), lost: 1) == .duplicateKey)
    }

    @Test func `a server that is not the primary did not execute a single statement; a batch may be half done`() {
        for serverCode in [10107, 13435, 13436] as [UInt32] {
            #expect(code(Domain.server, serverCode, .write(statements: 1)) == .unavailable)
            #expect(code(Domain.server, serverCode, .write(statements: 2)) == .unknownOutcome)
            #expect(code(Domain.server, serverCode, .read) == .unavailable)
        }
    }

    @Test func `an interrupted write is unknown, an interrupted read only unavailable`() {
        for serverCode in [50, 91, 189, 11600, 11602] as [UInt32] {
            #expect(code(Domain.server, serverCode, .write(statements: 1)) == .unknownOutcome)
            #expect(code(Domain.server, serverCode, .read) == .unavailable)
        }
        #expect(code(Domain.writeConcern, 64, .write(statements: 1)) == .unknownOutcome)
        #expect(code(Domain.protocolError, 17, .write(statements: 1)) == .unknownOutcome)
    }

    @Test func `everything else is a refusal`() {
        for kind in [DriverFailure.Kind.read, .write(statements: 3)] {
            #expect(code(Domain.server, 13, kind) == .refused)
            #expect(code(Domain.client, 11, kind) == .refused)
            #expect(code(Domain.command, 22, kind) == .refused)
            #expect(code(Domain.bson, 18, kind) == .invalidDocument)
        }
        #expect(
            code(
                Domain.command, 22, .write(statements: 3),
                message: "Cannot assemble command for invalidated server: down") == .unavailable)
    }

    @Test func `the index of a duplicate is read from the server's words`() {
        func name(_ message: String) -> String? { WriteFailure.Duplicate.indexName(in: message) }
        #expect(name("E11000 duplicate key error collection: d.c index: _id_ dup key: { _id: 1 }") == "_id_")
        #expect(
            name("E11000 duplicate key error collection: d.c index: two words dup key: { a: \" index: x\" }")
                == "two words")
        #expect(name("E11000 duplicate key error index: k") == "k")
        #expect(name("something else") == nil)
        #expect(name("") == nil)
    }

    @Test func `a duplicate beside an interrupted statement does not hide that one`() {
        func writeError(_ index: Int, _ code: Int) -> BSONDocument {
            BSONDocument {
                $0.append("index", index)
                $0.append("code", code)
                $0.append("errmsg", "x")
            }
        }
        let reply = BSONDocument { $0.append("writeErrors", [writeError(0, 11000), writeError(1, 11602)]) }
        let failure = DriverFailure(domain: Domain.server, code: 11000, message: "", reply: reply)
        #expect(throws: MongoError.self) { try WriteReply(reply, failure: failure, statements: 2) }
        let lost = DriverFailure(domain: Domain.stream, code: 4, message: "", reply: reply, lostAttempts: 1)
        #expect(throws: MongoError.self) { try WriteReply(reply, failure: lost, statements: 2) }
        let duplicates = BSONDocument { $0.append("writeErrors", [writeError(0, 11000)]) }
        #expect(throws: Never.self) { try WriteReply(duplicates, failure: failure, statements: 2) }
    }
}
