/// What a record says.
///
/// Anything that is asked of a gateway is an operation with a number of its own, which no other operation of the run
/// has: one `….invoke` written before the first byte leaves, then at most one result written after the last byte came:
/// `….ok`, ``refused(_:)`` or ``unknown(_:)``. An operation without a result counts as unknown. Trying again is a new
/// operation. Ids are spelled as the API spells them.
public enum Event: Sendable, Hashable {
    /// `send.invoke`: one attempt to send a message.
    case sendInvoked(SendInvoked)
    /// `send.ok`: the answer was success, and this is the message that it described.
    case sendAcknowledged(SendAcknowledged)

    /// `change.invoke`: one attempt to edit or delete a message, or to add or remove a reaction.
    case changeInvoked(ChangeInvoked)
    /// `change.ok`: the answer was success.
    case changeAcknowledged(ChangeAcknowledged)

    /// `view`: a tab put a message at the end of what it shows of a conversation.
    case viewed(Viewed)
    /// `view.change`: a tab heard of the present state of a message that was there before.
    case viewChanged(ViewChanged)
    /// `view.reset`: a tab dropped what it showed of a conversation and begins anew.
    case viewReset(ViewReset)
    /// `tab.connect`: the gateway has accepted a tab's live stream.
    case tabConnected(TabConnected)
    /// `tab.disconnect`: a tab's live stream has ended, whoever ended it.
    case tabDisconnected(TabDisconnected)
    /// `tab.close`: the tab is gone for good; nothing is expected of it any more.
    case tabClosed
    /// `gap.healed`: a tab held back later messages, and a sync brought what was missing before them.
    case gapHealed(GapHealed)
    /// `resync`: a tab was told by its stream that events may have been lost.
    case resyncReceived

    /// `sync.invoke`: a tab asks for what happened since its cursors.
    case syncInvoked(SyncInvoked)
    /// `sync.ok`: the answer, after the tab has applied it.
    case syncAnswered(SyncAnswered)
    /// `catchup.invoke`: somebody asks for what happened in one conversation after a number.
    case catchUpInvoked(CatchUpInvoked)
    /// `catchup.ok`: the answer.
    case catchUpAnswered(CatchUpAnswered)
    /// `read.invoke`: somebody asks for a page of a conversation's history.
    case readInvoked(ReadInvoked)
    /// `read.ok`: the page.
    case readAnswered(ReadAnswered)
    /// `position.invoke`: a member reports how far they received or read.
    case positionInvoked(PositionInvoked)
    /// `position.ok`: the position is stored.
    case positionAcknowledged(PositionAcknowledged)
    /// `settings.invoke`: a member pins, mutes or archives a conversation.
    case settingsInvoked(SettingsInvoked)
    /// `settings.ok`: it is stored.
    case settingsAcknowledged(SettingsAcknowledged)

    /// `group.invoke`: somebody asks something of a group.
    case groupAsked(GroupAsked)
    /// `group.ok`: the answer was success.
    case groupAnswered(GroupAnswered)
    /// `group.heard`: a live stream brought a message or a line of a group.
    case groupHeard(GroupHeard)

    /// `signup.invoke`: somebody wants an account with this name.
    case signUpInvoked(SignUpInvoked)
    /// `signup.ok`: they have it, and a session.
    case signUpAcknowledged(SignUpAcknowledged)
    /// `signin.invoke`: somebody signs in.
    case signInInvoked(SignInInvoked)
    /// `signin.ok`: they have a session.
    case signInAcknowledged(SignInAcknowledged)
    /// `revoke.invoke`: sessions are to be ended.
    case revokeInvoked(RevokeInvoked)
    /// `revoke.ok`: they are ended.
    case revokeAcknowledged(RevokeAcknowledged)
    /// `request.invoke`: any other request that needs a session, such as asking whose it is.
    case requestInvoked(RequestInvoked)
    /// `request.ok`: it was accepted.
    case requestAcknowledged(RequestAcknowledged)

    /// `fail`: the operation surely was not carried out, and never will be: it was refused before anything was published.
    /// For operations that change nothing: any refusal.
    case refused(Refused)
    /// `unknown`: nobody can say whether the operation was, or will be, carried out.
    case unknown(OutcomeUnknown)

