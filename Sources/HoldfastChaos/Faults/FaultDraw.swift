/// The draw that decides whether a fault hits: a function of its key alone.
package enum FaultDraw {
    /// A number in 0..<1.
    ///
    /// - Parameters:
    ///   - seed: The run's seed.
    ///   - key: The fault's id, or the group whose members share the draw.
    ///   - load: The load that the call belongs to.
    ///   - callIndex: The number of the call in its load.
    ///   - attempt: The number of the attempt; nil when all attempts of a call share the draw.
    package static func uniform(seed: UInt64, key: String, load: String, callIndex: Int, attempt: Int?) -> Double {
        let call = KeyedRandom(seed: seed).keyed("fault").keyed(key).keyed(load).keyed(callIndex)
        return (attempt.map { call.keyed($0) } ?? call).uniform
    }
}
