import NIOCore

extension Traffic {
    /// Starts to send at the pace until ``stop()``.
    func start() {
        startedAt = now()
        ledger.reserve(1 << 20)
        switch pace {
        case .closed:
            for index in senders.indices { send(ledger.send(at: now(), by: senders[index].person), by: index) }
        case .open: sendWhatIsDue()
        case .silent: break
        }
    }

    /// No further message is started.
    func stop() { stopsAt = now() }

    private func sendWhatIsDue() {
        guard case .open(let perSecond, _) = pace, now() < stopsAt else { return }
        while true {
            let due = startedAt + Int64(Double(started) * 1e9 / perSecond)
            guard due <= now() else {
                loop.scheduleTask(deadline: .uptimeNanoseconds(UInt64(due))) { [unowned self] in
                    self.assumeIsolated { $0.sendWhatIsDue() }
                }
                return
            }
            started += 1
            let index = turn
            turn = (turn + 1) % senders.count
            let message = ledger.send(at: due, by: senders[index].person)
            if senders[index].inFlight == nil {
                send(message, by: index)
            } else {
                senders[index].waiting.append(message)
            }
        }
    }

    private func send(_ message: Int, by index: Int) {
        senders[index].inFlight = message
        guard let channel = senders[index].channel else { return }
        var bytes = ByteBuffer()
        bytes.reserveCapacity(senders[index].before.readableBytes + 32 + senders[index].after.readableBytes)
        bytes.writeImmutableBuffer(senders[index].before)
        bytes.write(hexadecimal: ledger.run)
        bytes.write(hexadecimal: UInt64(message))
        bytes.writeImmutableBuffer(senders[index].after)
        channel.writeAndFlush(bytes, promise: nil)
    }

    func answered(_ answer: Response, sender index: Int) {
        guard let message = senders[index].inFlight else { return ended("an answer came that nobody waited for") }
        guard answer.status == 200, let fields = answer.message, fields.id == ledger.id(of: message) else {
            return refused(answer, sender: index)
        }
        let time = now()
        if let sentAt = ledger.acknowledge(message, seq: fields.seq) {
            if isMeasured(time) { counters.acknowledged += 1 }
            if isMeasured(sentAt) { counters.acknowledgement.record(time - sentAt) }
            counters.second.acknowledged += 1
        }
        senders[index].inFlight = nil
        switch pace {
        case .closed where time < stopsAt: send(ledger.send(at: time, by: senders[index].person), by: index)
        case .open where !senders[index].waiting.isEmpty: send(senders[index].waiting.removeFirst(), by: index)
        default: break
        }
    }

    /// Sends the same again after a while, as the page does.
    private func refused(_ answer: Response, sender index: Int) {
        counters.refusals["\(answer.status)", default: 0] += 1
        if answer.status < 500, answer.status != 429 {
            return ended(
                "a message was refused: \(answer.status) \(String(decoding: answer.body.prefix(300), as: UTF8.self))")
        }
        loop.scheduleTask(in: .milliseconds(100)) { [unowned self] in
            self.assumeIsolated { $0.sendAgain(index) }
        }
    }

    func sendAgain(_ index: Int) {
        guard !isClosing, let message = senders[index].inFlight else { return }
        ledger.sendAgain(message)
        send(message, by: index)
    }

    func lostConnection(of index: Int, _ reason: String) {
        senders[index].channel = nil
        guard !isClosing else { return }
        // A keep-alive connection may be closed between two requests; a request under way is sent again.
        counters.refusals[senders[index].inFlight == nil ? "idle connection closed" : "connection lost", default: 0] +=
            1
        Task {
            do {
                try await connectSender(index)
                sendAgain(index)
            } catch {
                ended("the gateway takes no connection: \(error)")
            }
        }
    }
}
