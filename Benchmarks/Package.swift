// swift-tools-version: 6.2
import PackageDescription

// A package of its own, so that nobody who uses Holdfast ever resolves it.
let package = Package(
    name: "holdfast-benchmarks",
    platforms: [.macOS(.v26)],
    dependencies: [
        // Named, since the folder of a clone may be called anything.
        .package(name: "holdfast", path: ".."),
        .package(url: "https://github.com/apple/swift-protobuf", from: "1.39.0"),
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
