import HTTPTypes
import Testing

@testable import GatewayService

/// What is decided about a request before anybody works on it, without a server.
@Suite(.timeLimit(.minutes(5))) struct AdmissionTests {
    private func admitted(
        _ scene: Scene, _ cost: RouteCost, _ request: HTTPRequest? = nil
    ) throws -> Admission.Admitted {
        guard
            case .made(let result) = scene.layers.admission.decide(
                request ?? scene.goodRequest, cost, from: "192.0.2.1")
        else { throw Problem.internalError }
        return try result.get()
    }

    private func refusal(_ scene: Scene, _ cost: RouteCost, _ request: HTTPRequest? = nil) -> Problem? {
        do {
            scene.layers.admission.leave(try admitted(scene, cost, request))
            return nil
        } catch {
            return error as? Problem
        }
    }

    @Test func `requests of a user at the same time are bounded, forms as well, messages of the API not`() async throws
    {
        let scene = try await Scene { $0.requestsInFlight = 1 }
        let first = try admitted(scene, RouteCost(limit: .ordinary))
        #expect(refusal(scene, RouteCost(limit: .ordinary))?.status == .tooManyRequests)
        #expect(refusal(scene, RouteCost(limit: .stream))?.status == .tooManyRequests)
        #expect(refusal(scene, RouteCost(limit: .send, isForm: true))?.status == .tooManyRequests)
        #expect(refusal(scene, RouteCost(limit: .change, isForm: true))?.status == .tooManyRequests)
        #expect(refusal(scene, RouteCost(limit: .send)) == nil)
        #expect(refusal(scene, RouteCost(limit: .change)) == nil)
        #expect(refusal(scene, RouteCost(limit: .asset)) == nil)
        scene.layers.admission.leave(first)
        #expect(refusal(scene, RouteCost(limit: .ordinary)) == nil)
        #expect(scene.layers.admission.inFlight.current == 0)
    }

    @Test func `a refusal and a session that is not looked up hold no place`() async throws {
        let scene = try await Scene { $0.maximumInFlight = 1 }
        var request = scene.goodRequest
        request.headerFields[.origin] = nil
        for _ in 0..<3 { #expect(refusal(scene, RouteCost(limit: .ordinary), request) == .crossOrigin) }
        request = scene.goodRequest
        request.headerFields[.cookie] = "martlet=\(SessionToken.random().text)"
        guard case .needsSession = scene.layers.admission.decide(request, RouteCost(limit: .send), from: "") else {
            Issue.record("nobody knows the session")
            return
        }
        #expect(refusal(scene, RouteCost(limit: .ordinary))?.status == .serviceUnavailable, "it holds the only place")
        scene.layers.admission.abandon()
        #expect(refusal(scene, RouteCost(limit: .ordinary)) == nil)
    }

    @Test func `reading is for every site, a live stream is not`() async throws {
        let scene = try await Scene()
        var request = scene.goodRequest
        request.method = .get
        request.headerFields[.secFetchSite] = "cross-site"
        #expect(refusal(scene, RouteCost(limit: .ordinary), request) == nil)
        #expect(refusal(scene, RouteCost(limit: .stream), request) == .crossOrigin)
        request.headerFields[.secFetchSite] = nil
        #expect(refusal(scene, RouteCost(limit: .stream), request) == nil)
    }

    @Test func `a form over its allowance is shown again, as long as there is one for a page`() async throws {
        let scene = try await Scene {
            $0.sendRate = Rate(perSecond: 0.001, burst: 1)
            $0.requestRate = Rate(perSecond: 0.001, burst: 1)
        }
        let form = RouteCost(limit: .send, isForm: true)
        #expect(try admitted(scene, form).refusal == nil)
        #expect(try admitted(scene, form).refusal?.status == .tooManyRequests)
        #expect(refusal(scene, form)?.status == .tooManyRequests)
        #expect(refusal(scene, RouteCost(limit: .send))?.status == .tooManyRequests)
        #expect(refusal(scene, RouteCost(limit: .change))?.status == .tooManyRequests)
    }

    @Test func `nobody is asked who wants an asset`() async throws {
        let scene = try await Scene()
        var request = scene.goodRequest
        request.method = .get
        request.headerFields[.cookie] = "martlet=\(SessionToken.random().text)"
        guard case .anonymous = try admitted(scene, RouteCost(limit: .asset), request).authentication else {
            Issue.record("an asset is everybody's")
            return
        }
    }
}
