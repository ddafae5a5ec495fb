// swift-tools-version: 6.2
import PackageDescription

/// In CI a warning is an error. Not by a compiler flag, which would hold for the dependencies too.
let strictness: [SwiftSetting] =
    Context.environment["MARTLET_WARNINGS_AS_ERRORS"] == "1" ? [.treatAllWarnings(as: .error)] : []
/// Settings shared by every target. Targets that call C turn strict memory safety off (see `bridgeSettings`), because
/// every line of theirs would need the `unsafe` marker and the marker would then tell nothing.
let bridgeSettings: [SwiftSetting] =
    [
        .swiftLanguageMode(.v6),
        .enableUpcomingFeature("ExistentialAny"),
        .enableUpcomingFeature("MemberImportVisibility"),
        .enableUpcomingFeature("InternalImportsByDefault"),
        .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
    ] + strictness
let settings: [SwiftSetting] = bridgeSettings + [.strictMemorySafety()]

/// A module of this project.
func module(_ name: String, in path: String, _ dependencies: [Target.Dependency] = []) -> Target {
    .target(name: name, dependencies: dependencies, path: path, swiftSettings: settings)
}

/// A module that calls C.
func bridge(_ name: String, in path: String, _ dependencies: [Target.Dependency]) -> Target {
    .target(name: name, dependencies: dependencies, path: path, swiftSettings: bridgeSettings)
}

/// A C library of the system, by its pkg-config name and the Debian packages that it comes from.
func library(_ name: String, _ pkgConfig: String, from packages: [String]) -> Target {
    .systemLibrary(name: name, path: "Shared/\(name)", pkgConfig: pkgConfig, providers: [.apt(packages)])
}

/// A program: a thin executable around one of the modules.
func program(_ name: String, in path: String, _ dependencies: [Target.Dependency]) -> Target {
    .executableTarget(name: name, dependencies: dependencies, path: path, swiftSettings: settings)
}

/// A test target, in the folder of its name unless another is given.
func tests(_ name: String, in path: String? = nil, _ dependencies: [Target.Dependency]) -> Target {
    .testTarget(name: name, dependencies: dependencies, path: path ?? "Tests/\(name)", swiftSettings: settings)
}

// External products, named once.
let logging: Target.Dependency = .product(name: "Logging", package: "swift-log")
let metrics: Target.Dependency = .product(name: "Metrics", package: "swift-metrics")
let tracing: Target.Dependency = .product(name: "Tracing", package: "swift-distributed-tracing")
let lifecycle: Target.Dependency = .product(name: "ServiceLifecycle", package: "swift-service-lifecycle")
let unixSignals: Target.Dependency = .product(name: "UnixSignals", package: "swift-service-lifecycle")
let configuration: Target.Dependency = .product(name: "Configuration", package: "swift-configuration")
let hummingbird: Target.Dependency = .product(name: "Hummingbird", package: "hummingbird")
let hummingbirdCore: Target.Dependency = .product(name: "HummingbirdCore", package: "hummingbird")
let hummingbirdTesting: Target.Dependency = .product(name: "HummingbirdTesting", package: "hummingbird")
let mustache: Target.Dependency = .product(name: "Mustache", package: "swift-mustache")
let crypto: Target.Dependency = .product(name: "Crypto", package: "swift-crypto")
let httpClient: Target.Dependency = .product(name: "AsyncHTTPClient", package: "async-http-client")
let argumentParser: Target.Dependency = .product(name: "ArgumentParser", package: "swift-argument-parser")
let nioCore: Target.Dependency = .product(name: "NIOCore", package: "swift-nio")
let nioHTTP1: Target.Dependency = .product(name: "NIOHTTP1", package: "swift-nio")
let nioHTTPTypes: Target.Dependency = .product(name: "NIOHTTPTypesHTTP1", package: "swift-nio-extras")
let nioPosix: Target.Dependency = .product(name: "NIOPosix", package: "swift-nio")
let deque: Target.Dependency = .product(name: "DequeModule", package: "swift-collections")
let heap: Target.Dependency = .product(name: "HeapModule", package: "swift-collections")
let hdrHistogram: Target.Dependency = .product(name: "Histogram", package: "hdrhistogram-swift")

