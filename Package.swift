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
        .package(url: "https://github.com/apple/swift-crypto", from: "4.5.0"),
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.0"),
        .package(url: "https://github.com/swift-server/swift-service-lifecycle", from: "2.13.0"),
        .package(url: "https://github.com/swift-server/async-http-client", from: "1.37.0"),
        .package(url: "https://github.com/HdrHistogram/hdrhistogram-swift", from: "0.2.0"),
    ],
    targets: [
        // MARK: C libraries
        .systemLibrary(
            name: "CRabbitMQ", path: "Shared/CRabbitMQ", pkgConfig: "librabbitmq",
            providers: [.apt(["librabbitmq-dev"])]),
        .systemLibrary(
            name: "CMongoC", path: "Shared/CMongoC", pkgConfig: "libmongoc-1.0",
            providers: [.apt(["libmongoc-dev", "libbson-dev"])]),
        .systemLibrary(
            name: "CArgon2", path: "Shared/CArgon2", pkgConfig: "libargon2",
            providers: [.apt(["libargon2-dev"])]),
        .systemLibrary(
            name: "CZlib", path: "Shared/CZlib", pkgConfig: "zlib", providers: [.apt(["zlib1g-dev"])]),

        // MARK: Shared
        .target(name: "MartletVersion", path: "Shared/MartletVersion", swiftSettings: settings),
        .target(
            name: "AMQP", dependencies: ["CRabbitMQ", logging, lifecycle], path: "Shared/AMQP",
            swiftSettings: bridgeSettings),
        .target(
            name: "MongoStore", dependencies: ["CMongoC", logging], path: "Shared/MongoStore",
            swiftSettings: bridgeSettings),
        .target(
            name: "PasswordHashing", dependencies: ["CArgon2"], path: "Shared/PasswordHashing",
            swiftSettings: bridgeSettings),
        .target(name: "Gzip", dependencies: ["CZlib"], path: "Shared/Gzip", swiftSettings: bridgeSettings),
        .target(
            name: "ChatContracts", dependencies: [crypto], path: "Shared/ChatContracts", swiftSettings: settings),
        .target(
            name: "MessageBus", dependencies: ["AMQP", "ChatContracts", logging, metrics, tracing, lifecycle],
            path: "Shared/MessageBus", swiftSettings: settings),
        .target(
            name: "ServiceKit",
            dependencies: [
                "MartletVersion", logging, metrics, tracing, lifecycle, unixSignals, configuration, hummingbird,
                hummingbirdCore, nioCore,
            ],
            path: "Shared/ServiceKit", swiftSettings: settings),
        .target(
            name: "ServiceConnections", dependencies: ["ServiceKit", "MessageBus", "MongoStore", logging],
            path: "Shared/ServiceConnections", swiftSettings: settings),
        .target(
            name: "BrokerAdministration", dependencies: [httpClient, nioCore, nioHTTP1],
            path: "Shared/BrokerAdministration", swiftSettings: settings),
        .target(
            name: "LocalStack", dependencies: ["BrokerAdministration", nioCore, nioPosix], path: "Shared/LocalStack",
            resources: [.embedInCode("Resources/rejoin.erl")], swiftSettings: settings),
        .target(
            name: "TestSupport",
            dependencies: [
                "BrokerAdministration", "LocalStack", "AMQP", "MongoStore", "MessageBus", "ChatContracts", logging,
                httpClient,
            ],
            path: "Shared/TestSupport", swiftSettings: settings),

        // MARK: Services
        .target(
            name: "GatewayService",
            dependencies: [
                "MartletVersion", "ServiceKit", "ServiceConnections", "MessageBus", "MongoStore", "ChatContracts",
                "Gzip", hummingbird, hummingbirdCore, mustache,
                crypto,
                logging, metrics, tracing, lifecycle, configuration, nioCore, nioHTTP1, nioHTTPTypes,
            ],
            path: "Services/Gateway/GatewayService",
            resources: [.copy("Public"), .copy("Templates"), .copy("openapi.json")], swiftSettings: settings),
        .executableTarget(
            name: "martlet-gateway", dependencies: ["GatewayService", "ServiceKit"], path: "Services/Gateway/gateway",
            swiftSettings: settings),
        .target(
            name: "UsersService",
            dependencies: [
                "ServiceKit", "ServiceConnections", "MessageBus", "MongoStore", "ChatContracts", "PasswordHashing",
                logging, metrics,
                tracing, lifecycle, configuration,
            ],
            path: "Services/Users/UsersService", swiftSettings: settings),
        .executableTarget(
            name: "martlet-users", dependencies: ["UsersService", "ServiceKit"], path: "Services/Users/users",
            swiftSettings: settings),
        .target(
            name: "MessagesService",
            dependencies: [
                "ServiceKit", "ServiceConnections", "MessageBus", "MongoStore", "ChatContracts", logging, metrics,
                tracing, lifecycle,
                configuration,
            ],
            path: "Services/Messages/MessagesService", swiftSettings: settings),
        .executableTarget(
            name: "martlet-messages", dependencies: ["MessagesService", "ServiceKit"],
            path: "Services/Messages/messages", swiftSettings: settings),
        .target(
            name: "SetupCommand",
            dependencies: [
                "MartletVersion", "BrokerAdministration", "MessageBus", "MongoStore", "ChatContracts", logging,
                argumentParser,
            ],
            path: "Services/Setup/SetupCommand", swiftSettings: settings),
        .executableTarget(
            name: "martlet-setup", dependencies: ["SetupCommand", argumentParser], path: "Services/Setup/setup",
            swiftSettings: settings),

        // MARK: The stack without containers
        .target(
            name: "StackCommand",
            dependencies: [
                "MartletVersion", "BrokerAdministration", "LocalStack", "SetupCommand", "MessageBus", argumentParser,
                httpClient, nioCore, nioHTTP1, logging, unixSignals,
            ],
            path: "compose/stack/StackCommand", swiftSettings: settings),
        .executableTarget(
            name: "martlet-stack", dependencies: ["StackCommand", argumentParser], path: "compose/stack/stack",
            swiftSettings: settings),

        // MARK: The fault suite
        .target(name: "FaultHistory", path: "Tests/Faults/History", swiftSettings: settings),
        .target(
            name: "FaultChecker", dependencies: ["FaultHistory"], path: "Tests/Faults/Checker",
            swiftSettings: settings),
        .target(
            name: "FaultWorkload",
            dependencies: ["FaultHistory", "ChatContracts", httpClient, nioCore, nioHTTP1, nioPosix],
            path: "Tests/Faults/Workload", swiftSettings: settings),
        .target(
            name: "FaultCluster",
            dependencies: [
                "FaultHistory", "LocalStack", "StackCommand", "SetupCommand", "BrokerAdministration", "MongoStore",
                "MessageBus", "ChatContracts", httpClient, nioCore, nioHTTP1, logging,
            ],
            path: "Tests/Faults/Cluster", swiftSettings: settings),
        .target(
            name: "FaultInjection",
            dependencies: [
                "FaultHistory", "FaultCluster", "FaultWorkload", "ChatContracts", nioCore, nioPosix,
            ],
            path: "Tests/Faults/Injection", swiftSettings: settings),
        .target(
            name: "FaultsCommand",
            dependencies: [
                "MartletVersion", "FaultHistory", "FaultChecker", "FaultWorkload", "FaultCluster", "FaultInjection",
                "LocalStack", argumentParser, logging, unixSignals, nioCore, nioPosix,
            ],
            path: "Tests/Faults/Command", swiftSettings: settings),
        .executableTarget(
            name: "martlet-faults", dependencies: ["FaultsCommand", argumentParser], path: "Tests/Faults/faults",
            swiftSettings: settings),

        // MARK: The load tool
        .target(
            name: "LoadCommand",
            dependencies: [
                "MartletVersion", "LocalStack", "StackCommand", "SetupCommand", "MongoStore", "ChatContracts",
                hdrHistogram,
                argumentParser, httpClient, nioCore, nioHTTP1, nioPosix, logging,
            ],
            path: "Tests/Load/LoadCommand", swiftSettings: settings),
        .executableTarget(
            name: "martlet-load", dependencies: ["LoadCommand", argumentParser], path: "Tests/Load/load",
            swiftSettings: settings),
        .executableTarget(name: "martlet-limit", dependencies: ["CRabbitMQ", "CMongoC"], path: "Tests/Load/limit"),

        // MARK: Tests
        .testTarget(
            name: "AMQPTests",
            dependencies: ["AMQP", "BrokerAdministration", "LocalStack", "TestSupport", lifecycle, logging],
            path: "Tests/AMQPTests", swiftSettings: settings),
        .testTarget(
            name: "MongoStoreTests", dependencies: ["MongoStore", "TestSupport", logging],
            path: "Tests/MongoStoreTests", swiftSettings: settings),
        .testTarget(
            name: "PasswordHashingTests", dependencies: ["PasswordHashing"], path: "Tests/PasswordHashingTests",
            swiftSettings: settings),
        .testTarget(
            name: "ChatContractsTests", dependencies: ["ChatContracts"], path: "Tests/ChatContractsTests",
            swiftSettings: settings),
        .testTarget(
            name: "MessageBusTests",
            dependencies: [
                "MessageBus", "AMQP", "BrokerAdministration", "ChatContracts", "LocalStack", "TestSupport", logging,
                lifecycle,
            ],
            path: "Tests/MessageBusTests", swiftSettings: settings),
        .testTarget(
            name: "ServiceKitTests",
            dependencies: [
                "MartletVersion", "ServiceKit", hummingbird, hummingbirdTesting, logging, metrics, tracing, lifecycle,
                configuration,
            ],
            path: "Tests/ServiceKitTests", swiftSettings: settings),
        .testTarget(
            name: "UsersServiceTests",
            dependencies: [
                "UsersService", "TestSupport", "ServiceKit", "MessageBus", "MongoStore", "ChatContracts",
                "PasswordHashing", logging, lifecycle,
            ],
            path: "Tests/UsersServiceTests", swiftSettings: settings),
        .testTarget(
            name: "MessagesServiceTests",
            dependencies: [
                "MessagesService", "SetupCommand", "BrokerAdministration", "TestSupport", "LocalStack", "ServiceKit",
                "MessageBus",
                "MongoStore", "ChatContracts", logging, lifecycle,
            ],
            path: "Tests/MessagesServiceTests", swiftSettings: settings),
        .testTarget(
            name: "GatewayServiceTests",
            dependencies: [
                "MartletVersion", "GatewayService", "UsersService", "MessagesService", "ServiceKit", "MessageBus",
                "MongoStore", "Gzip", "ChatContracts", "TestSupport", "LocalStack", hummingbird, hummingbirdTesting,
                mustache,
                logging,
                httpClient,
                nioCore, nioHTTP1, nioPosix, lifecycle,
            ],
            path: "Tests/GatewayServiceTests", swiftSettings: settings),
        .testTarget(
            name: "LocalStackTests", dependencies: ["LocalStack", "TestSupport", "BrokerAdministration"],
            path: "Tests/LocalStackTests", swiftSettings: settings),
        .testTarget(
            name: "SetupCommandTests",
            dependencies: [
                "SetupCommand", "TestSupport", "LocalStack", "BrokerAdministration", "AMQP", "MessageBus", "MongoStore",
                "ChatContracts", logging,
            ],
            path: "Tests/SetupCommandTests", swiftSettings: settings),
        .testTarget(
            name: "StackCommandTests", dependencies: ["StackCommand", "TestSupport", "LocalStack", argumentParser],
            path: "Tests/StackCommandTests", swiftSettings: settings),
        .testTarget(
            name: "EndToEndTests",
            dependencies: [
                "MartletVersion", "StackCommand", "SetupCommand", "TestSupport", "LocalStack", "MessageBus",
                "ChatContracts",
                "FaultHistory", "FaultWorkload", "FaultChecker", httpClient, nioCore, nioHTTP1, logging, lifecycle,
            ],
            path: "Tests/EndToEnd", swiftSettings: settings),
        .testTarget(
            name: "LoadTests", dependencies: ["LoadCommand", "ChatContracts"], path: "Tests/Load/Tests",
            swiftSettings: settings),
        .testTarget(
            name: "FaultsTests",
            dependencies: [
                "FaultHistory", "FaultChecker", "FaultWorkload", "FaultCluster", "FaultInjection", "FaultsCommand",
                "ChatContracts", "LocalStack", "TestSupport", nioCore, nioPosix,
            ],
            path: "Tests/Faults/Tests", swiftSettings: settings),
    ]
)
