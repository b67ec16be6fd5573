/// The decisions of a chaos policy: a value, without a clock, a lock or a wait.
struct ChaosStateMachine {
    /// What to inject into one call.
    struct Injected: OptionSet, Hashable {
        let rawValue: UInt8

        static let latency = Injected(rawValue: 1)
        static let behavior = Injected(rawValue: 2)
        static let fault = Injected(rawValue: 4)
        static let outcome = Injected(rawValue: 8)
    }

    /// How often what is injected, 0 to 1.
    var latency = 0.0
    var behavior = 0.0
    var fault = 0.0
    var outcome = 0.0

    /// Draws for one call: four independent draws in this order, whatever the rates are, so that changing one rate changes nothing
    /// about the others of a seeded run. An outcome is left out when a fault takes its place.
    func draw(_ random: inout some RandomNumberGenerator) -> Injected {
        var injected: Injected = []
        // The draw is below 1 always and below 0 never.
        if SplitMix64.unitInterval(random.next()) < latency { injected.insert(.latency) }
        if SplitMix64.unitInterval(random.next()) < behavior { injected.insert(.behavior) }
        if SplitMix64.unitInterval(random.next()) < fault { injected.insert(.fault) }
        if SplitMix64.unitInterval(random.next()) < outcome, !injected.contains(.fault) { injected.insert(.outcome) }
        return injected
    }
}
