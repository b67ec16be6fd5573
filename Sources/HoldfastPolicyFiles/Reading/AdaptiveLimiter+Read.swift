import Holdfast

extension AdaptiveLimiter.Configuration {
    /// Reads the settings of an adaptive limiter; ranges are the core's business.
    static func read(_ object: ObjectReader) -> Self? {
        let initial = object.optional("initial")?.integer()
        let minimum = object.optional("minimum")?.integer()
        let maximum = object.optional("maximum")?.integer()
        let maxQueued = object.optional("maxQueued")?.integer()
        let drops = object.optional("drops")?.statusCodes()
        guard let algorithm = readAlgorithm(object) else { return nil }
        return object.configuration { accepted throws(ConfigurationError) in
            try Self(
                // What the core refuses is replaced as a whole.
                accepted(algorithm.key, algorithm.value) ?? .aimd(), initial: accepted("initial", initial),
                minimum: accepted("minimum", minimum ?? 4) ?? 1, maximum: accepted("maximum", maximum) ?? 1000,
                maxQueued: accepted("maxQueued", maxQueued) ?? 0, drops: drops ?? defaultDrops)
        }
    }

    private static func readAlgorithm(_ object: ObjectReader) -> (key: String, value: Algorithm)? {
        guard let choice = object.exactlyOne(of: ["aimd", "vegas", "gradient2"]) else { return nil }
        let algorithm: Algorithm? = choice.value.unit("the constants of the algorithm; {} for the published ones") { constants in
            switch choice.key {
            case "aimd": .aimd(readAIMD(constants))
            case "vegas": .vegas(readVegas(constants))
            default: .gradient2(readGradient2(constants))
            }
        }
        return algorithm.map { (choice.key, $0) }
    }

    private static func readAIMD(_ object: ObjectReader) -> AIMD {
        var aimd = AIMD()
        if let backoff = object.optional("backoff")?.number() { aimd.backoff = backoff }
        if let timeout = object.optional("timeout")?.duration() { aimd.timeout = timeout }
        return aimd
    }

    private static func readVegas(_ object: ObjectReader) -> Vegas {
        var vegas = Vegas()
        if let alpha = object.optional("alpha")?.step() { vegas.alpha = alpha }
        if let beta = object.optional("beta")?.step() { vegas.beta = beta }
        if let threshold = object.optional("threshold")?.step() { vegas.threshold = threshold }
        if let increase = object.optional("increase")?.step() { vegas.increase = increase }
        if let decrease = object.optional("decrease")?.step() { vegas.decrease = decrease }
        if let smoothing = object.optional("smoothing")?.number() { vegas.smoothing = smoothing }
        if let probeEvery = object.optional("probeEvery") {
            vegas.probeEvery = probeEvery.isNull ? nil : probeEvery.integer()
        }
        return vegas
    }

    private static func readGradient2(_ object: ObjectReader) -> Gradient2 {
        var gradient = Gradient2()
        if let queueSize = object.optional("queueSize")?.step() { gradient.queueSize = queueSize }
        if let smoothing = object.optional("smoothing")?.number() { gradient.smoothing = smoothing }
        if let longWindow = object.optional("longWindow")?.integer() { gradient.longWindow = longWindow }
        if let tolerance = object.optional("tolerance")?.number() { gradient.tolerance = tolerance }
        if let backoff = object.optional("backoff")?.number() { gradient.backoff = backoff }
        return gradient
    }
}

extension ValueReader {
    /// An amount of calls: a number, or `{"logarithmic": 3}`, or `{"share": 0.1}` of the limit.
    fileprivate func step() -> AdaptiveLimiter.Configuration.Step? {
        if case .number = node.value { return integer().map { .fixed($0) } }
        return unit("a number of calls by \"logarithmic\" or \"share\"") { object in
            guard let choice = object.exactlyOne(of: ["logarithmic", "share"]) else { return nil }
            return choice.key == "share" ? choice.value.number().map { .share($0) } : choice.value.integer().map { .logarithmic($0) }
        }
    }
}