let package = Package(
    name: "martlet",
    platforms: [.macOS(.v15)],
    products: [
        .executable(name: "martlet-gateway", targets: ["martlet-gateway"]),
        .executable(name: "martlet-users", targets: ["martlet-users"]),
        .executable(name: "martlet-messages", targets: ["martlet-messages"]),
        .executable(name: "martlet-setup", targets: ["martlet-setup"]),
        .executable(name: "martlet-stack", targets: ["martlet-stack"]),
        .executable(name: "martlet-faults", targets: ["martlet-faults"]),
        .executable(name: "martlet-load", targets: ["martlet-load"]),
        .executable(name: "martlet-limit", targets: ["martlet-limit"]),
        // Loaded by the fault suite into the services whose clocks it sets.
        .library(name: "martlet-real-timers", type: .dynamic, targets: ["RealTimers"]),
    ],
    traits: [
        .trait(
            name: "PlantedMistakes",
            description: "Compiles mistakes in that the fault suite has to find; never for anything else.")
    ],
    dependencies: [
        .package(url: "https://github.com/hummingbird-project/hummingbird", from: "2.28.0"),
        .package(url: "https://github.com/hummingbird-project/swift-mustache", from: "2.1.0"),
        .package(url: "https://github.com/apple/swift-nio", from: "2.101.0"),
        .package(url: "https://github.com/apple/swift-nio-extras", from: "1.35.0"),
        .package(url: "https://github.com/apple/swift-log", from: "1.16.0"),
        .package(url: "https://github.com/apple/swift-metrics", from: "2.13.0"),
        .package(url: "https://github.com/apple/swift-distributed-tracing", from: "1.7.0"),
        .package(
            url: "https://github.com/apple/swift-configuration", from: "1.4.0",
            traits: [.defaults, "CommandLineArguments"]),
        .package(url: "https://github.com/apple/swift-collections", from: "1.6.0"),
        .package(url: "https://github.com/apple/swift-crypto", from: "4.5.0"),
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.0"),
        .package(url: "https://github.com/swift-server/swift-service-lifecycle", from: "2.13.0"),
        .package(url: "https://github.com/swift-server/async-http-client", from: "1.37.0"),
        .package(url: "https://github.com/HdrHistogram/hdrhistogram-swift", from: "0.2.0"),
    ],
    targets: [
        // MARK: C libraries
        library("CRabbitMQ", "librabbitmq", from: ["librabbitmq-dev"]),
        library("CMongoC", "libmongoc-1.0", from: ["libmongoc-dev", "libbson-dev"]),
        library("CArgon2", "libargon2", from: ["libargon2-dev"]),
        library("CZlib", "zlib", from: ["zlib1g-dev"]),
        library("CBrotli", "libbrotlienc", from: ["libbrotli-dev"]),
        library("CCommonMark", "libcmark-gfm", from: ["libcmark-gfm-dev", "libcmark-gfm-extensions-dev"]),
        .systemLibrary(name: "CMalloc", path: "Shared/CMalloc"),

        // MARK: Shared
        module("MartletVersion", in: "Shared/MartletVersion"),
        module("JSON", in: "Shared/JSON"),
        module("LogKeys", in: "Shared/LogKeys"),
        bridge("AMQP", in: "Shared/AMQP", ["CRabbitMQ", logging, lifecycle, deque]),
        bridge("MongoStore", in: "Shared/MongoStore", ["CMongoC", logging]),
        bridge("PasswordHashing", in: "Shared/PasswordHashing", ["CArgon2"]),
        bridge("Compression", in: "Shared/Compression", ["CZlib", "CBrotli"]),
        bridge("Markdown", in: "Shared/Markdown", ["JSON", "CCommonMark"]),
        module("ChatContracts", in: "Shared/ChatContracts", ["JSON", "Markdown", crypto]),
        module(
            "MessageBus", in: "Shared/MessageBus",
            ["JSON", "AMQP", "ChatContracts", "LogKeys", logging, metrics, tracing, lifecycle, deque, heap]),
        module(
            "ServiceKit", in: "Shared/ServiceKit",
            [
                "CMalloc", "MartletVersion", "JSON", logging, metrics, tracing, lifecycle, unixSignals, configuration,
                hummingbird, hummingbirdCore, nioCore,
            ]),
        module(
            "ServiceConnections", in: "Shared/ServiceConnections",
            ["ServiceKit", "MessageBus", "MongoStore", logging, lifecycle]),
        module("BrokerAdministration", in: "Shared/BrokerAdministration", [httpClient, nioCore, nioHTTP1]),

        // MARK: Services
        .target(
            name: "GatewayService",
            dependencies: [
                "MartletVersion", "JSON", "ServiceKit", "ServiceConnections", "MessageBus", "MongoStore",
                "ChatContracts", "Markdown", "Compression", hummingbird, hummingbirdCore, mustache, crypto, logging,
                metrics,
                tracing,
                lifecycle,
                configuration, nioCore, nioHTTP1, nioHTTPTypes, nioPosix,
            ],
            path: "Services/Gateway/GatewayService",
            resources: [.copy("Public"), .copy("Templates"), .copy("openapi.json")], swiftSettings: settings),
        program("martlet-gateway", in: "Services/Gateway/gateway", ["GatewayService", "ServiceKit"]),
        module(
            "UsersService", in: "Services/Users/UsersService",
            [
                "ServiceKit", "ServiceConnections", "MessageBus", "MongoStore", "ChatContracts", "LogKeys",
                "PasswordHashing", logging, metrics, tracing, lifecycle, configuration,
            ]),
        program("martlet-users", in: "Services/Users/users", ["UsersService", "ServiceKit"]),
        module(
            "MessagesService", in: "Services/Messages/MessagesService",
            [
                "JSON", "ServiceKit", "ServiceConnections", "MessageBus", "MongoStore", "ChatContracts", "Markdown",
                "LogKeys", logging, metrics, tracing, lifecycle, configuration, deque,
            ]),
        program("martlet-messages", in: "Services/Messages/messages", ["MessagesService", "ServiceKit"]),
        module(
            "SetupCommand", in: "Services/Setup/SetupCommand",
            [
                "MartletVersion", "BrokerAdministration", "MessageBus", "MongoStore", "ChatContracts", logging,
                argumentParser,
            ]),
        program("martlet-setup", in: "Services/Setup/setup", ["SetupCommand", argumentParser]),

        // MARK: The stack without containers
        .target(
            name: "BrokerFiles", path: "compose/broker", exclude: ["rabbitmq.conf", "enabled_plugins"],
            resources: [.embedInCode("rejoin.erl")], swiftSettings: settings),
        module(
            "LocalStack", in: "compose/stack/LocalStack",
            ["BrokerAdministration", "BrokerFiles", "MongoStore", logging, nioCore, nioPosix]),
        module(
            "StackCommand", in: "compose/stack/StackCommand",
            [
                "MartletVersion", "BrokerAdministration", "LocalStack", "SetupCommand", "MessageBus", argumentParser,
                httpClient, nioCore, nioHTTP1, logging, unixSignals,
            ]),
        program("martlet-stack", in: "compose/stack/stack", ["StackCommand", argumentParser]),

        // MARK: The fault suite
        module("FaultHistory", in: "Tests/Faults/History"),
        module("FaultChecker", in: "Tests/Faults/Checker", ["FaultHistory"]),
        module(
            "FaultWorkload", in: "Tests/Faults/Workload",
            ["FaultHistory", "ChatContracts", httpClient, nioCore, nioHTTP1, nioPosix]),
        .target(name: "RealTimers", path: "Tests/Faults/RealTimers"),
        module(
            "FaultCluster", in: "Tests/Faults/Cluster",
            [
                "FaultHistory", "LocalStack", "StackCommand", "SetupCommand", "BrokerAdministration", "MongoStore",
                "MessageBus", "ChatContracts", httpClient, nioCore, nioHTTP1, logging,
            ]),
        module(
            "FaultInjection", in: "Tests/Faults/Injection",
            ["FaultHistory", "FaultCluster", "FaultWorkload", "ChatContracts", nioCore, nioPosix]),
        module(
            "FaultsCommand", in: "Tests/Faults/Command",
            [
                "MartletVersion", "FaultHistory", "FaultChecker", "FaultWorkload", "FaultCluster", "FaultInjection",
                "LocalStack", argumentParser, logging, unixSignals, nioCore, nioPosix,
            ]),
        program("martlet-faults", in: "Tests/Faults/faults", ["FaultsCommand", argumentParser]),

        // MARK: The load tool
        module(
            "LoadCommand", in: "Tests/Load/LoadCommand",
            [
                "MartletVersion", "LocalStack", "StackCommand", "SetupCommand", "MongoStore", "ChatContracts",
                hdrHistogram, argumentParser, httpClient, nioCore, nioHTTP1, nioPosix, logging,
            ]),
        program("martlet-load", in: "Tests/Load/load", ["LoadCommand", argumentParser]),
        .executableTarget(name: "martlet-limit", dependencies: ["CRabbitMQ", "CMongoC"], path: "Tests/Load/limit"),

        // MARK: Tests
        module(
            "TestSupport", in: "Tests/TestSupport",
            [
                "BrokerAdministration", "LocalStack", "AMQP", "MongoStore", "MessageBus", "ChatContracts", logging,
                httpClient,
            ]),
        tests("AMQPTests", ["AMQP", "BrokerAdministration", "LocalStack", "TestSupport", lifecycle, logging]),
        tests("MongoStoreTests", ["MongoStore", "TestSupport", logging]),
        tests("PasswordHashingTests", ["PasswordHashing"]),
        tests("JSONTests", ["JSON", "TestSupport"]),
        tests("MarkdownTests", ["JSON", "Markdown"]),
        tests("ChatContractsTests", ["JSON", "ChatContracts"]),
        tests(
            "MessageBusTests",
            [
                "JSON", "MessageBus", "AMQP", "BrokerAdministration", "ChatContracts", "LocalStack", "TestSupport",
                logging, lifecycle,
            ]),
        tests(
            "ServiceKitTests",
            [
                "MartletVersion", "ServiceKit", hummingbird, hummingbirdTesting, logging, metrics, tracing, lifecycle,
                configuration,
            ]),
        tests(
            "UsersServiceTests",
            [
                "UsersService", "TestSupport", "ServiceKit", "MessageBus", "MongoStore", "ChatContracts",
                "PasswordHashing", logging, lifecycle,
            ]),
        tests(
            "MessagesServiceTests",
            [
                "MessagesService", "SetupCommand", "BrokerAdministration", "TestSupport", "LocalStack", "ServiceKit",
                "MessageBus", "MongoStore", "ChatContracts", logging, lifecycle,
            ]),
        tests(
            "GatewayServiceTests",
            [
                "MartletVersion", "JSON", "Markdown", "GatewayService", "UsersService", "MessagesService", "ServiceKit",
                "MessageBus",
                "AMQP", "MongoStore", "Compression", "CBrotli", "ChatContracts", "TestSupport", "LocalStack",
                "BrokerAdministration",
                hummingbird, hummingbirdTesting, mustache, logging, httpClient, nioCore, nioHTTP1, nioPosix, lifecycle,
            ]),
        tests("LocalStackTests", ["BrokerFiles", "LocalStack", "TestSupport", "BrokerAdministration"]),
        tests(
            "SetupCommandTests",
            [
                "SetupCommand", "TestSupport", "LocalStack", "BrokerAdministration", "AMQP", "MessageBus", "MongoStore",
                "ChatContracts", logging,
            ]),
        tests("StackCommandTests", ["StackCommand", "TestSupport", "LocalStack", argumentParser]),
        tests(
            "EndToEndTests", in: "Tests/EndToEnd",
            [
                "MartletVersion", "StackCommand", "SetupCommand", "TestSupport", "LocalStack", "MessageBus",
                "ChatContracts", "FaultHistory", "FaultWorkload", "FaultChecker", httpClient, nioCore, nioHTTP1,
                logging, lifecycle,
            ]),
        tests("LoadTests", in: "Tests/Load/Tests", ["LoadCommand", "ChatContracts"]),
        tests(
            "FaultsTests", in: "Tests/Faults/Tests",
            [
                "FaultHistory", "FaultChecker", "FaultWorkload", "FaultCluster", "FaultInjection", "FaultsCommand",
                "ChatContracts", "LocalStack", "TestSupport", nioCore, nioPosix,
            ]),
    ]
)
