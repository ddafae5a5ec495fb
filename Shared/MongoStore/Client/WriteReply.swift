/// The driver's summary of a bulk write whose outcome is known for every statement.
struct WriteReply: Sendable {
    var inserted = 0
    var matched = 0
    var modified = 0
    var removed = 0
    /// The positions of the statements that inserted because nothing matched.
    var upserted: [Int] = []
    var failures: [WriteFailure] = []

    /// - Throws: ``MongoError/Code/unknownOutcome`` if the write concern failed or a statement was interrupted, and what
    ///   `failure` means if it is not about single statements.
    init(_ reply: BSONDocument, failure: DriverFailure?, statements: Int) throws(MongoError) {
        try Self.checkConcern(reply)
        do throws(BSONError) {
            for error in try reply.optionalDocuments("writeErrors") ?? [] {
                failures.append(try WriteFailure(error: error))
            }
            // The driver's bulk insert and its other bulk operations name the count differently.
            inserted = try reply.count("nInserted") + reply.count("insertedCount")
            matched = try reply.count("nMatched")
            modified = try reply.count("nModified")
            removed = try reply.count("nRemoved")
            for entry in try reply.optionalDocuments("upserted") ?? [] {
                upserted.append(Int(try entry.int64("index")))
            }
        } catch {
            throw MongoError(.unknownOutcome, message: "the reply to a write cannot be read: \(error)")
        }
        guard let failure else { return }
        guard failures.contains(where: { $0.code == failure.code }), failure.isFromServer else {
            throw failure.error(.write(statements: statements))
        }
        if let interrupted = failures.first(where: { ServerCode.isPassing($0.code) }) {
            let isUnexecuted =
                statements == 1 && failure.lostAttempts == 0 && ServerCode.isBeforeExecution(interrupted.code)
            throw MongoError(
                isUnexecuted ? .unavailable : .unknownOutcome, message: interrupted.message,
                serverCode: interrupted.code)
        }
    }

    /// A write concern that was not met says that the write is executed, but may be lost again.
    /// - Throws: ``MongoError/Code/unknownOutcome``
    static func checkConcern(_ reply: BSONDocument) throws(MongoError) {
        let single = try? reply.optionalDocument("writeConcernError")
        let several = try? reply.optionalDocuments("writeConcernErrors")
        guard let error = single ?? several?.first else { return }
        throw MongoError(
            .unknownOutcome, message: (try? error.string("errmsg")) ?? "the write concern was not met",
            serverCode: (try? error.int64("code")).map { Int($0) },
            labels: (try? reply.strings("errorLabels")) ?? [])
    }
}

extension BSONDocument {
    fileprivate func count(_ key: String) throws(BSONError) -> Int {
        Int(clamping: try optionalInt64(key) ?? 0)
    }
}

extension WriteFailure {
    /// Reads an element of `writeErrors`.
    init(error: BSONDocument) throws(BSONError) {
        let code = Int(try error.int64("code"))
        let message = try error.optionalString("errmsg") ?? ""
        let duplicate = ServerCode.isDuplicateKey(code) ? Duplicate(message: message, error: error) : nil
        self.init(
            index: Int(try error.int64("index")), code: code, duplicate: duplicate,
            message: duplicate?.summary ?? message)
    }

    /// The error to throw if the statement was the only one.
    var error: MongoError {
        if let duplicate { return MongoError(duplicate, serverCode: code) }
        return MongoError(.refused, message: message, serverCode: code)
    }
}
