import Holdfast

extension Bulkhead.Configuration {
    /// Reads the settings of a bulkhead; ranges are the core's business.
    static func read(_ object: ObjectReader) -> Self? {
        let maxConcurrent = object.required("maxConcurrent")?.integer()
        let maxQueued = object.optional("maxQueued")?.integer()
        let maxWait = object.optional("maxWait")?.duration()
        let order = object.optional("order")?.oneOf(["fifo": Order.fifo, "adaptiveLifo": .adaptiveLifo])
        guard let maxConcurrent else { return nil }
        return object.configuration { accepted throws(ConfigurationError) in
            try Self(
                maxConcurrent: accepted("maxConcurrent", maxConcurrent) ?? 1, maxQueued: accepted("maxQueued", maxQueued) ?? 0,
                maxWait: accepted("maxWait", maxWait) ?? .zero, order: order ?? .fifo)
        }
    }
}
