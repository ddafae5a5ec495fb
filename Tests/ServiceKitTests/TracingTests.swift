import Testing
import Tracing

@testable import ServiceKit

private struct Headers: Injector, Extractor {
    func inject(_ value: String, forKey key: String, into carrier: inout [String: String]) { carrier[key] = value }
    func extract(key: String, from carrier: [String: String]) -> String? { carrier[key] }
}

@Suite("Trace context")
struct TracingTests {
    @Test(arguments: [
        ("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01", true),
        ("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-00", false),
        ("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-03", true),
        ("cc-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01", true),
        ("cc-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01-what-the-future-brings", true),
    ])
    func `Valid headers are read`(text: String, isSampled: Bool) throws {
        let context = try #require(TraceContext(traceparent: text))
        #expect(context.traceID.description == "0af7651916cd43dd8448eb211c80319c")
        #expect(context.spanID.description == "b7ad6b7169203331")
        #expect(context.isSampled == isSampled)
        #expect(
            context.traceparent
                == "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-\(isSampled ? "01" : "00")")
    }

    @Test(arguments: [
        "", "00", "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331",
        "ff-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
        "00-00000000000000000000000000000000-b7ad6b7169203331-01",
        "00-0af7651916cd43dd8448eb211c80319c-0000000000000000-01",
        "00-0AF7651916CD43DD8448EB211C80319C-b7ad6b7169203331-01",
        "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01-more",
        "cc-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01more",
        "00-0af7651916cd43dd8448eb211c80319-b7ad6b7169203331-001",
        "00_0af7651916cd43dd8448eb211c80319c_b7ad6b7169203331_01",
        "00-0af7651916cd43dd8448eb211c80319g-b7ad6b7169203331-01",
        "0x-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
        " 00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
        "00-0af7651916cd43dd8448eb211c80319ü-b7ad6b7169203331-01",
    ])
    func `Invalid headers are refused`(text: String) {
        #expect(TraceContext(traceparent: text) == nil)
    }

    @Test func `A child stays in the trace and has an id of its own`() {
        let root = TraceContext.root()
        let child = root.child()
        #expect(child.traceID == root.traceID)
        #expect(child.spanID != root.spanID)
        #expect(TraceContext(traceparent: child.traceparent) == child)
        #expect(TraceContext.root().traceID != root.traceID)
    }

    @Test func `What one side injects the other side extracts as its parent`() throws {
        let instrument = TracePropagation()
        var sender = ServiceContext.topLevel
        sender.trace = .root()
        sender.requestID = "r-1"
        var headers: [String: String] = [:]
        instrument.inject(sender, into: &headers, using: Headers())
        #expect(headers["traceparent"] == sender.trace?.traceparent)
        #expect(headers["request-id"] == "r-1")
        var receiver = ServiceContext.topLevel
        instrument.extract(headers, into: &receiver, using: Headers())
        #expect(receiver.trace?.traceID == sender.trace?.traceID)
        #expect(receiver.trace?.spanID != sender.trace?.spanID)
        #expect(receiver.requestID == "r-1")
    }

    @Test func `Without a valid header a trace begins, and a strange request id is not taken over`() {
        var context = ServiceContext.topLevel
        let headers = ["traceparent": "nonsense", "request-id": "a\nb"]
        TracePropagation().extract(headers, into: &context, using: Headers())
        #expect(context.trace != nil)
        #expect(context.requestID == nil)
        #expect(!TracePropagation.isAcceptable(""))
        #expect(!TracePropagation.isAcceptable(String(repeating: "a", count: 65)))
        #expect(TracePropagation.isAcceptable("gateway-1.a_B"))
    }
}
