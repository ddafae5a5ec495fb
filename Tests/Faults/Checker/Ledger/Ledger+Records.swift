import FaultHistory

extension Ledger {
    /// Enters the next record of the history.
    mutating func enter(_ record: Record, line: Int) throws(CheckError) {
        guard record.at >= last.at else {
            throw .malformed(line: line, reason: "it is older than the line before it")
        }
        let moment = Moment(line: Int32(line), at: record.at)
        last = moment
        let process = symbols.symbol(record.process)
        switch record.event {
        case .sendInvoked, .sendAcknowledged: try enterSend(record.event, by: process, at: moment)
        case .changeInvoked, .changeAcknowledged: try enterChange(record.event, by: process, at: moment)
        case .catchUpInvoked, .catchUpAnswered: try enterCatchUp(record.event, by: process, at: moment)
        case .viewed, .viewChanged, .viewReset, .tabConnected, .tabDisconnected, .tabClosed:
            try enterTab(record.event, by: process, at: moment)
        case .syncInvoked, .syncAnswered, .readInvoked, .readAnswered, .positionInvoked, .positionAcknowledged,
            .settingsInvoked, .settingsAcknowledged:
            try enterRead(record.event, by: process, at: moment)
        case .groupAsked, .groupAnswered, .groupHeard: try enterGroup(record.event, by: process, at: moment)
        case .signUpInvoked, .signUpAcknowledged, .signInInvoked, .signInAcknowledged, .revokeInvoked,
            .revokeAcknowledged, .requestInvoked, .requestAcknowledged:
            try enterSession(record.event, by: process, at: moment)
        case .refused(let refused):
            let operation = try end(refused.op, .refused, as: nil, at: moment)
            refusals.append(
                Refusal(
                    moment: moment, operation: operation, status: refused.status, code: symbols.symbol(refused.code),
                    retryAfter: refused.retryAfter))
            if let present = refused.present {
                enterConflict(present, of: operations[Int(operation)], at: moment)
            }
        case .unknown(let unknown):
            let operation = operations[Int(try end(unknown.op, .unknown, as: nil, at: moment))]
            let message = Int(operation.entry)
            if unknown.accepted == true, operation.ask == .send, messages[message].accepted == nil {
                messages[message].accepted = moment
            }
        case .gapHealed: gapsHealed.append(moment)
        case .resyncReceived: resyncs.append(moment)
        case .fault(let step): steps.append((step, moment))
        case .poison(let poison): poisons.append((poison, moment))
        case .counters(let values): counters.append((values, moment))
        case .gauges(let values): gauges.append((values, moment))
        case .limits(let new): limits.merge(new.atMost) { _, new in new }
        case .load(let level): loads.append((level.factor, moment))
        case .note: break
        }
    }

    private mutating func enterSend(_ event: Event, by process: Symbol, at moment: Moment) throws(CheckError) {
        switch event {
        case .sendInvoked(let send):
            let key = MessageKey(
                conversation: symbols.symbol(send.conversation), sender: symbols.symbol(send.user),
                id: symbols.symbol(send.id))
            let hash = symbols.symbol(send.hash)
            let message = message(key, hash: hash, replyTo: send.replyTo, process: process, at: moment)
            guard messages[message].hash == hash, messages[message].replyTo == send.replyTo else {
                throw .malformed(line: Int(moment.line), reason: "the workload used a client message id twice")
            }
            messages[message].attempts.append(
                try begin(send.op, .send, by: process, session: send.session, entry: message, at: moment))
        case .sendAcknowledged(let answer):
            let operation = operations[Int(try end(answer.op, .acknowledged, as: .send, at: moment))]
            let message = Int(operation.entry)
            let seen = SeenMessage(
                seq: answer.seq, rev: answer.rev, sender: answer.sender, id: answer.id, hash: answer.hash,
                state: answer.state)
            messages[message].acknowledgements.append(
                see(
                    conversation: messages[message].key.conversation, seen, by: operation.process, .acknowledgement,
                    at: moment))
        default: break
        }
    }

    private mutating func enterTab(_ event: Event, by process: Symbol, at moment: Moment) throws(CheckError) {
        switch event {
        case .viewed(let view):
            let conversation = symbols.symbol(view.conversation)
            let seen = SeenMessage(
                seq: view.seq, rev: view.rev, sender: view.sender, id: view.id, hash: view.hash, state: view.state)
            let sighting = see(conversation: conversation, seen, by: process, .view(view.via), at: moment)
            feeds[FeedKey(tab: process, conversation: conversation), default: []].append(.shown(sighting))
        case .viewChanged(let view):
            let conversation = symbols.symbol(view.conversation)
            let sighting = see(conversation: conversation, view.message, by: process, .view(view.via), at: moment)
            feeds[FeedKey(tab: process, conversation: conversation), default: []].append(.changed(sighting))
        case .viewReset(let reset):
            let key = FeedKey(tab: process, conversation: symbols.symbol(reset.conversation))
            feeds[key, default: []].append(.reset(next: reset.next, head: reset.head ?? reset.next - 1, moment))
        case .tabConnected(let connected):
            let stay = Tab.Stay(
                session: symbols.symbol(connected.session), asked: connected.asked, connected: moment)
            tabs[process, default: Tab(user: symbols.symbol(connected.user))].leave(at: moment)
            tabs[process]?.stays.append(stay)
        case .tabDisconnected: tabs[process]?.leave(at: moment)
        case .tabClosed:
            tabs[process]?.leave(at: moment)
            tabs[process]?.closed = moment
        default: break
        }
    }

