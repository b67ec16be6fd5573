import Holdfast

extension AdaptiveThrottle.Configuration: Sectioned {
    static let section = Section<Self>(
        "a throttle's settings", name: "throttle", summary: "Holds back at the caller what the service would turn away anyway.",
        make: Self.init(k:window:)
    ) {
        Field.defaulted(
            "k", .number(.within(1...1000)), default: 2, \.k, "How many requests may be tried for each that the service accepts."
        )
        Field.defaulted(
            "window", .duration(.within(Duration.milliseconds(100) ... .seconds(86_400))), default: .seconds(120), \.window,
            "How far back requests and accepts are counted.")
    }
}