    /// `fault`: what the nemesis does.
    case fault(FaultStep)
    /// `poison`: the nemesis has put a command into a queue that no service can carry out.
    case poison(Poison)
    /// `counters`: what something has counted since it was started.
    case counters(Measurement)
    /// `gauges`: what something measures right now: memory, lengths of queues.
    case gauges(Measurement)
    /// `limits`: the most that gauges of these names may show.
    case limits(Limits)
    /// `load`: how much the workload offers from now on.
    case load(LoadLevel)
    /// `note`: a sentence for people; nothing is decided by it.
    case note(Note)
}

extension Event {
    /// The names of the kinds as they stand in the file.
    public enum Kind: String, Codable, Sendable, CaseIterable {
        case sendInvoke = "send.invoke"
        case sendOK = "send.ok"
        case changeInvoke = "change.invoke"
        case changeOK = "change.ok"
        case view
        case viewChange = "view.change"
        case viewReset = "view.reset"
        case tabConnect = "tab.connect"
        case tabDisconnect = "tab.disconnect"
        case tabClose = "tab.close"
        case gapHealed = "gap.healed"
        case resync
        case syncInvoke = "sync.invoke"
        case syncOK = "sync.ok"
        case catchUpInvoke = "catchup.invoke"
        case catchUpOK = "catchup.ok"
        case readInvoke = "read.invoke"
        case readOK = "read.ok"
        case positionInvoke = "position.invoke"
        case positionOK = "position.ok"
        case settingsInvoke = "settings.invoke"
        case settingsOK = "settings.ok"
        case groupInvoke = "group.invoke"
        case groupOK = "group.ok"
        case groupHeard = "group.heard"
        case signUpInvoke = "signup.invoke"
        case signUpOK = "signup.ok"
        case signInInvoke = "signin.invoke"
        case signInOK = "signin.ok"
        case revokeInvoke = "revoke.invoke"
        case revokeOK = "revoke.ok"
        case requestInvoke = "request.invoke"
        case requestOK = "request.ok"
        case fail
        case unknown
        case fault
        case poison
        case counters
        case gauges
        case limits
        case load
        case note
    }

    public var kind: Kind { description.0 }
    var fields: any Encodable { description.1 }

    private var description: (Kind, any Encodable) {
        switch self {
        case .sendInvoked(let fields): (.sendInvoke, fields)
        case .sendAcknowledged(let fields): (.sendOK, fields)
        case .changeInvoked(let fields): (.changeInvoke, fields)
        case .changeAcknowledged(let fields): (.changeOK, fields)
        case .viewed(let fields): (.view, fields)
        case .viewChanged(let fields): (.viewChange, fields)
        case .viewReset(let fields): (.viewReset, fields)
        case .tabConnected(let fields): (.tabConnect, fields)
        case .tabDisconnected(let fields): (.tabDisconnect, fields)
        case .tabClosed: (.tabClose, Nothing())
        case .gapHealed(let fields): (.gapHealed, fields)
        case .resyncReceived: (.resync, Nothing())
        case .syncInvoked(let fields): (.syncInvoke, fields)
        case .syncAnswered(let fields): (.syncOK, fields)
        case .catchUpInvoked(let fields): (.catchUpInvoke, fields)
        case .catchUpAnswered(let fields): (.catchUpOK, fields)
        case .readInvoked(let fields): (.readInvoke, fields)
        case .readAnswered(let fields): (.readOK, fields)
        case .positionInvoked(let fields): (.positionInvoke, fields)
        case .positionAcknowledged(let fields): (.positionOK, fields)
        case .settingsInvoked(let fields): (.settingsInvoke, fields)
        case .settingsAcknowledged(let fields): (.settingsOK, fields)
        case .groupAsked(let fields): (.groupInvoke, fields)
        case .groupAnswered(let fields): (.groupOK, fields)
        case .groupHeard(let fields): (.groupHeard, fields)
        case .signUpInvoked(let fields): (.signUpInvoke, fields)
        case .signUpAcknowledged(let fields): (.signUpOK, fields)
        case .signInInvoked(let fields): (.signInInvoke, fields)
        case .signInAcknowledged(let fields): (.signInOK, fields)
        case .revokeInvoked(let fields): (.revokeInvoke, fields)
        case .revokeAcknowledged(let fields): (.revokeOK, fields)
        case .requestInvoked(let fields): (.requestInvoke, fields)
        case .requestAcknowledged(let fields): (.requestOK, fields)
        case .refused(let fields): (.fail, fields)
        case .unknown(let fields): (.unknown, fields)
        case .fault(let fields): (.fault, fields)
        case .poison(let fields): (.poison, fields)
        case .counters(let fields): (.counters, fields)
        case .gauges(let fields): (.gauges, fields)
        case .limits(let fields): (.limits, fields)
        case .load(let fields): (.load, fields)
        case .note(let fields): (.note, fields)
        }
    }