    private mutating func enterRead(_ event: Event, by process: Symbol, at moment: Moment) throws(CheckError) {
        switch event {
        case .syncInvoked(let sync):
            let operation = try begin(
                sync.op, .sync, by: process, session: sync.session, entry: syncs.count, at: moment)
            users[process] = symbols.symbol(sync.user)
            syncs.append(Sync(operation: operation, user: symbols.symbol(sync.user)))
        case .syncAnswered(let answer):
            let entry = Int(operations[Int(try end(answer.op, .acknowledged, as: .sync, at: moment))].entry)
            for (conversation, cursor) in answer.cursors.sorted(by: { $0.key < $1.key }) {
                syncs[entry].cursors.append((symbols.symbol(conversation), cursor))
            }
            syncs[entry].more = answer.more
            for (conversation, summary) in (answer.summaries ?? [:]).sorted(by: { $0.key < $1.key }) {
                syncs[entry].summaries.append((symbols.symbol(conversation), summary))
            }
        case .readInvoked(let read):
            let operation = try begin(
                read.op, .read, by: process, session: read.session, entry: pages.count, at: moment)
            pages.append(
                Page(
                    operation: operation, user: symbols.symbol(read.user),
                    conversation: symbols.symbol(read.conversation), before: read.before,
                    after: read.after))
        case .readAnswered(let answer):
            let entry = Int(operations[Int(try end(answer.op, .acknowledged, as: .read, at: moment))].entry)
            let first = Int32(sightings.count)
            for seen in answer.messages {
                _ = see(conversation: pages[entry].conversation, seen, by: process, .page, at: moment)
            }
            pages[entry].messages = first..<Int32(sightings.count)
        case .positionInvoked(let position):
            let operation = try begin(
                position.op, .position, by: process, session: position.session, entry: positions.count, at: moment)
            positions.append(
                Position(
                    operation: operation, user: symbols.symbol(position.user),
                    conversation: symbols.symbol(position.conversation), received: position.received,
                    read: position.read))
        case .positionAcknowledged(let answer): _ = try end(answer.op, .acknowledged, as: .position, at: moment)
        case .settingsInvoked(let choice):
            let operation = try begin(
                choice.op, .settings, by: process, session: choice.session, entry: choices.count, at: moment)
            choices.append(
                Choice(
                    operation: operation, user: symbols.symbol(choice.user),
                    conversation: symbols.symbol(choice.conversation)))
        case .settingsAcknowledged(let answer):
            let entry = Int(operations[Int(try end(answer.op, .acknowledged, as: .settings, at: moment))].entry)
            choices[entry].settings = answer.settings
        default: break
        }
    }

    private mutating func enterSession(_ event: Event, by process: Symbol, at moment: Moment) throws(CheckError) {
        switch event {
        case .signUpInvoked(let signUp):
            let operation = try begin(
                signUp.op, .signUp, by: process, session: nil, entry: signUps.count, at: moment)
            signUps.append(Entrance(operation: operation, username: symbols.symbol(signUp.username)))
        case .signUpAcknowledged(let answer):
            let entry = Int(operations[Int(try end(answer.op, .acknowledged, as: .signUp, at: moment))].entry)
            signUps[entry].user = symbols.symbol(answer.user)
        case .signInInvoked(let signIn):
            let operation = try begin(
                signIn.op, .signIn, by: process, session: nil, entry: signIns.count, at: moment)
            signIns.append(Entrance(operation: operation, username: symbols.symbol(signIn.username)))
        case .signInAcknowledged(let answer):
            let entry = Int(operations[Int(try end(answer.op, .acknowledged, as: .signIn, at: moment))].entry)
            signIns[entry].user = symbols.symbol(answer.user)
        case .revokeInvoked(let revoke):
            let operation = try begin(
                revoke.op, .revoke, by: process, session: revoke.session, entry: revocations.count, at: moment)
            revocations.append(
                Revocation(operation: operation, sessions: revoke.sessions.map { symbols.symbol($0) }))
        case .revokeAcknowledged(let answer): _ = try end(answer.op, .acknowledged, as: .revoke, at: moment)
        case .requestInvoked(let request):
            _ = try begin(request.op, .request, by: process, session: request.session, entry: 0, at: moment)
        case .requestAcknowledged(let answer): _ = try end(answer.op, .acknowledged, as: .request, at: moment)
        default: break
        }
    }
}

extension Tab {
    /// The stream that is open, if any, has ended.
    mutating func leave(at moment: Moment) {
        guard !stays.isEmpty, stays[stays.count - 1].disconnected == nil else { return }
        stays[stays.count - 1].disconnected = moment
    }
}
