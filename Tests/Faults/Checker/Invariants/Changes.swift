import FaultHistory

/// I18: a message is what its acknowledged edits, deletions and reactions say.
///
/// A change with an unknown outcome may have been carried out or not, also after later ones.
extension Trial {
    func changes() -> [Examination] {
        guard !ledger.changes.isEmpty || ledger.messages.contains(where: { $0.replyTo != nil }) else {
            return [.undecided("changes", "nobody asked for a change")]
        }
        return [edits(), deletions(), tombstones(), reactions(), texts(), conflicts(), quotes()]
    }

    // MARK: Edits

    /// Of two edits of one text one wins, and the text is the one of the last that won.
    private func edits() -> Examination {
        guard let store else { return .undecided("edits", Self.noFinalRead) }
        var examination = Examination("edits")
        for (entry, indices) in ledger.changesOfEntry {
            let edits = indices.map { ledger.changes[Int($0)] }.compactMap { change -> Edit? in
                guard case .edit(let hash, let number) = change.action, mayHaveHappened(change) else { return nil }
                return Edit(change: change, hash: hash, of: number)
            }
            let acknowledged = edits.filter { !$0.change.acknowledgements.isEmpty }.sorted { $0.of < $1.of }
            guard !acknowledged.isEmpty else { continue }
            let found = store.conversations[entry.conversation]?.message(entry.seq)
            for (one, other) in zip(acknowledged, acknowledged.dropFirst()) {
                examination.look()
                guard one.of == other.of else { continue }
                accuse(
                    "two edits of number \(entry.seq) of conversation \(text(entry.conversation)) that replace the text "
                        + "of \(one.of) were acknowledged", entry, [one.change, other.change], found, &examination)
            }
            examination.look()
            // A message that is gone is found by I1.
            guard let found, !found.state.isDeleted, let last = acknowledged.last else { continue }
            let stamp = found.state.edit ?? entry.seq
            let winners = edits.filter { $0.hash == found.content.hash && $0.of < stamp }
            if stamp <= last.of
                || !winners.contains(where: { $0.of > last.of || $0.change.invoked == last.change.invoked })
            {
                accuse(
                    "an acknowledged edit of number \(entry.seq) of conversation \(text(entry.conversation)), which "
                        + "replaces the text of \(last.of), is lost", entry, [last.change], found, &examination)
            }
        }
        return examination
    }

    private struct Edit {
        var change: RequestedChange
        var hash: Symbol
        var of: Int64
    }

    private func accuse(
        _ sentence: String, _ entry: EntryKey, _ changes: [RequestedChange], _ found: Store.Message?,
        _ examination: inout Examination
    ) {
        let lines = changes.flatMap { change in
            [change.invoked] + (change.acknowledgements.first.map { [$0.moment] } ?? [])
        }
        examination.accuse(
            sentence, of: "\(entry.conversation)/\(entry.seq)", at: changes.last?.invoked ?? Moment(line: 0, at: 0),
            lines: lines, stored: found.map { [stored($0, in: entry.conversation)] } ?? [])
    }

    /// One number writes one text, and everybody sees that one; the numbers of texts rise.
    private func texts() -> Examination {
        var examination = Examination("texts")
        struct Text: Hashable {
            var entry: EntryKey
            var stamp: Int64
        }
        var first: [Text: Int32] = [:]
        var accused: Set<Text> = []
        for (index, sighting) in ledger.sightings.enumerated() {
            let entry = EntryKey(conversation: sighting.conversation, seq: sighting.seq)
            guard ledger.changesOfEntry[entry] != nil else { continue }
            let state = ledger.state(of: sighting)
            guard !state.isDeleted else { continue }
            examination.look()
            let text = Text(entry: entry, stamp: state.edit ?? sighting.seq)
            if text.stamp > sighting.rev || text.stamp < sighting.seq, accused.insert(text).inserted {
                examination.accuse(
                    "number \(sighting.seq) of conversation \(self.text(sighting.conversation)) was seen as changed by "
                        + "\(sighting.rev), with a text of \(text.stamp)",
                    of: subject(sighting), at: sighting.moment, lines: [sighting.moment])
            }
            guard let known = first[text] else {
                first[text] = Int32(index)
                continue
            }
            let earlier = ledger.sightings[Int(known)]
            guard earlier.content != sighting.content, accused.insert(text).inserted else { continue }
            examination.accuse(
                "two different texts were seen that \(text.stamp) wrote into number \(sighting.seq) of conversation "
                    + self.text(sighting.conversation),
                of: subject(sighting), at: sighting.moment, lines: [earlier.moment, sighting.moment])
        }
        return examination
    }

    /// An edit that was refused because of a faster one was shown that one.
    private func conflicts() -> Examination {
        guard !ledger.conflicts.isEmpty else { return .undecided("conflicts", "no edit met a faster one") }
        var examination = Examination("conflicts")
        for conflict in ledger.conflicts {
            let change = ledger.changes[Int(conflict.change)]
            guard case .edit(_, let number) = change.action else { continue }
            examination.look()
            let sighting = ledger.sightings[Int(conflict.sighting)]
            let state = ledger.state(of: sighting)
            if sighting.seq == change.entry.seq, state.isDeleted || state.edit ?? sighting.seq != number { continue }
            examination.accuse(
                "an edit was refused because somebody else was faster, but the message that came with the refusal still "
                    + "has the text of \(number)",
                of: "\(change.entry.conversation)/\(change.entry.seq)", at: sighting.moment,
                lines: [change.invoked, sighting.moment])
        }
        return examination
    }

    // MARK: Deletions

