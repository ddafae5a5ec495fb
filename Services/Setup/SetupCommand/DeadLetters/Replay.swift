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
        guard let type = ServiceCommands.type(named: command.type) else {
            return .failure(Obstacle(reason: "no service knows this type of command"))
        }
        do throws(Fault) {
            let command: any ServiceCommand = try command.decode(type)
            if let refusal = command.refusal { throw refusal }
            return .success(command.queue)
        } catch {
            return .failure(Obstacle(reason: error.field.map { "\(error.message) (\($0))" } ?? error.message))
        }
    }
}