    init(kind: Kind, from decoder: any Decoder) throws {
        self =
            switch kind {
            case .sendInvoke: .sendInvoked(try SendInvoked(from: decoder))
            case .sendOK: .sendAcknowledged(try SendAcknowledged(from: decoder))
            case .changeInvoke: .changeInvoked(try ChangeInvoked(from: decoder))
            case .changeOK: .changeAcknowledged(try ChangeAcknowledged(from: decoder))
            case .viewChange: .viewChanged(try ViewChanged(from: decoder))
            case .view: .viewed(try Viewed(from: decoder))
            case .viewReset: .viewReset(try ViewReset(from: decoder))
            case .tabConnect: .tabConnected(try TabConnected(from: decoder))
            case .tabDisconnect: .tabDisconnected(try TabDisconnected(from: decoder))
            case .tabClose: .tabClosed
            case .gapHealed: .gapHealed(try GapHealed(from: decoder))
            case .resync: .resyncReceived
            case .syncInvoke: .syncInvoked(try SyncInvoked(from: decoder))
            case .syncOK: .syncAnswered(try SyncAnswered(from: decoder))
            case .catchUpInvoke: .catchUpInvoked(try CatchUpInvoked(from: decoder))
            case .catchUpOK: .catchUpAnswered(try CatchUpAnswered(from: decoder))
            case .readInvoke: .readInvoked(try ReadInvoked(from: decoder))
            case .readOK: .readAnswered(try ReadAnswered(from: decoder))
            case .positionInvoke: .positionInvoked(try PositionInvoked(from: decoder))
            case .positionOK: .positionAcknowledged(try PositionAcknowledged(from: decoder))
            case .settingsInvoke: .settingsInvoked(try SettingsInvoked(from: decoder))
            case .settingsOK: .settingsAcknowledged(try SettingsAcknowledged(from: decoder))
            case .groupInvoke: .groupAsked(try GroupAsked(from: decoder))
            case .groupOK: .groupAnswered(try GroupAnswered(from: decoder))
            case .groupHeard: .groupHeard(try GroupHeard(from: decoder))
            case .signUpInvoke: .signUpInvoked(try SignUpInvoked(from: decoder))
            case .signUpOK: .signUpAcknowledged(try SignUpAcknowledged(from: decoder))
            case .signInInvoke: .signInInvoked(try SignInInvoked(from: decoder))
            case .signInOK: .signInAcknowledged(try SignInAcknowledged(from: decoder))
            case .revokeInvoke: .revokeInvoked(try RevokeInvoked(from: decoder))
            case .revokeOK: .revokeAcknowledged(try RevokeAcknowledged(from: decoder))
            case .requestInvoke: .requestInvoked(try RequestInvoked(from: decoder))
            case .requestOK: .requestAcknowledged(try RequestAcknowledged(from: decoder))
            case .fail: .refused(try Refused(from: decoder))
            case .unknown: .unknown(try OutcomeUnknown(from: decoder))
            case .fault: .fault(try FaultStep(from: decoder))
            case .poison: .poison(try Poison(from: decoder))
            case .counters: .counters(try Measurement(from: decoder))
            case .gauges: .gauges(try Measurement(from: decoder))
            case .limits: .limits(try Limits(from: decoder))
            case .load: .load(try LoadLevel(from: decoder))
            case .note: .note(try Note(from: decoder))
            }
    }

    private struct Nothing: Encodable {}
}
