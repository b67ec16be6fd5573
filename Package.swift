// swift-tools-version: 6.2
import PackageDescription

let settings: [SwiftSetting] = [
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .enableUpcomingFeature("InternalImportsByDefault"),
]

let nghttp2 = Target.systemLibrary(
    name: "CNGHTTP2",
    pkgConfig: "libnghttp2",
    providers: [.apt(["libnghttp2-dev"]), .brew(["libnghttp2"])]
)

let zlib = Target.systemLibrary(
    name: "CZlib",
    pkgConfig: "zlib",
    providers: [.apt(["zlib1g-dev"]), .brew(["zlib"])]
)

let package = Package(
    name: "holdfast",
    platforms: [.macOS(.v26)],
    products: [
        .library(name: "Holdfast", targets: ["Holdfast"]),
        .library(name: "HoldfastVirtualTime", targets: ["HoldfastVirtualTime"]),
        .library(name: "HoldfastTesting", targets: ["HoldfastTesting"]),
        .library(name: "HoldfastRPC", targets: ["HoldfastRPC"]),
        .library(name: "HoldfastPolicyFiles", targets: ["HoldfastPolicyFiles"]),
        .library(name: "HoldfastAdmin", targets: ["HoldfastAdmin"]),
        .library(name: "HoldfastChaos", targets: ["HoldfastChaos"]),
        .library(name: "HoldfastGateway", targets: ["HoldfastGateway"]),
        .library(name: "SayEcho", targets: ["SayEcho"]),
        .executable(name: "holdfast", targets: ["HoldfastCLI"]),
    ],
    traits: [
        .trait(name: "ServiceLifecycle", description: "RPCServer and PolicyFileWatcher as services of swift-service-lifecycle."),
        .trait(name: "TLS", description: "TLS for HoldfastRPC, by swift-nio-ssl; without it there is plaintext only."),
        .trait(
            name: "Tracing",
            description: "Trace context of swift-distributed-tracing in the metadata of HoldfastRPC's calls."),
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-collections", from: "1.6.0"),
        .package(url: "https://github.com/apple/swift-nio", from: "2.101.2"),
        .package(url: "https://github.com/apple/swift-nio-ssl", from: "2.37.6"),
        .package(url: "https://github.com/apple/swift-protobuf", from: "1.39.0"),
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
        .package(url: "https://github.com/apple/swift-distributed-tracing", from: "1.7.3"),
        .package(url: "https://github.com/HdrHistogram/hdrhistogram-swift", from: "0.2.0"),
        .package(url: "https://github.com/swift-server/swift-service-lifecycle", from: "2.13.0"),
        .package(url: "https://github.com/apple/swift-log", from: "1.6.0"),
    ],
    targets: [
        .target(
            name: "Holdfast",
            dependencies: [.product(name: "DequeModule", package: "swift-collections")],
            swiftSettings: settings
        ),
        .target(
            name: "HoldfastVirtualTime",
            dependencies: ["Holdfast", .product(name: "DequeModule", package: "swift-collections")],
            swiftSettings: settings
        ),
        .target(name: "HoldfastTesting", dependencies: ["Holdfast", "HoldfastVirtualTime"], swiftSettings: settings),
        nghttp2,
        zlib,
        .target(
            name: "HoldfastRPC",
            dependencies: [
                "Holdfast", "CNGHTTP2", "CZlib",
                .product(name: "DequeModule", package: "swift-collections"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
                .product(name: "NIOTLS", package: "swift-nio", condition: .when(traits: ["TLS"])),
                .product(name: "NIOSSL", package: "swift-nio-ssl", condition: .when(traits: ["TLS"])),
                .product(name: "SwiftProtobuf", package: "swift-protobuf"),
                .product(
                    name: "ServiceLifecycle", package: "swift-service-lifecycle", condition: .when(traits: ["ServiceLifecycle"])),
                .product(name: "Tracing", package: "swift-distributed-tracing", condition: .when(traits: ["Tracing"])),
            ],
            exclude: ["Protos"],
            swiftSettings: settings
        ),
        .target(
            name: "HoldfastPolicyFiles",
            dependencies: [
                "Holdfast", "HoldfastRPC",
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
                .product(
                    name: "ServiceLifecycle", package: "swift-service-lifecycle", condition: .when(traits: ["ServiceLifecycle"])),
            ],
            swiftSettings: settings
        ),
        .target(
            name: "SayEcho",
            dependencies: [
                "Holdfast", "HoldfastRPC",
                .product(name: "SwiftProtobuf", package: "swift-protobuf"),
            ],
            exclude: ["Protos"],
            swiftSettings: settings
        ),
        .target(
            name: "Talk",
            dependencies: [
                "Holdfast", "HoldfastRPC",
                .product(name: "DequeModule", package: "swift-collections"),
                .product(name: "SwiftProtobuf", package: "swift-protobuf"),
            ],
            exclude: ["Protos"],
            swiftSettings: settings
        ),
        .target(
            name: "HoldfastGateway",
            dependencies: [
                "Holdfast", "HoldfastRPC", "HoldfastPolicyFiles", "HoldfastAdmin",
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOHTTP1", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
                .product(name: "NIOWebSocket", package: "swift-nio"),
                .product(name: "SwiftProtobuf", package: "swift-protobuf"),
            ],
            swiftSettings: settings
        ),
        .target(name: "ProcessExit", swiftSettings: settings),
        .target(
            name: "HoldfastAdmin",
            dependencies: [
                "Holdfast", "HoldfastRPC", "HoldfastPolicyFiles",
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOHTTP1", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
            ],
            swiftSettings: settings
        ),
        .target(
            name: "HoldfastChaos",
            dependencies: [
                "Holdfast", "HoldfastVirtualTime", "HoldfastRPC", "HoldfastPolicyFiles", "HoldfastAdmin", "ProcessExit",
                .product(name: "DequeModule", package: "swift-collections"),
                .product(name: "Histogram", package: "hdrhistogram-swift"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOHTTP1", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
            ],
            swiftSettings: settings
        ),
        .executableTarget(
            name: "HoldfastCLI",
            dependencies: [
                "Holdfast", "HoldfastRPC", "HoldfastPolicyFiles", "HoldfastAdmin", "HoldfastChaos", "HoldfastGateway", "SayEcho", "Talk",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
                .product(name: "NIOHTTP1", package: "swift-nio"),
                .product(name: "SwiftProtobuf", package: "swift-protobuf"),
            ],
            swiftSettings: settings
        ),
        .testTarget(
            name: "HoldfastTests",
            dependencies: ["Holdfast", "HoldfastVirtualTime", "HoldfastTesting"],
            swiftSettings: settings
        ),
        .testTarget(
            name: "HoldfastTestingTests",
            dependencies: ["Holdfast", "HoldfastVirtualTime", "HoldfastTesting"],
            swiftSettings: settings
        ),
        .testTarget(
            name: "HoldfastRPCTests",
            dependencies: [
                "Holdfast", "HoldfastRPC", "SayEcho", "ProcessExit",
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
                .product(name: "NIOSSL", package: "swift-nio-ssl", condition: .when(traits: ["TLS"])),
                .product(name: "SwiftProtobuf", package: "swift-protobuf"),
                .product(
                    name: "ServiceLifecycle", package: "swift-service-lifecycle", condition: .when(traits: ["ServiceLifecycle"])),
                .product(name: "UnixSignals", package: "swift-service-lifecycle", condition: .when(traits: ["ServiceLifecycle"])),
                .product(name: "Logging", package: "swift-log", condition: .when(traits: ["ServiceLifecycle"])),
                .product(name: "Tracing", package: "swift-distributed-tracing", condition: .when(traits: ["Tracing"])),
            ],
            swiftSettings: settings
        ),
        .testTarget(
            name: "HoldfastPolicyFilesTests",
            dependencies: [
                "Holdfast", "HoldfastVirtualTime", "HoldfastRPC", "HoldfastPolicyFiles", "SayEcho", "ProcessExit",
                .product(
                    name: "ServiceLifecycle", package: "swift-service-lifecycle", condition: .when(traits: ["ServiceLifecycle"])),
                .product(name: "Logging", package: "swift-log", condition: .when(traits: ["ServiceLifecycle"])),
            ],
            exclude: ["Bad", "Conformance/scenarios.json"],
            swiftSettings: settings
        ),
        .testTarget(
            name: "HoldfastAdminTests",
            dependencies: [
                "Holdfast", "HoldfastVirtualTime", "HoldfastRPC", "HoldfastPolicyFiles", "HoldfastAdmin",
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOHTTP1", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
            ],
            swiftSettings: settings
        ),
        .testTarget(
            name: "HoldfastGatewayTests",
            dependencies: [
                "Holdfast", "HoldfastRPC", "HoldfastPolicyFiles", "HoldfastGateway", "SayEcho", "ProcessExit",
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOHTTP1", package: "swift-nio"),
                .product(name: "NIOWebSocket", package: "swift-nio"),
                .product(name: "SwiftProtobuf", package: "swift-protobuf"),
            ],
            swiftSettings: settings
        ),
        .testTarget(
            name: "HoldfastChaosTests",
            dependencies: [
                "Holdfast", "HoldfastVirtualTime", "HoldfastRPC", "HoldfastPolicyFiles", "HoldfastAdmin", "HoldfastChaos", "SayEcho",
                "ProcessExit",
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
                .product(name: "SwiftProtobuf", package: "swift-protobuf"),
            ],
            exclude: ["Bad", "Files"],
            swiftSettings: settings
        ),
        .testTarget(
            name: "TalkTests",
            dependencies: [
                "Holdfast", "HoldfastRPC", "HoldfastPolicyFiles", "Talk", .product(name: "SwiftProtobuf", package: "swift-protobuf"),
            ],
            swiftSettings: settings
        ),
        .testTarget(name: "EndToEndTests", dependencies: ["HoldfastCLI", "ProcessExit"], exclude: ["Files"], swiftSettings: settings),
    ],
    swiftLanguageModes: [.v6]
)
