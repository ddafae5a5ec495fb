import ChatContracts
import NIOCore

/// Streams that are cut and come back as the page does: after a random pause, and with a sync that fetches what was
/// missed.
extension Traffic {
    struct Storm: Sendable, Codable {
        var streams = 0
        /// Seconds from the cut until half of the streams, 99 of 100, and the last were live and in sync again.
        var halfBack = 0.0
        var mostBack = 0.0
        var allBack = 0.0
        /// Connections that were tried.
        var attempts = 0
        /// Messages that syncs brought.
        var fetched = 0
    }

    /// Cuts all streams at once; returns when all are live and in sync again.
    func storm(within limit: Duration) async throws -> Storm {
        storm = Storm()
        storm.streams = receivers.count
        backAt = []
        backAt.reserveCapacity(receivers.count)
        cutAt = now()
        measuredFrom = cutAt
        measuredTo = .max
        for index in receivers.indices {
            receivers[index].isSyncing = true
            receivers[index].isLive = false
            receivers[index].attempts = 0
            // The end is reported within the call, and a stream that has no channel any more is known to come back.
            let channel = receivers[index].channel
            receivers[index].channel = nil
            channel?.close(promise: nil)
            comeBack(index)
        }
        let deadline = ContinuousClock.now + limit
        while backAt.count < receivers.count {
            if let failure { throw LoadError(failure) }
            guard ContinuousClock.now < deadline else {
                throw LoadError("\(receivers.count - backAt.count) streams have not come back within \(limit)")
            }
            try await Task.sleep(for: .milliseconds(20))
        }
        measuredTo = now()
        func seconds(_ place: Int) -> Double { Double(backAt[min(place, backAt.count - 1)] - cutAt) / 1e9 }
        storm.halfBack = seconds(backAt.count / 2)
        storm.mostBack = seconds(backAt.count * 99 / 100)
        storm.allBack = seconds(backAt.count - 1)
        return storm
    }

    /// Connects again after the pause that the page makes, which doubles with each attempt.
    private func comeBack(_ index: Int) {
        receivers[index].attempts += 1
        let ceiling = min(15_000, 400 << min(receivers[index].attempts - 1, 16))
        let pause = 50 + Int64.random(in: 0..<Int64(ceiling))
        loop.scheduleTask(in: .milliseconds(pause)) { [unowned self] in
            self.assumeIsolated { $0.tryToConnect(index) }
        }
    }

    private func tryToConnect(_ index: Int) {
        guard !isClosing else { return }
        storm.attempts += 1
        Task {
            do { try await connectStream(index) } catch { comeBack(index) }
        }
    }

    func streamEnded(_ index: Int, _ reason: String) {
        guard !isClosing else { return }
        // The end of a stream that was cut is the cut; the next one has no channel yet when that is heard of.
        guard receivers[index].isSyncing else { return ended("a stream broke: \(reason)") }
        guard receivers[index].channel != nil else { return }
        receivers[index].channel = nil
        receivers[index].isLive = false
        comeBack(index)
    }

    /// The stream is live: what came before it is fetched.
    func cameBack(_ index: Int) {
        Task {
            do {
                try await sync(index)
                backAt.append(now())
            } catch {
                ended("a sync failed: \(error)")
            }
        }
    }

    private func sync(_ index: Int) async throws {
        var hasMore = true
        while hasMore {
            let cursors = receivers[index].orders.map { "\"\($0.key)\":\($0.value.last)" }.joined(separator: ",")
            let request = gateway.request(
                "POST", "/api/v1/sync", cookie: people.all[index].cookie, json: Array("{\"cursors\":{\(cursors)}}".utf8)
            )
            let answer = try await ask(request)
            hasMore = answer.body.span.contains("\"more\":true")
            apply(MessageFields.all(in: answer.body.span), at: index)
        }
        let held = receivers[index].held
        receivers[index].held = []
        receivers[index].isSyncing = false
        for message in held { show(message, at: index) }
    }

    private func apply(_ messages: [MessageFields], at index: Int) {
        for message in messages.sorted(by: { $0.seq < $1.seq })
        where message.seq > receivers[index].orders[message.conversation]?.last ?? .max {
            storm.fetched += 1
            show(message, at: index, isFetched: true)
        }
    }

    /// One request on a connection of its own, repeated while the gateway is busy.
    private func ask(_ request: ByteBuffer) async throws -> Response {
        for attempt in 1... {
            let promise = loop.makePromise(of: Response.self)
            let channel: any Channel
            do {
                channel = try await gateway.connect(on: loop) {
                    ResponseHandler(.body) {
                        promise.succeed($0)
                    } onEnd: {
                        promise.fail(LoadError($0))
                    }
                }
            } catch {
                promise.fail(error)
                throw error
            }
            channel.writeAndFlush(request, promise: nil)
            let answer = try await promise.futureResult.get()
            try? await channel.close()
            if answer.status == 200 { return answer }
            guard attempt < 20, answer.status == 429 || answer.status == 503 else {
                throw LoadError("\(answer.status) \(String(decoding: answer.body.prefix(200), as: UTF8.self))")
            }
            counters.refusals["sync \(answer.status)", default: 0] += 1
            try await Task.sleep(for: .milliseconds(Int.random(in: 100...1000)))
        }
        throw LoadError("the attempts have run out")
    }
}
