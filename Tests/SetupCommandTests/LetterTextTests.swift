import AMQP
import ChatContracts
import Testing

@testable import MessageBus
@testable import SetupCommand

@Suite("A letter as an operator reads it")
struct LetterTextTests {
    private func text(_ body: String, type: String, queue: String = Topology.userDeadLetters) -> LetterText {
        let properties = AMQPProperties(
            type: type, correlationID: "7f", persistent: true,
            headers: [
                "x-martlet-reason": "A field is missing.", "x-martlet-queue": "users.commands",
                "x-martlet-time": .timestamp(1_700_000_000), "x-martlet-deliveries": 3,
            ])
        let delivery = AMQPDelivery(
            message: AMQPMessage(properties: properties, body: Array(body.utf8)), exchange: "dead-letters",
            routingKey: queue, redelivered: false, deliveryCount: 0, generation: 1, deliveryTag: 1, queue: queue)
        return LetterText(entry: .init(number: 4, letter: DeadLetteredCommand(delivery)))
    }

    @Test(
        arguments: [
            #"{"id":"00","username":"ada","displayName":null,"password":"hunter2"}"#,
            #"{"user":"00","currentPassword":"hunter2","newPassword":"hunter2"}"#,
            #"{"username":"ada","secret":{"word":"hunter2"}}"#, #"{"username":"ada","password":"hunter2"#, "hunter2",
        ])
    func `shows no password, whatever the command looks like`(body: String) {
        for queue in [Topology.userDeadLetters, Topology.messageDeadLetters] {
            // Nobody sends passwords to the messages service; a field of that name is hidden all the same.
            guard queue == Topology.userDeadLetters || body.contains("Password\":") else { continue }
            let text = text(body, type: RegisterUser.typeName, queue: queue)
            #expect(!text.full.contains("hunter2"))
            #expect(!text.summary.contains("hunter2"))
        }
    }

    @Test func `names whose it is, when and why it was dead-lettered, and what a replay would do`() {
        let id = UserID.random()
        let whole = text(
            #"{"id":"\#(id)","username":"ada","displayName":null,"password":"hunter2"}"#, type: RegisterUser.typeName)
        #expect(whole.summary.contains("2023-11-14T22:13:20"))
        #expect(whole.summary.contains("username ada"))
        #expect(whole.summary.contains("3 deliveries"))
        #expect(whole.full.contains("goes to users.commands"))
        let half = text(#"{"username":"ada"}"#, type: RegisterUser.typeName)
        #expect(half.full.contains("impossible: A field is missing. (id)"))
        #expect(text("{}", type: "user.what.v9").full.contains("impossible: no service knows this type"))
    }

    @Test func `sends nothing to the terminal but what can be read`() {
        let text = text(
            "{\"text\":\"\\u001b[31mred\\u202e\"}", type: "t\u{1b}]0;x\u{7}", queue: Topology.messageDeadLetters)
        for line in [text.full, text.summary] {
            #expect(!line.unicodeScalars.contains { $0.value < 0x20 && $0 != "\n" || $0.value == 0x202e })
        }
    }

    @Test func `knows what the broker noted when it dead-lettered a command by itself`() {
        let death: AMQPValue = .table([
            "queue": "messages.commands.3", "reason": "delivery_limit", "time": .timestamp(1_700_000_000), "count": 1,
        ])
        let delivery = AMQPDelivery(
            message: AMQPMessage(
                properties: AMQPProperties(
                    type: "t", replyTo: "gateway-1", userID: "gateway", persistent: true,
                    headers: ["x-death": .array([death]), "CC": [.string("x")], "request-id": "r1"]),
                body: []),
            exchange: "dead-letters", routingKey: "messages.dead-letters", redelivered: true, deliveryCount: 1,
            generation: 1, deliveryTag: 1, queue: "messages.dead-letters")
        let letter = DeadLetteredCommand(delivery)
        #expect(letter.reason == "delivery_limit")
        #expect(letter.origin == "messages.commands.3")
        #expect(letter.time == 1_700_000_000)
        #expect(letter.sender == "gateway")
        // What is sent again carries nothing of its first life but what the service needs.
        let again = letter.publication(to: "messages.commands.3", as: "operator")
        #expect(again.mandatory && again.exchange == "commands" && again.routingKey == "messages.commands.3")
        #expect(again.message.properties.headers == ["request-id": "r1"])
        #expect(again.message.properties.userID == "operator" && again.message.properties.replyTo == nil)
    }
}
