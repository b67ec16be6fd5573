import Holdfast

extension Bulkhead.Configuration: Sectioned {
    static let section = Section<Self>(
        "a bulkhead's settings", name: "bulkhead", summary: "Limits how many calls run at once.",
        make: Self.init(maxConcurrent:maxQueued:maxWait:order:)
    ) {
        Field.required("maxConcurrent", .integer(1...1_000_000), standIn: 1, \.maxConcurrent, "How many calls may run at once.")
        Field.defaulted("maxQueued", .integer(0...1_000_000), default: 0, \.maxQueued, "How many calls may wait at once.")
        Field.defaulted("maxWait", .duration, default: .zero, \.maxWait, "How long a call may wait.")
        Field.defaulted(
            "order", .word, default: .fifo, \.order,
            "Who of those that wait is served first: the oldest, or the newest while the queue is congested.")
    }
}
