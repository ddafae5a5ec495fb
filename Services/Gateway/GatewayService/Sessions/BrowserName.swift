/// Names a browser for people, from its `User-Agent`: "Firefox on Linux". A guess, only ever shown.
func browserName(userAgent: String?) -> String {
    guard let userAgent, !userAgent.isEmpty else { return "Unknown browser" }
    // Order matters: most browsers also name the ones that they are compatible with.
    let browsers = [
        ("Edg", "Edge"), ("OPR/", "Opera"), ("SamsungBrowser", "Samsung Internet"), ("Firefox", "Firefox"),
        ("FxiOS", "Firefox"), ("Chrom", "Chrome"), ("CriOS", "Chrome"), ("Safari", "Safari"), ("curl/", "curl"),
    ]
    let systems = [
        ("Android", "Android"), ("iPhone", "iPhone"), ("iPad", "iPad"), ("Windows", "Windows"), ("Mac OS X", "macOS"),
        ("CrOS", "ChromeOS"), ("Linux", "Linux"),
    ]
    let browser = browsers.first { userAgent.contains($0.0) }?.1
    let system = systems.first { userAgent.contains($0.0) }?.1
    return switch (browser, system) {
    case (let browser?, let system?): "\(browser) on \(system)"
    case (let browser?, nil): browser
    case (nil, let system?): "A browser on \(system)"
    case (nil, nil): String(userAgent.filter { $0.isASCII && !$0.isNewline }.prefix(60))
    }
}
