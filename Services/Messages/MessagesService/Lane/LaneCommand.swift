import ChatContracts

/// What a delivery of a shard's queue asks for, after decoding.
enum LaneCommand: Sendable {
    case send(SendMessage)
    case open(OpenDirectConversation)
    case position(any PositionCommand)
    case settings(ChangeConversationSettings)
    case change(any EntryCommand)
    case group(any GroupLineCommand)
    /// Cannot be understood and never will be; the reason is for operators.
    case malformed(reason: String)

    /// The conversation that the command is about; nil for a malformed one.
    var conversation: ConversationID? {
        switch self {
        case .send(let command): command.conversation
        case .open(let command): .direct(command.user, command.other)
        case .position(let command): command.conversation
        case .settings(let command): command.conversation
        case .change(let command): command.conversation
        case .group(let command): command.conversation
        case .malformed: nil
        }
    }
}

extension LaneCommand {
    /// The answer to a command that is wrong by itself, whatever is stored; nil otherwise. Gateways check the same earlier,
    /// but commands may come from elsewhere.
    var refusal: LaneResponse? {
        let fault =
            switch self {
            case .send(let command): command.refusal
            case .open(let command): command.refusal
            case .position(let command): command.refusal
            case .settings(let command): command.refusal
            case .change(let command): command.refusal
            case .group(let command): command.refusal
            case .malformed: nil as Fault?
            }
        return fault.map(LaneResponse.fault)
    }
}

extension LaneCommand {
    /// Who asks, and about which conversation; nil for a malformed one.
    var membership: Membership? {
        switch self {
        case .send(let command): Membership(conversation: command.conversation, user: command.sender)
        case .open(let command): Membership(conversation: .direct(command.user, command.other), user: command.user)
        case .position(let command): Membership(conversation: command.conversation, user: command.user)
        case .settings(let command): Membership(conversation: command.conversation, user: command.user)
        case .change(let command): Membership(conversation: command.conversation, user: command.user)
        case .group(let command): Membership(conversation: command.conversation, user: command.user)
        case .malformed: nil
        }
    }
}

/// A user and a conversation that exists for the user, or about which that is the question.
struct Membership: Sendable, Hashable {
    var conversation: ConversationID
    var user: UserID
}

/// One delivery, as the planner sees it. `Handle` is whatever the lane needs to answer and acknowledge it later.
struct LaneDelivery<Handle: Sendable>: Sendable {
    var handle: Handle
    /// The shard whose queue it came from.
    var shard: Int
    var command: LaneCommand
    /// True if some consumer may have had it before.
    var redelivered: Bool
    /// How often it was returned to the queue.
    var deliveryCount: Int
}

/// What identifies a message before it has a number: the promise "once" is about this key.
struct MessageKey: Sendable, Hashable {
    var conversation: ConversationID
    var sender: UserID
    var clientMessageID: ClientMessageID

    init(_ command: SendMessage) {
        conversation = command.conversation
        sender = command.sender
        clientMessageID = command.clientMessageId
    }

    init(_ command: any GroupLineCommand) {
        conversation = command.conversation
        sender = command.user
        clientMessageID = command.clientMessageId
    }

    init(_ message: Message) {
        conversation = message.conversation
        sender = message.sender
        clientMessageID = message.clientMessageId
    }
}

/// A place in a conversation.
struct EntryKey: Sendable, Hashable {
    var conversation: ConversationID
    var seq: Int64

    init(conversation: ConversationID, seq: Int64) {
        self.conversation = conversation
        self.seq = seq
    }

    init(_ message: Message) {
        self.init(conversation: message.conversation, seq: message.seq)
    }
}

extension LaneCommand {
    /// Whether it changes nothing but what one member alone has: positions or settings.
    var isAboutMember: Bool {
        switch self {
        case .position, .settings: true
        case .send, .open, .change, .group, .malformed: false
        }
    }

    /// What it stores once, whatever comes again; nil if it stores nothing of that kind.
    var key: MessageKey? {
        switch self {
        case .send(let command): MessageKey(command)
        case .group(let command): MessageKey(command)
        case .open, .position, .settings, .change, .malformed: nil
        }
    }

    /// Whom its text mentions; nil for none.
    var mentions: [Mention]? {
        switch self {
        case .send(let command): command.mentions
        case .change(let command): command.mentions
        case .open, .position, .settings, .group, .malformed: nil
        }
    }

    /// The entry without which nothing can be decided; nil if there is none.
    var entry: EntryKey? {
        switch self {
        case .send(let command):
            command.replyTo.map { EntryKey(conversation: command.conversation, seq: $0) }
        case .change(let command): EntryKey(conversation: command.conversation, seq: command.seq)
        case .open, .position, .settings, .group, .malformed: nil
        }
    }
}
