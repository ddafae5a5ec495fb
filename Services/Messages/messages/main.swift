import MessagesService
import ServiceKit

await ServiceRuntime.main(
    name: "messages", summary: "conversations and messages", settings: MessagesSettings.all
) { runtime in
    try await buildMessagesService(runtime)
}
