import Holdfast
import HoldfastChaos

/// Calls and their load, for tests of what is made of them.
enum Calls {
    static let load = LoadSpec(
        name: "users", method: "grpconepb.grpconepb/SayHi", service: "say", request: RequestTemplate(pieces: []), deadline: .seconds(1),
        arrival: .open(.constant, rate: []), maxOutstanding: 10)

    static func call(_ index: Int, at seconds: Double, _ outcome: CallOutcome, milliseconds: Double = 1, attempts: Int = 1) -> CallRecord {
        let start = Int64((seconds * 1e9).rounded())
        return CallRecord(
            load: "users", index: index, intendedStart: start, started: start, ended: start + Int64(milliseconds * 1e6),
            outcome: outcome, attempts: attempts)
    }
}
