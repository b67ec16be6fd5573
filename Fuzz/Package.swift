// swift-tools-version: 6.2
import PackageDescription

// A package of its own, so that nobody else builds it. Needs the fuzzer's runtime of the Swift toolchain for Linux: `make fuzz`.
let package = Package(
    name: "holdfast-fuzz",
    platforms: [.macOS(.v26)],
    dependencies: [
        .package(name: "holdfast", path: ".."),
        .package(url: "https://github.com/apple/swift-nio", from: "2.101.2"),
    ],
    targets: [
        .target(name: "CLibFuzzer"),
        .executableTarget(
            name: "SessionFuzzer",
            dependencies: [
                "CLibFuzzer",
                .product(name: "Holdfast", package: "holdfast"),
                .product(name: "HoldfastRPC", package: "holdfast"),
                .product(name: "NIOCore", package: "swift-nio"),
            ],
            swiftSettings: [
                .enableUpcomingFeature("ExistentialAny"), .enableUpcomingFeature("MemberImportVisibility"),
                .enableUpcomingFeature("InternalImportsByDefault"),
            ]
        ),
    ],
    swiftLanguageModes: [.v6]
)
