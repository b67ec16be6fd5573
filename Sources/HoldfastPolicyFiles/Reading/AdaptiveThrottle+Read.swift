import Holdfast

extension AdaptiveThrottle.Configuration {
    /// Reads the settings of a throttle; ranges are the core's business.
    static func read(_ object: ObjectReader) -> Self? {
        let k = object.optional("k")?.number()
        let window = object.optional("window")?.duration()
        return object.configuration { accepted throws(ConfigurationError) in
            try Self(k: accepted("k", k) ?? standard.k, window: accepted("window", window) ?? standard.window)
        }
    }
}
