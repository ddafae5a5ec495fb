import ServiceKit
import UsersService

await ServiceRuntime.main(
    name: "users", summary: "accounts, passwords and profiles", settings: UsersSettings.all
) { runtime in
    try await buildUsersService(runtime)
}
