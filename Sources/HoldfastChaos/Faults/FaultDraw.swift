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

    /// A number in 0..<1 for a part of a connection.
    ///
    /// - Parameters:
    ///   - seed: The proxy's seed.
    ///   - key: The fault's id, or the group whose members share the draw.
    ///   - connection: The number of the connection, from 1.
    ///   - part: What of the connection; nil for all of it.
    package static func uniform(seed: UInt64, key: String, connection: Int, part: ConnectionPart?) -> Double {
        let whole = KeyedRandom(seed: seed).keyed("fault").keyed(key).keyed("connection").keyed(connection)
        return (part.map { $0.key(after: whole) } ?? whole).uniform
    }
}

/// What of a connection a fault hits.
package enum ConnectionPart: Sendable, Hashable {
    /// What one read brought, from 1; for faults of frames, a frame.
    case chunk(NetworkFault.Flow, Int)
    /// A stream, by HTTP/2's number for it.
    case stream(UInt32)

    func key(after key: KeyedRandom) -> KeyedRandom {
        switch self {
        case .chunk(let flow, let number): key.keyed(flow.rawValue).keyed(number)
        case .stream(let number): key.keyed("stream").keyed(Int(number))
        }
    }
}
