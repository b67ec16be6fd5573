import Testing

@testable import Holdfast

/// The model: everything that happened, in a list; each answer is worked out from the beginning.
private struct HedgeModel {
    enum Event {
        case started(Instant)
        case ended(Int, HedgeStateMachine.End, Instant)
        case left
    }

    let delay: Int64
    let maxExtra: Int
    var events: [Event]

    var started: Int { events.count { if case .started = $0 { true } else { false } } }

    var running: Set<Int> {
        var running = Set(1...started)
        for case .ended(let attempt, _, _) in events { running.remove(attempt) }
        return running
    }

    /// The attempt that ends the call by itself, if one has.
    var decided: Int? {
        for case .ended(let attempt, let end, _) in events where end == .acceptable || end == .fatal { return attempt }
        return nil
    }

    /// When the next attempt starts; nil for never.
    var nextStart: Instant? {
        guard started <= maxExtra else { return nil }
        var due: Instant?
        for event in events {
            switch event {
            case .started(let at): due = at.advanced(byNanoseconds: delay)
            case .ended(_, .failed(.atOnce), let at): due = min(due!, at)
            case .ended(_, .failed(.after(let pause)), let at): due = at.advanced(byNanoseconds: pause)
            case .ended(_, .failed(.never), _), .left: return nil
            case .ended(_, .acceptable, _), .ended(_, .fatal, _): break
            }
        }
        return due
    }
}

@Suite("Hedge: random calls against a model")
struct HedgePropertyTests {
    @Test("S65: 20,000 random calls decide as a list of all that happened does", arguments: 0..<20)
    func random(block: UInt64) async {
        for seed in block * 1000..<(block + 1) * 1000 {
            if let difference = Self.call(seed) { Issue.record("seed \(seed): \(difference)") }
            await Task.yield()
        }
    }

    private static func call(_ seed: UInt64) -> String? {
        var random = SplitMix64State(seed: seed)
        let delay = Int64(random.next() % 100)
        let maxExtra = Int(random.next() % 4) + 1
        var now = Instant(nanoseconds: 0)
        var machine = HedgeStateMachine(delay: delay, maxExtra: maxExtra, now: now)
        var model = HedgeModel(delay: delay, maxExtra: maxExtra, events: [.started(now)])
        var hasLeft = false
        var lastDecision: Int?
        for step in 0..<30 {
            if let decided = lastDecision ?? model.decided {
                guard machine.next(now) == .finish(decided) else { return "step \(step): not finished by \(decided)" }
                lastDecision = decided
            } else if model.running.isEmpty, model.nextStart.map({ $0 > now }) ?? true {
                guard machine.next(now) == .finish(1) else { return "step \(step): all have failed" }
                lastDecision = 1
            } else if hasLeft, case .cancel = machine.next(now) {
                hasLeft = false
            } else if let start = model.nextStart, start <= now {
                guard machine.next(now) == .start(model.started + 1) else { return "step \(step): attempt \(model.started + 1) is due" }
                model.events.append(.started(now))
            } else {
                guard machine.next(now) == .wait(until: model.nextStart) else {
                    return "step \(step): not waiting for \(String(describing: model.nextStart))"
                }
            }
            guard machine.outstanding == model.running.count else { return "step \(step): \(machine.outstanding) outstanding" }

            switch random.next() % 8 {
            case 0...3:
                now = now.advanced(byNanoseconds: Int64(random.next() % 60))
            case 4 where lastDecision == nil && model.decided == nil && random.next() % 8 == 0:
                machine.callerLeft(now)
                hasLeft = !model.running.isEmpty
                model.events.append(.left)
            default:
                guard let attempt = model.running.sorted().randomElement(using: &random) else { continue }
                let end: HedgeStateMachine.End =
                    switch random.next() % 10 {
                    case 0: .acceptable
                    case 1: .fatal
                    case 2: .failed(.never)
                    case 3, 4: .failed(.after(Int64(random.next() % 200)))
                    default: .failed(.atOnce)
                    }
                machine.ended(attempt, end, now)
                model.events.append(.ended(attempt, end, now))
            }
        }
        return nil
    }
}
