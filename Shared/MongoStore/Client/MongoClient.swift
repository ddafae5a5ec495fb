import CMongoC

/// A driver's client, borrowed from the pool for one work item.
///
/// > Thread-safety: "`mongoc_client_t` is NOT thread-safe and should only be used from one thread at a time." It never
/// > leaves the work item, and everything that it gives is copied before the item ends.
struct MongoClient {
    let pointer: OpaquePointer
    let database: String
    /// See ``LostAttempts``.
    let lostAttempts: UnsafePointer<Int>

    /// Runs a command on the primary.
    func write(_ command: BSONDocument, database: String? = nil) throws(MongoError) -> BSONDocument {
        var response = martlet_response()
        let done = command.withBytes {
            martlet_write_command(pointer, database ?? self.database, $0, $1, &response)
        }
        let (reply, failure) = take(&response, failed: !done)
        // A command that failed keeps its own error unless it did write something.
        if failure?.isFromServer != true { try WriteReply.checkConcern(reply) }
        if let failure { throw failure.error(.write(statements: 1)) }
        return reply
    }

    func insert(
        _ documents: [BSONDocument], collection: String, options: BSONDocument
    ) throws(MongoError) -> WriteReply {
        var joined: [UInt8] = []
        joined.reserveCapacity(documents.reduce(0) { $0 + $1.bytes.count })
        for document in documents { joined += document.bytes }
        var response = martlet_response()
        let done = joined.withUnsafeBufferPointer { joined in
            options.withBytes {
                martlet_insert_many(
                    pointer, database, collection, joined.baseAddress, joined.count, documents.count, $0, $1, &response)
            }
        }
        let (reply, failure) = take(&response, failed: !done)
        return try WriteReply(reply, failure: failure, statements: documents.count)
    }

    /// Runs a bulk operation to which `prepare` adds statements.
    func bulk(
        collection: String, options: BSONDocument, statements: Int,
        _ prepare: (OpaquePointer, inout bson_error_t) -> Bool
    ) throws(MongoError) -> WriteReply {
        let bulk = options.withBytes { martlet_bulk_begin(pointer, database, collection, $0, $1) }!
        defer { mongoc_bulk_operation_destroy(bulk) }
        var response = martlet_response()
        guard prepare(bulk, &response.error) else {
            let (_, failure) = take(&response, failed: true)
            throw failure!.error(.write(statements: statements))
        }
        let done = martlet_bulk_execute(bulk, &response)
        let (reply, failure) = take(&response, failed: !done)
        return try WriteReply(reply, failure: failure, statements: statements)
    }

    /// Runs a query to its end.
    /// - Parameter input: the filter, or the pipeline of an aggregation.
    func query(
        collection: String, aggregate: Bool, input: BSONDocument, options: BSONDocument
    ) throws(MongoError) -> [BSONDocument] {
        let cursor = input.withBytes { input, inputSize in
            options.withBytes {
                martlet_cursor_begin(pointer, database, collection, aggregate, input, inputSize, $0, $1)
            }
        }!
        defer { mongoc_cursor_destroy(cursor) }
        var documents: [BSONDocument] = []
        var size = 0
        while let data = martlet_cursor_next(cursor, &size) {
            documents.append(BSONDocument(trusting: Array(UnsafeBufferPointer(start: data, count: size))))
        }
        var response = martlet_response()
        guard martlet_cursor_failed(cursor, &response) else { return documents }
        let (_, failure) = take(&response, failed: true)
        throw failure!.error(.read)
    }

    /// Copies the reply and frees the driver's memory.
    private func take(_ response: inout martlet_response, failed: Bool) -> (BSONDocument, DriverFailure?) {
        var reply = BSONDocument()
        if let bytes = response.reply {
            reply = BSONDocument(
                trusting: Array(UnsafeBufferPointer(start: bytes, count: Int(response.reply_length))))
            bson_free(bytes)
            response.reply = nil
        }
        guard failed else { return (reply, nil) }
        let failure = DriverFailure(
            domain: response.error.domain, code: response.error.code, message: response.error.text, reply: reply,
            lostAttempts: lostAttempts.pointee)
        return (reply, failure)
    }
}

extension bson_error_t {
    /// The message, which is a C array that Swift sees as a tuple.
    var text: String {
        withUnsafeBytes(of: message) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
    }
}
