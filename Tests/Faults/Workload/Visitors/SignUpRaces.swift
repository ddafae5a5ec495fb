/// The same name is wanted at every gateway at once, in different cases: one may get it, or nobody, never two.
struct SignUpRaces: Sendable {
    let context: RunContext
    let interval: Double

    func run() async {
        var number = 0
        while !Task.isCancelled {
            try? await Task.sleep(for: .seconds(Double.random(in: 0.5...1.5) * interval))
            guard !Task.isCancelled else { return }
            number += 1
            let name = "\(context.configuration.run).race\(number)"
            await withDiscardingTaskGroup { group in
                for (index, gateway) in context.configuration.gateways.prefix(4).enumerated() {
                    let spelled = index % 2 == 0 ? name : name.uppercased()
                    group.addTask {
                        _ = await context.trySignUp(spelled, at: gateway, by: "racer-\(index + 1)")
                    }
                }
            }
        }
    }
}
