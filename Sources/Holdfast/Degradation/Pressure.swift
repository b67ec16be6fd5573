/// The signs that resources run short, spelled as in policy files.
public enum Pressure: String, Hashable, Sendable, CaseIterable {
    /// Calls that run now, a number.
    case inFlight
    /// How long calls wait in queues, in seconds.
    case queueTime
    /// How late timers and tasks come, in seconds.
    case eventLoopLag
    /// The share of the processor time that the process may use, 0 to 1.
    case cpu
    /// The share of the memory that the process may use, 0 to 1.
    case memory

    /// A reading in words: `12 calls in flight`, `cpu at 91 %`.
    func describe(_ reading: Double) -> String {
        switch self {
        case .inFlight: "\(amount(reading)) calls in flight"
        case .queueTime: "calls queue for \(amount(reading))"
        case .eventLoopLag: "timers come \(amount(reading)) late"
        case .cpu, .memory: "\(rawValue) at \(amount(reading))"
        }
    }

    /// A reading with its unit: `12`, `0.3 seconds`, `91 %`.
    func amount(_ reading: Double) -> String {
        switch self {
        case .inFlight: "\(Int64(saturating: reading))"
        case .queueTime, .eventLoopLag: "\(Duration.nanoseconds(Int64(saturating: reading * 1e9)))"
        case .cpu, .memory: "\(Int64(saturating: (reading * 100).rounded())) %"
        }
    }
}
