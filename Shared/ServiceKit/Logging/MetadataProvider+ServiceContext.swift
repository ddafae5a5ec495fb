public import Logging
import Tracing

extension Logger.MetadataProvider {
    /// `request.id`, `trace.id` and `span.id` of the work that the current task does.
    public static let serviceContext = Logger.MetadataProvider {
        guard let context = ServiceContext.current else { return [:] }
        var metadata: Logger.Metadata = [:]
        if let requestID = context.requestID { metadata["request.id"] = .string(requestID) }
        if let trace = context.trace {
            metadata["trace.id"] = .string(trace.traceID.description)
            metadata["span.id"] = .string(trace.spanID.description)
        }
        return metadata
    }
}
