import ChatContracts
import MessageBus

/// Reads what came from a shard's queue.
enum CommandReader {
    /// - Parameter shard: the shard whose queue it came from; a command of another shard's conversation is as wrong as
    ///   one that cannot be read, because a conversation's order rests on one queue.
    static func command(_ delivery: CommandDelivery, shard: Int) -> LaneCommand {
        if let refusal = delivery.refusal { return .malformed(reason: refusal) }
        do throws(Fault) {
            let command: LaneCommand
            switch delivery.type {
            case SendMessage.typeName: command = .send(try delivery.decode(SendMessage.self))
            case OpenDirectConversation.typeName: command = .open(try delivery.decode(OpenDirectConversation.self))
            case SetPosition.typeName: command = .position(try delivery.decode(SetPosition.self))
            case MarkUnread.typeName: command = .position(try delivery.decode(MarkUnread.self))
            case ChangeConversationSettings.typeName:
                command = .settings(try delivery.decode(ChangeConversationSettings.self))
            case EditMessage.typeName: command = .change(try delivery.decode(EditMessage.self))
            case DeleteMessage.typeName: command = .change(try delivery.decode(DeleteMessage.self))
            case SetReaction.typeName: command = .change(try delivery.decode(SetReaction.self))
            case RemoveReaction.typeName: command = .change(try delivery.decode(RemoveReaction.self))
            case CreateGroup.typeName: command = .group(try delivery.decode(CreateGroup.self))
            case AddGroupMembers.typeName: command = .group(try delivery.decode(AddGroupMembers.self))
            case RemoveGroupMember.typeName: command = .group(try delivery.decode(RemoveGroupMember.self))
            case SetGroupRole.typeName: command = .group(try delivery.decode(SetGroupRole.self))
            case ChangeGroup.typeName: command = .group(try delivery.decode(ChangeGroup.self))
            case CreateInvitation.typeName: command = .group(try delivery.decode(CreateInvitation.self))
            case RevokeInvitation.typeName: command = .group(try delivery.decode(RevokeInvitation.self))
            case JoinGroup.typeName: command = .group(try delivery.decode(JoinGroup.self))
            default: return .malformed(reason: "The type '\(delivery.type.prefix(64))' is not known here.")
            }
            guard let conversation = command.conversation, Topology.shard(of: conversation) == shard else {
                return .malformed(reason: "The conversation does not belong to shard \(shard).")
            }
            return command
        } catch {
            return .malformed(reason: error.field.map { "\(error.message) (\($0))" } ?? error.message)
        }
    }
}