    private func deletions() -> Examination {
        guard let store else { return .undecided("deletions", Self.noFinalRead) }
        var examination = Examination("deletions")
        for change in ledger.changes where change.action == .delete && !change.acknowledgements.isEmpty {
            examination.look()
            guard let found = store.conversations[change.entry.conversation]?.message(change.entry.seq),
                !found.state.isDeleted
            else { continue }
            accuse(
                "the deletion of number \(change.entry.seq) of conversation \(text(change.entry.conversation)) was "
                    + "acknowledged and is lost", change.entry, [change], found, &examination)
        }
        for change in ledger.changes {
            guard let deleted = firstDeletion(of: change.entry), let answer = change.acknowledgements.first else {
                continue
            }
            switch change.action {
            case .delete, .unreact: continue
            case .edit, .react: examination.look()
            }
            // Only what was asked for when the message was surely deleted.
            guard change.invoked > deleted else { continue }
            examination.accuse(
                "number \(change.entry.seq) of conversation \(text(change.entry.conversation)) was deleted, and a later "
                    + "change of it was acknowledged",
                of: "\(change.entry.conversation)/\(change.entry.seq)", at: answer.moment,
                lines: [deleted, change.invoked, answer.moment])
        }
        return examination
    }

    private func firstDeletion(of entry: EntryKey) -> Moment? {
        changes(of: entry).filter { $0.action == .delete }.compactMap { $0.acknowledgements.first?.moment }.min()
    }

    /// A deletion is final, and nothing is left of what was deleted.
    private func tombstones() -> Examination {
        var examination = Examination("tombstones")
        var last: [EntryKey: Sighting] = [:]
        let empty = ledger.symbols.known(TextHash.of(""))
        for sighting in ledger.sightings where ledger.state(of: sighting).isDeleted {
            examination.look()
            let entry = EntryKey(conversation: sighting.conversation, seq: sighting.seq)
            if last[entry].map({ $0.rev < sighting.rev }) ?? true { last[entry] = sighting }
            let content = ledger.contents[Int(sighting.content)]
            guard content.hash != empty || !ledger.state(of: sighting).reactions.isEmpty else { continue }
            examination.accuse(
                "number \(sighting.seq) of conversation \(text(sighting.conversation)) is deleted and was seen with a text "
                    + "or a reaction",
                of: subject(sighting), at: sighting.moment, lines: [sighting.moment])
        }
        for sighting in ledger.sightings where !ledger.state(of: sighting).isDeleted {
            let entry = EntryKey(conversation: sighting.conversation, seq: sighting.seq)
            guard let tombstone = last[entry], sighting.rev >= tombstone.rev else { continue }
            examination.accuse(
                "number \(sighting.seq) of conversation \(text(sighting.conversation)) was deleted by \(tombstone.rev) and "
                    + "seen again as changed by \(sighting.rev)",
                of: subject(sighting), at: sighting.moment, lines: [tombstone.moment, sighting.moment])
        }
        for (conversation, found) in store?.inOrder ?? [] {
            for message in found.messages {
                let tombstone = last[EntryKey(conversation: conversation, seq: message.seq)]
                guard message.state.isDeleted || tombstone != nil else { continue }
                examination.look()
                let complaint: String? =
                    if !message.state.isDeleted {
                        "was seen deleted and is not"
                    } else if message.content.hash != empty || !message.state.reactions.isEmpty {
                        "is deleted and has a text or a reaction"
                    } else if let tombstone, tombstone.rev != message.rev {
                        "was deleted by \(tombstone.rev) and changed by \(message.rev)"
                    } else {
                        nil
                    }
                guard let complaint else { continue }
                examination.accuse(
                    "number \(message.seq) of conversation \(text(conversation)) \(complaint)",
                    of: "\(conversation)/\(message.seq)", at: tombstone?.moment ?? Moment(line: 0, at: 0),
                    lines: tombstone.map { [$0.moment] } ?? [], stored: [stored(message, in: conversation)])
            }
        }
        return examination
    }

    // MARK: Quotes

    /// A message quotes what it was sent as an answer to; nothing only if that may have been deleted.
    private func quotes() -> Examination {
        var examination = Examination("quotes")
        func examine(_ message: SentMessage, _ quoted: Int64?, _ seq: Int64, _ moment: Moment, _ stored: [String]) {
            examination.look()
            guard quoted != message.replyTo else { return }
            if quoted == nil, let sent = message.replyTo {
                let target = EntryKey(conversation: message.key.conversation, seq: sent)
                if changes(of: target).contains(where: { $0.action == .delete && mayHaveHappened($0) }) { return }
            }
            func name(_ quoted: Int64?) -> String { quoted.map { "number \($0)" } ?? "nothing" }
            examination.accuse(
                "number \(seq) of conversation \(text(message.key.conversation)) quotes \(name(quoted)) and was sent as "
                    + "an answer to \(name(message.replyTo))",
                of: subject(message.key), at: moment, lines: [message.invoked, moment], stored: stored)
        }
        var examined: Set<Int32> = []
        for message in ledger.messages where message.replyTo != nil {
            for seq in store?.places[message.key] ?? [] {
                guard let found = store?.conversations[message.key.conversation]?.message(seq),
                    !found.state.isDeleted
                else { continue }
                examine(
                    message, found.state.replyTo, seq, message.invoked, [stored(found, in: message.key.conversation)])
            }
        }
        for sighting in ledger.sightings {
            let state = ledger.state(of: sighting)
            guard !state.isDeleted, let message = ledger.message(of: sighting),
                state.replyTo != message.replyTo, examined.insert(sighting.content).inserted
            else { continue }
            examine(message, state.replyTo, sighting.seq, sighting.moment, [])
        }
        return examination
    }
}
