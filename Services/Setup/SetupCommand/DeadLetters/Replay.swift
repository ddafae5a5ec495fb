import ChatContracts
import MessageBus

/// Whether and where a command can be sent again.
enum Replay {
    struct Obstacle: Error, Equatable {
        /// For people; shows no values, which may be secret.
        var reason: String
    }

    /// The queue whose service carries the command out: the one that it came from, unless it came to the wrong one.
    static func destination(of command: CommandDelivery) -> Result<String, Obstacle> {
        do throws(Fault) {
            switch command.type {
            case SendMessage.typeName: return .success(shard(of: try command.decode(SendMessage.self).conversation))
            case SetPosition.typeName: return .success(shard(of: try command.decode(SetPosition.self).conversation))
            case OpenDirectConversation.typeName:
                let open = try command.decode(OpenDirectConversation.self)
                guard open.user != open.other else {
                    return .failure(Obstacle(reason: "a conversation needs two different people"))
                }
                return .success(shard(of: .direct(open.user, open.other)))
            case RegisterUser.typeName: _ = try command.decode(RegisterUser.self)
            case UpdateProfile.typeName: _ = try command.decode(UpdateProfile.self)
            case ChangePassword.typeName: _ = try command.decode(ChangePassword.self)
            default: return .failure(Obstacle(reason: "no service knows this type of command"))
            }
            return .success(Topology.userCommands)
        } catch {
            return .failure(Obstacle(reason: error.field.map { "\(error.message) (\($0))" } ?? error.message))
        }
    }

    private static func shard(of conversation: ConversationID) -> String {
        Topology.messageCommands(shard: Topology.shard(of: conversation))
    }
}
