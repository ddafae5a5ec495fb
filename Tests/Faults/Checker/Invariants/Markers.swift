import FaultHistory

// I4, for the markers of changes.
extension Trial {
    /// Each marker belongs to a change of a message. The one of the message's last change says what the message is and which
    /// change it replaced; the others are spent, so that nothing of a replaced or deleted text is left.
    func examineMarkers(
        _ found: Store.Conversation, of conversation: Symbol, _ examination: inout Examination
    ) {
        guard let markers = found.markers else { return }
        func accuse(_ sentence: String, _ number: Int64, _ message: Store.Message?) {
            let moment = firstSight(of: message, nil, in: conversation)
            examination.accuse(
                sentence, of: "\(conversation)/\(number)", at: moment.at, lines: moment.lines,
                stored: message.map { [stored($0, in: conversation)] } ?? [storedEnd(of: conversation)])
        }
        var numbers: Set<Int64> = []
        /// For each message the number of its last change before the marker at hand.
        var changes: [Int64: Int64] = [:]
        for marker in markers {
            let name = "marker \(marker.number) of conversation \(text(conversation))"
            let message = found.message(marker.seq)
            guard numbers.insert(marker.number).inserted else {
                accuse("\(name) is stored twice", marker.number, message)
                continue
            }
            if let holder = found.message(marker.number) {
                accuse("\(name) has the number of a message", marker.number, holder)
            } else if let message, marker.number > message.rev {
                accuse("\(name) belongs to a change that was never finished", marker.number, message)
            } else if message == nil || marker.number <= marker.seq {
                accuse("\(name) points to number \(marker.seq), which it cannot have changed", marker.number, message)
            } else if let message, let wrong = content(of: marker, message, after: changes[marker.seq]) {
                accuse("\(name) \(wrong)", marker.number, message)
            }
            changes[marker.seq] = marker.number
        }
        for message in found.messages where message.rev > message.seq && !numbers.contains(message.rev) {
            accuse(
                "number \(message.rev) of conversation \(text(conversation)) changed number \(message.seq) "
                    + "and has no marker", message.rev, message)
        }
    }

    /// What is wrong with the content of a marker in its place; nil if nothing is.
    private func content(of marker: Store.Marker, _ message: Store.Message, after last: Int64?) -> String? {
        if marker.number < message.rev {
            return marker.message == nil && marker.previous == nil
                ? nil : "has not been spent, though number \(message.rev) replaced it"
        }
        guard let content = marker.message else { return "was spent, and it is the last of its message" }
        guard content == message else { return "says of number \(marker.seq) what the message itself does not" }
        let expected = last ?? marker.seq
        guard marker.previous == expected else {
            return "says that it replaced \(marker.previous.map { "number \($0)" } ?? "nothing"), "
                + "where number \(expected) was"
        }
        return nil
    }
}
