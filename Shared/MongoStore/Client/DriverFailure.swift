import CMongoC

/// What the driver reported about a failed operation, and what follows from it.
struct DriverFailure: Sendable {
    /// What was attempted.
    enum Kind: Sendable, Equatable {
        case read
        /// A write of so many statements. One alone is executed as a whole or not at all.
        case write(statements: Int)
    }

    var domain: UInt32
    var code: UInt32
    var message: String
    /// The server's reply, empty if there was none.
    var reply = BSONDocument()
    /// How many attempts were sent and got no reply, see ``LostAttempts``.
    var lostAttempts = 0

    /// The server repeats the whole command, with its documents, when a privilege is missing. Those are nobody's
    /// business.
    private var shownMessage: String {
        message.firstRange(of: " to execute command ").map { String(message[..<$0.lowerBound]) } ?? message
    }

    /// The error to throw.
    func error(_ kind: Kind) -> MongoError {
        let labels = (try? reply.strings("errorLabels")) ?? []
        let isServerError = domain == MONGOC_ERROR_SERVER.rawValue || domain == MONGOC_ERROR_WRITE_CONCERN.rawValue
        let serverCode = isServerError ? Int(code) : nil
        func error(_ code: MongoError.Code) -> MongoError {
            MongoError(code, message: shownMessage, serverCode: serverCode, labels: labels)
        }
        if let serverCode, domain == MONGOC_ERROR_SERVER.rawValue, ServerCode.isDuplicateKey(serverCode) {
            let duplicate = WriteFailure.Duplicate(message: message, error: reply)
            return MongoError(duplicate, serverCode: serverCode, labels: labels)
        }
        guard case .write(let statements) = kind else {
            return error(isPassing ? .unavailable : permanentCode)
        }
        // An earlier attempt may have been executed, whatever became of the last one.
        guard lostAttempts == 0 else { return error(.unknownOutcome) }
        switch domain {
        case MONGOC_ERROR_WRITE_CONCERN.rawValue, MONGOC_ERROR_PROTOCOL.rawValue:
            return error(.unknownOutcome)
        case MONGOC_ERROR_SERVER.rawValue where ServerCode.isPassing(Int(code)):
            return error(statements == 1 && ServerCode.isBeforeExecution(Int(code)) ? .unavailable : .unknownOutcome)
        default:
            return error(isPassing ? .unavailable : permanentCode)
        }
    }

    /// Whether the server said so, about the command or one of its statements.
    var isFromServer: Bool { domain == MONGOC_ERROR_SERVER.rawValue }

    /// Whether another attempt may succeed without any change.
    private var isPassing: Bool {
        switch domain {
        case MONGOC_ERROR_STREAM.rawValue, MONGOC_ERROR_PROTOCOL.rawValue, MONGOC_ERROR_SERVER_SELECTION.rawValue,
            MONGOC_ERROR_POOL.rawValue, MONGOC_ERROR_WRITE_CONCERN.rawValue:
            true
        case MONGOC_ERROR_SERVER.rawValue:
            ServerCode.isPassing(Int(code))
        case MONGOC_ERROR_COMMAND.rawValue:
            // A server that became unknown between its selection and the command; the driver has no code for it.
            message.hasPrefix("Cannot assemble command for invalidated server")
        default:
            false
        }
    }

    private var permanentCode: MongoError.Code {
        domain == MONGOC_ERROR_BSON.rawValue ? .invalidDocument : .refused
    }
}

/// What the server's error codes mean for the outcome.
enum ServerCode {
    /// 11001 and 12582 are the same error in old and sharded servers.
    static func isDuplicateKey(_ code: Int) -> Bool {
        code == 11000 || code == 11001 || code == 12582
    }

    /// Not the primary, found before anything was executed: NotWritablePrimary, NotPrimaryNoSecondaryOk,
    /// NotPrimaryOrSecondary.
    static func isBeforeExecution(_ code: Int) -> Bool {
        code == 10107 || code == 13435 || code == 13436
    }

    /// Says nothing about the request, only about the server's state or time.
    static func isPassing(_ code: Int) -> Bool { passing.contains(code) || isBeforeExecution(code) }

    private static let passing: Set<Int> = [
        6,  // HostUnreachable
        7,  // HostNotFound
        24,  // LockTimeout
        43,  // CursorNotFound
        50,  // MaxTimeMSExpired
        63,  // StaleShardVersion
        64,  // WriteConcernFailed
        89,  // NetworkTimeout
        91,  // ShutdownInProgress
        112,  // WriteConflict
        133,  // FailedToSatisfyReadPreference
        134,  // ReadConcernMajorityNotAvailableYet
        150,  // StaleEpoch
        175,  // QueryPlanKilled
        189,  // PrimarySteppedDown
        202,  // NetworkInterfaceExceededTimeLimit
        237,  // CursorKilled
        239,  // SnapshotTooOld
        246,  // SnapshotUnavailable
        262,  // ExceededTimeLimit
        290,  // TransactionExceededLifetimeLimitSeconds
        384,  // ConnectionPoolExpired
        9001,  // SocketException
        11600,  // InterruptedAtShutdown
        11601,  // Interrupted
        11602,  // InterruptedDueToReplStateChange
        13388,  // StaleConfig
    ]
}

extension WriteFailure.Duplicate {
    /// Reads which index it was from the server's words, and its fields from the error's document.
    init(message: String, error: BSONDocument) {
        self.init(
            index: Self.indexName(in: message),
            keyPattern: (try? error.document("keyPattern"))?.elements().map(\.key) ?? [])
    }

    /// The name in `E11000 duplicate key error collection: d.c index: NAME dup key: { … }`.
    static func indexName(in message: String) -> String? {
        let text = Array(message.utf8)
        guard let start = position(of: " index: ", in: text[...]).map({ $0 + 8 }) else { return nil }
        let end = position(of: " dup key", in: text[start...]) ?? text.endIndex
        return start < end ? String(decoding: text[start..<end], as: UTF8.self) : nil
    }

    private static func position(of part: StaticString, in text: ArraySlice<UInt8>) -> Int? {
        part.withUTF8Buffer { part in
            guard text.count >= part.count else { return nil }
            return (text.startIndex...text.endIndex - part.count).first { start in
                text[start..<start + part.count].elementsEqual(part)
            }
        }
    }
}

extension MongoError {
    /// The server's own words would show the key, so they are not taken over.
    init(_ duplicate: WriteFailure.Duplicate, serverCode: Int, labels: [String] = []) {
        self.init(
            .duplicateKey, message: duplicate.summary, serverCode: serverCode, index: duplicate.index,
            keyPattern: duplicate.keyPattern, labels: labels)
    }
}

extension WriteFailure.Duplicate {
    var summary: String { index.map { "duplicate key in the index \($0)" } ?? "duplicate key" }
}
