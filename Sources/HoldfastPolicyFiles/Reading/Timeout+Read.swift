import Holdfast

extension Timeout.Configuration {
    /// Reads the settings of a timeout; ranges are the core's business.
    static func read(_ object: ObjectReader) -> Self? {
        let after = object.required("after")?.duration()
        let onExpiry = object.optional("onExpiry")?.oneOf(["wait": Expiry.wait, "abandon": .abandon])
        let idle = object.optional("idle")?.duration()
        let adaptive = object.section("adaptive", "a quantile of the measured latency", readAdaptive)
        guard let after else { return nil }
        return object.configuration { accepted throws(ConfigurationError) in
            let after = accepted("after", after) ?? DurationText.maximum
            return try Self(
                after: after, onExpiry: onExpiry ?? .wait, idle: accepted("idle", idle), adaptive: accepted("adaptive", adaptive))
        }
    }

    private static func readAdaptive(_ object: ObjectReader) -> Adaptive? {
        var adaptive = Adaptive()
        if let quantile = object.optional("quantile")?.number() { adaptive.quantile = quantile }
        if let factor = object.optional("factor")?.number() { adaptive.factor = factor }
        if let minimum = object.optional("minimum")?.duration() { adaptive.minimum = minimum }
        if let samples = object.optional("minimumSamples")?.integer() { adaptive.minimumSamples = samples }
        return adaptive
    }
}
