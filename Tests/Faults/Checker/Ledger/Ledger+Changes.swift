import FaultHistory

extension Ledger {
    mutating func enterChange(_ event: Event, by process: Symbol, at moment: Moment) throws(CheckError) {
        switch event {
        case .changeInvoked(let invoked):
            let index = try change(invoked, at: moment)
            changes[index].attempts.append(
                try begin(invoked.op, .change, by: process, session: invoked.session, entry: index, at: moment))
        case .changeAcknowledged(let answer):
            let operation = operations[Int(try end(answer.op, .acknowledged, as: .change, at: moment))]
            let index = Int(operation.entry)
            let sighting = answer.message.map {
                see(
                    conversation: changes[index].entry.conversation, $0, by: operation.process, .change, at: moment)
            }
            changes[index].acknowledgements.append((moment, sighting))
        default: break
        }
    }

    /// Notes the message that came with a refusal.
    mutating func enterConflict(_ present: SeenMessage, of operation: Operation, at moment: Moment) {
        guard operation.ask == .change else { return }
        let conversation = changes[Int(operation.entry)].entry.conversation
        let sighting = see(conversation: conversation, present, by: operation.process, .change, at: moment)
        conflicts.append(Conflict(change: operation.entry, sighting: sighting))
    }

    mutating func enterCatchUp(_ event: Event, by process: Symbol, at moment: Moment) throws(CheckError) {
        switch event {
        case .catchUpInvoked(let invoked):
            let operation = try begin(
                invoked.op, .catchUp, by: process, session: invoked.session, entry: catchUps.count, at: moment)
            catchUps.append(
                CatchUp(
                    operation: operation, user: symbols.symbol(invoked.user),
                    conversation: symbols.symbol(invoked.conversation), cursor: invoked.cursor))
        case .catchUpAnswered(let answer):
            let entry = Int(operations[Int(try end(answer.op, .acknowledged, as: .catchUp, at: moment))].entry)
            let first = Int32(sightings.count)
            for seen in answer.messages {
                _ = see(conversation: catchUps[entry].conversation, seen, by: process, .catchUp, at: moment)
            }
            catchUps[entry].answer = CatchUp.Response(
                cursor: answer.cursor, reset: answer.reset, messages: first..<Int32(sightings.count))
        default: break
        }
    }

    /// The change that an attempt belongs to.
    private mutating func change(_ invoked: ChangeInvoked, at moment: Moment) throws(CheckError) -> Int {
        let id = symbols.symbol(invoked.id)
        let entry = EntryKey(conversation: symbols.symbol(invoked.conversation), seq: invoked.seq)
        let user = symbols.symbol(invoked.user)
        let action: RequestedChange.Action
        switch (invoked.action, invoked.hash, invoked.of, invoked.emoji) {
        case (.edit, let hash?, let number?, _): action = .edit(hash: symbols.symbol(hash), of: number)
        case (.delete, _, _, _): action = .delete
        case (.react, _, _, let emoji?): action = .react(symbols.symbol(emoji))
        case (.unreact, _, _, let emoji?): action = .unreact(symbols.symbol(emoji))
        default: throw .malformed(line: Int(moment.line), reason: "it does not say what is to be changed")
        }
        if let known = changeOfID[id].map(Int.init) {
            guard changes[known].entry == entry, changes[known].user == user, changes[known].action == action else {
                throw .malformed(line: Int(moment.line), reason: "the workload used the id of a change twice")
            }
            return known
        }
        changeOfID[id] = Int32(changes.count)
        changesOfEntry[entry, default: []].append(Int32(changes.count))
        conversationsWithChanges.insert(entry.conversation)
        changes.append(RequestedChange(entry: entry, user: user, action: action, invoked: moment))
        return changes.count - 1
    }

    mutating func state(_ alterations: Alterations?) -> Int32 {
        guard let alterations else { return 0 }
        return state(EntryState(alterations, symbols: &symbols))
    }

    private mutating func state(_ state: EntryState) -> Int32 {
        if let known = numberOfState[state] { return known }
        let new = Int32(states.count)
        numberOfState[state] = new
        states.append(state)
        return new
    }

    func state(of sighting: Sighting) -> EntryState { states[Int(sighting.state)] }

    /// Notes how far a message and its conversation were seen.
    mutating func raiseHorizons(_ conversation: Symbol, _ seen: SeenMessage, at moment: Moment) {
        horizons[conversation, default: Horizon()].rise(to: seen.seq, at: moment)
        heads[conversation, default: Horizon()].rise(to: max(seen.seq, seen.rev), at: moment)
        if births[conversation, default: [:]][seen.seq] == nil { births[conversation]?[seen.seq] = moment }
        guard seen.rev > seen.seq else { return }
        let key = EntryKey(conversation: conversation, seq: seen.seq)
        revisions[key, default: Horizon()].rise(to: seen.rev, at: moment)
    }
}

extension EntryState {
    init(_ alterations: Alterations, symbols: inout SymbolTable) {
        edit = alterations.edit
        isDeleted = alterations.deleted ?? false
        replyTo = alterations.replyTo
        for (emoji, users) in alterations.reactions ?? [:] {
            let emoji = symbols.symbol(emoji)
            for user in users { reactions.insert(Reaction(emoji: emoji, user: symbols.symbol(user))) }
        }
    }
}
