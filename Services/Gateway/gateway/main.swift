import GatewayService
import ServiceKit

await ServiceRuntime.main(
    name: "gateway", summary: "the web server: pages, API, sessions and live streams", settings: GatewaySettings.all
) { runtime in
    try await buildGateway(runtime)
}
