// swift-tools-version: 6.2
import PackageDescription

// A package of its own, so that nobody who uses Holdfast ever resolves it.
let package = Package(
    name: "holdfast-benchmarks",
    platforms: [.macOS(.v26)],
    traits: [
        // grpc-swift-2 takes minutes to build.
        .trait(name: "Peers", description: "Also measures grpc-swift-2 as a client and as a server.")
    ],
    dependencies: [
        // Named, since the folder of a clone may be called anything.
        .package(name: "holdfast", path: ".."),
        .package(url: "https://github.com/apple/swift-protobuf", from: "1.39.0"),
        .package(url: "https://github.com/grpc/grpc-swift-2", from: "2.4.3"),
        .package(url: "https://github.com/grpc/grpc-swift-nio-transport", from: "2.9.2"),
        .package(url: "https://github.com/grpc/grpc-swift-protobuf", from: "2.4.1"),
    ],
    targets: [
        .target(name: "AllocationCounter"),
        .executableTarget(
            name: "HoldfastBenchmarks",
            dependencies: [
                "AllocationCounter",
                .product(name: "Holdfast", package: "holdfast"),
                .product(name: "HoldfastRPC", package: "holdfast"),
                .product(name: "HoldfastPolicyFiles", package: "holdfast"),
                .product(name: "SayEcho", package: "holdfast"),
                .product(name: "SwiftProtobuf", package: "swift-protobuf"),
                .product(name: "GRPCCore", package: "grpc-swift-2", condition: .when(traits: ["Peers"])),
                .product(name: "GRPCNIOTransportHTTP2Posix", package: "grpc-swift-nio-transport", condition: .when(traits: ["Peers"])),
                .product(name: "GRPCProtobuf", package: "grpc-swift-protobuf", condition: .when(traits: ["Peers"])),
            ],
            swiftSettings: [
                .enableUpcomingFeature("ExistentialAny"),
                .enableUpcomingFeature("MemberImportVisibility"),
                .enableUpcomingFeature("InternalImportsByDefault"),
            ]
        ),
    ],
    swiftLanguageModes: [.v6]
)
