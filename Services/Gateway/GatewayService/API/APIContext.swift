import ChatContracts
import Foundation
import Hummingbird

extension GatewayContext {
    /// A path parameter; a malformed identifier names nothing, so it is 404 like an unknown one.
    func identifier<Kind>(_ name: String, as type: Identifier<Kind>.Type) throws(Problem) -> Identifier<Kind> {
        guard let identifier = parameters.get(name).flatMap({ Identifier<Kind>(String($0)) }) else { throw .notFound }
        return identifier
    }

    /// A path parameter without its percent encoding.
    func decodedParameter(_ name: String) throws(Problem) -> String {
        guard let text = parameters.get(name).flatMap({ FormFields.decoded($0, plusIsSpace: false) }) else {
            throw .notFound
        }
        return text
    }
}

extension FormFields {
    /// A whole number of the query.
    func integer(_ name: String, in range: ClosedRange<Int64>) throws(Problem) -> Int64? {
        guard let text = self[name] else { return nil }
        guard let number = Int64(text), range.contains(number) else {
            throw .invalid(name, "This has to be a whole number from \(range.lowerBound) to \(range.upperBound).")
        }
        return number
    }

    /// A time of the query.
    func time(_ name: String) throws(Problem) -> Timestamp? {
        guard let text = self[name] else { return nil }
        return try Timestamp(text, of: name)
    }

    /// `limit` of the query, or the usual size of a page.
    func pageSize() throws(Problem) -> Int {
        Int(try integer("limit", in: 1...Int64(Limits.maximumPageSize)) ?? Int64(Limits.pageSize))
    }
}

extension Response {
    static func json(_ value: some Encodable, status: HTTPResponse.Status = .ok) throws -> Response {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.withoutEscapingSlashes]
        return .json([UInt8](try encoder.encode(value)), status: status)
    }
}
