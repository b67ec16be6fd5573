import Holdfast

/// The faults in force in one service at one time: what the runner sends to the service's process.
package struct FaultPlan: Sendable, Hashable, Codable {
    /// A fault that hits calls, reduced to what the decision needs.
    package struct Entry: Sendable, Hashable, Codable {
        package var id: String
        /// What its draws are keyed by: its group, or itself.
        package var drawKey: String
        package var per: Selection.Unit
        package var rule: Rule
        package var effect: Effect
        package var shaping: Shaping?
        /// What a rule that counts had counted in a process that is gone; the next one goes on from there.
        package var counted = 0

        /// The share of its magnitude that holds so long after the plan came into force.
        func magnitude(after time: Duration) -> Double { shaping?.level(of: .magnitude, after: time) ?? 1 }

        /// The same for its probability.
        func probability(after time: Duration) -> Double { shaping?.level(of: .probability, after: time) ?? 1 }

        /// Whether a draw, in 0..<1, hits so long after the plan came into force, by a rule that draws.
        func isHit(by draw: Double, after time: Duration) -> Bool {
            guard case .share(let lower, let upper) = rule else { return false }
            let level = probability(after: time)
            return draw >= lower && draw < (level == 1 ? upper : lower + (upper - lower) * level)
        }

        /// Whether whom it hits changes with time by itself.
        var hitsChange: Bool { shaping?.shape.subject == .probability }

        /// The same however old it is: what goes on as it was when a plan is put into force anew.
        var withoutAge: Entry {
            var entry = self
            entry.shaping?.age = .zero
            return entry
        }
    }

    /// How a fault grows and fades, and how old it is when the plan comes into force.
    package struct Shaping: Sendable, Hashable, Codable {
        package var shape: FaultShape
        package var duration: Duration
        package var age: Duration

        fileprivate func level(of subject: FaultShape.Subject, after time: Duration) -> Double {
            shape.subject == subject ? shape.level(at: age + time, of: duration) : 1
        }
    }

    package enum Rule: Sendable, Hashable, Codable {
        /// The draw lies from `lower` up to, but not including, `upper`.
        case share(lower: Double, upper: Double)
        case nth(Int)
        case every(Int)
        case first(Int)
        /// It chooses nobody: all are hit.
        case all
    }

    package enum Effect: Sendable, Hashable, Codable {
        /// The number of a gRPC status code, and its message.
        case error(code: Int, message: String, when: FaultKind.ErrorMoment)
        case hang
        case latency(ServiceTime, isCancellable: Bool)
        case answer(AnswerFault)
        /// Workers do this share of what they do otherwise.
        case capacity(Double)
        /// The process holds so much more.
        case memory(mebibytes: Int)
        /// What the proxy in front of the service does.
        case network(NetworkFault)
    }

    package var seed: UInt64
    /// In the order of the scenario.
    package var entries: [Entry]

    package init(seed: UInt64, entries: [Entry] = []) {
        self.seed = seed
        self.entries = entries
    }

    /// What of it is for the proxy in front of a service, or what is for the service itself.
    package func part(forProxy: Bool) -> FaultPlan {
        FaultPlan(seed: seed, entries: entries.filter { $0.isOfNetwork == forProxy })
    }
}

extension FaultPlan.Entry {
    fileprivate var isOfNetwork: Bool {
        if case .network = effect { true } else { false }
    }
}

extension Scenario {
    /// The faults of one replica of a service, of those in force.
    ///
    /// The shares of a group are laid side by side over all its members, in force or not, so that one that ends does not move
    /// the draws of the others.
    ///
    /// - Parameter time: when the plan comes into force, from the start of the run; what has a shape goes by it.
    package func faultPlan(
        service: String, replica: Int = 0, active: Set<String>, at time: Duration = .zero
    ) -> FaultPlan {
        FaultPlan(seed: seed, faults: faults.filter { $0.breaks(service, replica: replica) }, active: active, at: time)
    }
}

extension FaultPlan {
    /// The faults in force of all those that one service or proxy has.
    init(seed: UInt64, faults: [FaultSpec], active: Set<String>, at time: Duration = .zero) {
        var plan = FaultPlan(seed: seed)
        var groupShares: [String: Double] = [:]
        for fault in faults {
            guard let effect = FaultPlan.Effect(fault.kind) else { continue }
            let key = fault.group.map { "group \($0)" } ?? "id \(fault.id)"
            let rule: FaultPlan.Rule
            switch fault.kind.selection?.share {
            case nil: rule = .all
            case .probability(let probability):
                let lower = groupShares[key, default: 0]
                // Ten shares of 0.1 are meant to be everything, whatever their sum in binary.
                let upper = lower + probability > 1 - 1e-9 ? 1 : lower + probability
                groupShares[key] = upper
                rule = .share(lower: lower, upper: upper)
            case .nth(let number): rule = .nth(number)
            case .every(let number): rule = .every(number)
            case .first(let number): rule = .first(number)
            }
            guard active.contains(fault.id) else { continue }
            plan.entries.append(
                FaultPlan.Entry(
                    id: fault.id, drawKey: key, per: fault.kind.selection?.per ?? .attempt, rule: rule, effect: effect,
                    shaping: fault.shape.map { .init(shape: $0, duration: fault.duration, age: time - fault.start) }))
        }
        self = plan
    }
}

extension FaultPlan.Effect {
    fileprivate init?(_ kind: FaultKind) {
        switch kind {
        case .rpcError(let code, let message, let when, _): self = .error(code: code.rawValue, message: message, when: when)
        case .rpcHang: self = .hang
        case .rpcLatency(let time, let isCancellable, _): self = .latency(time, isCancellable: isCancellable)
        case .rpcAnswer(let fault, _): self = .answer(fault)
        case .serviceCapacity(let share): self = .capacity(share)
        case .serviceMemory(let mebibytes): self = .memory(mebibytes: mebibytes)
        case .network(let fault, _): self = .network(fault)
        case .processKill, .processStop, .processRestart, .processCPUQuota: return nil
        }
    }
}
