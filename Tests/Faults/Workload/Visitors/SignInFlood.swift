/// Signs in without end: each attempt costs the users services a password hash.
struct SignInFlood: Sendable {
    let context: RunContext
    let atOnce: Int
    let usernames: [String]

    func run() async {
        await withDiscardingTaskGroup { group in
            for number in 0..<atOnce {
                group.addTask {
                    var turn = number
                    while !Task.isCancelled {
                        let name = usernames[turn % usernames.count]
                        let (verdict, _) = await context.trySignIn(
                            name, at: context.gateway(turn), by: "flood-\(number + 1)")
                        turn += atOnce
                        if case .success = verdict { continue }
                        try? await Task.sleep(for: .milliseconds(Int.random(in: 20...200)))
                    }
                }
            }
        }
    }
}
