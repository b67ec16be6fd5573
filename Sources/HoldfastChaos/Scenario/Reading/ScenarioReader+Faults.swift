import Holdfast
import HoldfastPolicyFiles

extension ScenarioReader {
    private enum Kind {
        case error, hang, latency, partial, garble, wrongData, slowStream, capacity, memory, kill, stop, restart, cpuQuota
        case network(NetworkFault.Kind)

        /// Whether it happens to single calls, of which it chooses some.
        var choosesCalls: Bool {
            switch self {
            case .error, .hang, .latency, .partial, .garble, .wrongData, .slowStream: true
            case .capacity, .memory, .kill, .stop, .restart, .cpuQuota, .network: false
            }
        }

        /// Whether it happens to a server's answers or its process, of which code has none.
        var isOfAnswers: Bool {
            switch self {
            case .partial, .garble, .wrongData, .slowStream, .memory: true
            case .error, .hang, .latency, .capacity, .kill: false
            // Nothing stops code, and nothing takes its processors away.
            case .stop, .restart, .cpuQuota: true
            // Nor is there a wire to break.
            case .network: true
            }
        }

        /// Whether the service itself must act it out.
        var isInside: Bool {
            switch self {
            case .capacity, .memory, .cpuQuota: true
            default: choosesCalls
            }
        }

        /// Whether there is a model of it for virtual time.
        var hasModel: Bool {
            switch self {
            case .network, .cpuQuota: false
            default: true
            }
        }

        /// Whether there is more or less of it.
        var hasMagnitude: Bool {
            switch self {
            case .latency, .slowStream, .capacity, .memory: true
            case .network(let kind): kind.hasMagnitude
            case .error, .hang, .partial, .garble, .wrongData, .kill, .stop, .restart, .cpuQuota: false
            }
        }

        /// Whether it hits a part of what there is: calls, connections, what they carry.
        var selects: Bool {
            if case .network(let kind) = self { !kind.units.isEmpty } else { choosesCalls }
        }
    }

    func faults(_ reader: ValueReader?) -> [FaultSpec] {
        var groups: [String: GroupShares] = [:]
        return list(reader, "faults", mayBeEmpty: true, key: \.id) { item in
            let fault = fault(item)
            if let fault, let group = fault.group { groups[group, default: GroupShares()].add(fault, item) }
            return fault
        }
    }

    private func fault(_ reader: ValueReader) -> FaultSpec? {
        guard let object = reader.object("id, kind, target, from and for") else { return nil }
        let id = object.required("id")?.identifier()
        let kindReader = object.required("kind")
        let kind = kindReader.flatMap { self.kind($0) }
        let target = object.required("target").flatMap { self.target($0) }
        if let kind, let kindReader, let target { checkTarget(kind, kindReader, services.first { $0.name == target.service }) }
        let fromReader = object.required("from")
        let from = fromReader.flatMap { time($0) }
        let duration = object.required("for")?.duration(above: .zero)
        if let from, let fromReader, let gate = timeline.phases.last(where: \.isGate), from.offset < gate.end {
            fromReader.fail(
                "\(quoted(from.text)) is before the end of the gate \(quoted(gate.name)), and nothing breaks until that holds; "
                    + "write \(quoted("\(gate.name).end")) or later")
        }
        if let from, let duration, from.offset + duration > timeline.end {
            reader.fail("the fault ends \(DurationText.format(from.offset + duration - timeline.end)) after the last phase; end it before")
        }
        guard let kind else { return nil }
        if !kind.hasModel, let engines, engines != .real, let kindReader {
            let name = kindReader.string().map { "\(quoted($0)) " } ?? ""
            kindReader.fail("\(name)has no model in virtual time; write \"time\": \"real\", or use another kind")
        }
        let group = kind.selects ? object.optional("group")?.identifier() : nil
        let what = fault(kind, object)
        var shape: FaultShape?
        if kind.selects || kind.hasMagnitude, let reader = object.optional("shape") {
            shape = self.shape(reader, of: what, duration, hasMagnitude: kind.hasMagnitude)
        }
        object.finish()
        guard let id, let what, let target, let from, let duration else { return nil }
        return FaultSpec(
            id: id, kind: what, service: target.service, replica: target.replica, from: from, duration: duration, group: group, shape: shape
        )
    }

    /// Whether a service can act the fault out.
    private func checkTarget(_ kind: Kind, _ reader: ValueReader, _ service: ServiceSpec?) {
        guard let service else { return }
        if service.kind == .code, kind.isOfAnswers {
            reader.fail(
                "\(quoted(service.name)) is code, whose answers and process are its own; use a fault that goes before them, such as \"rpc.error\""
            )
        }
        if service.command != nil, kind.isInside {
            reader.fail(
                "\(quoted(service.name)) is your own command, which acts out no faults; use one from outside, such as \"proc.kill\"")
        }
    }

    private func kind(_ reader: ValueReader) -> Kind? {
        let others: [(name: String, value: Kind)] = [
            ("rpc.error", .error), ("rpc.hang", .hang), ("rpc.latency", .latency), ("rpc.partial", .partial), ("rpc.garble", .garble),
            ("rpc.wrongData", .wrongData), ("rpc.slowStream", .slowStream), ("svc.capacity", .capacity), ("svc.memory", .memory),
            ("proc.kill", .kill), ("proc.stop", .stop), ("proc.restart", .restart), ("proc.cpuQuota", .cpuQuota),
        ]
        return reader.oneOf(listed: others + NetworkFault.Kind.allCases.map { ($0.rawValue, .network($0)) })
    }

    private func fault(_ kind: Kind, _ object: ObjectReader) -> FaultKind? {
        switch kind {
        case .error:
            let selection = object.required("select").flatMap { self.selection($0) }
            let with = object.required("with")?.object("status and when")
            let status = with?.required("status").flatMap { self.status($0) }
            let message = with?.value("message", default: "injected by a chaos scenario") { $0.string("a message") }
            let when = with?.value("when", default: .trailersOnly) {
                $0.oneOf(["trailersOnly": FaultKind.ErrorMoment.trailersOnly, "beforeWork": .beforeWork, "afterWork": .afterWork])
            }
            with?.finish()
            guard let selection, let status, let message, let when else { return nil }
            return .rpcError(status, message: message, when: when, selection)
        case .hang:
            return object.required("select").flatMap { self.selection($0) }.map { .rpcHang($0) }
        case .latency:
            let selection = object.required("select").flatMap { self.selection($0) }
            let with = object.required("with")?.object("delay")
            let delay = with?.required("delay").flatMap { self.distribution($0) }
            let isCancellable = with?.value("cancellable", default: true) { $0.bool() }
            with?.finish()
            guard let selection, let delay, let isCancellable else { return nil }
            return .rpcLatency(delay, isCancellable: isCancellable, selection)
        case .partial, .garble, .wrongData, .slowStream:
            let selection = object.required("select").flatMap { self.selection($0) }
            guard let answer = answerFault(kind, object), let selection else { return nil }
            return .rpcAnswer(answer, selection)
        case .capacity:
            guard let with = object.required("with")?.object("share") else { return nil }
            let share = with.required("share")?.number(in: 0.001...0.999)
            with.finish()
            return share.map { .serviceCapacity(share: $0) }
        case .memory:
            guard let with = object.required("with")?.object("mebibytes") else { return nil }
            let mebibytes = with.required("mebibytes")?.integer(in: 1...16_384)
            with.finish()
            return mebibytes.map { .serviceMemory(mebibytes: $0) }
        case .kill:
            guard let with = object.optional("with") else { return .processKill(.kill) }
            guard let parts = with.object("signal") else { return nil }
            let signal = parts.value("signal", default: .kill) { $0.oneOf(["KILL": FaultKind.KillSignal.kill, "TERM": .term]) }
            parts.finish()
            return signal.map { .processKill($0) }
        case .stop:
            return .processStop
        case .restart:
            guard let with = object.optional("with") else { return .processRestart(.term, every: nil) }
            guard let parts = with.object("signal and every") else { return nil }
            let signal = parts.value("signal", default: .term) { $0.oneOf(["TERM": FaultKind.KillSignal.term, "KILL": .kill]) }
            let interval = parts.optional("every").map { $0.duration(atLeast: .milliseconds(100)) }
            parts.finish()
            guard let signal, interval != .some(nil) else { return nil }
            return .processRestart(signal, every: interval ?? nil)
        case .cpuQuota:
            guard let with = object.required("with")?.object("cores") else { return nil }
            let cores = with.required("cores")?.number(in: 0.01...64)
            with.finish()
            return cores.map { .processCPUQuota(cores: $0) }
        case .network(let kind): return networkFault(kind, object)
        }
    }

    private func answerFault(_ kind: Kind, _ object: ObjectReader) -> AnswerFault? {
        switch kind {
        case .garble: return .garble
        case .wrongData: return .wrongData
        case .slowStream:
            guard let with = object.required("with")?.object("pause") else { return nil }
            let pause = with.required("pause").flatMap { distribution($0) }
            with.finish()
            return pause.map { .slowStream($0) }
        default:
            guard let reader = object.optional("with") else { return .partial(messages: 0, share: 0.5) }
            guard let with = reader.object("messages and share") else { return nil }
            let messages = with.value("messages", default: 0) { $0.integer(in: 0...1_000_000) }
            let share = with.value("share", default: 0.5) { $0.rate() }
            with.finish()
            guard let messages, let share else { return nil }
            return .partial(messages: messages, share: share)
        }
    }

    private func target(_ reader: ValueReader) -> (service: String, replica: Int?)? {
        guard let object = reader.object("service, and replica for one of several") else { return nil }
        defer { object.finish() }
        let service = object.required("service")?.reference("service", among: written.services.isEmpty ? nil : written.services)
        guard let replicaReader = object.optional("replica") else { return service.map { ($0, nil) } }
        guard let replica = replicaReader.integer(in: 0 ... .max), let service else { return nil }
        if let count = services.first(where: { $0.name == service })?.replicas, replica >= count {
            let those = count == 1 ? "one replica, 0" : "\(count) replicas, 0 to \(count - 1)"
            replicaReader.fail("there is no replica \(replica): \(quoted(service)) has \(those)")
        }
        return (service, replica)
    }

    private func status(_ reader: ValueReader) -> StatusCode? {
        guard let name = reader.string("a status code such as \"UNAVAILABLE\"") else { return nil }
        let names = StatusCode.allCases.filter { $0 != .ok }.map(\.name)
        guard names.contains(name), let code = StatusCode(name: name) else {
            let suggestion = Spelling.nearest(to: name, among: names).map { "did you mean \(quoted($0))?" }
            reader.fail("\(quoted(name)) is not an error's status code; \(suggestion ?? "use one such as \"UNAVAILABLE\"")")
            return nil
        }
        return code
    }

    private func selection(_ reader: ValueReader) -> Selection? {
        guard let object = reader.object("per and one of probability, nth, every and first") else { return nil }
        defer { object.finish() }
        let per = object.required("per")?.choice(
            ["request": Selection.Unit.request, "attempt": .attempt], unsupported: ["stream", "connection", "chunk", "packet"])
        guard let share = share(object), let per else { return nil }
        return Selection(per: per, share: share)
    }

    /// Which of what is selected, as all faults say it.
    func share(_ object: ObjectReader) -> Selection.Share? {
        guard let (key, value) = object.exactlyOne(of: ["probability", "nth", "every", "first"]) else { return nil }
        switch key {
        case "probability": return value.rate().map { .probability($0) }
        case "nth": return value.integer(in: 1 ... .max).map { .nth($0) }
        case "every": return value.integer(in: 1 ... .max).map { .every($0) }
        default: return value.integer(in: 1 ... .max).map { .first($0) }
        }
    }
}

/// What the members of one group have in common, and how much of the draw they have taken.
struct GroupShares {
    private var first: FaultSpec?
    private var sum = 0.0

    mutating func add(_ fault: FaultSpec, _ reader: ValueReader) {
        guard let selection = fault.kind.selection, case .probability(let probability) = selection.share else {
            reader.fail("a fault of a group takes a share of its draw; select by \"probability\"")
            return
        }
        if let first, first.service != fault.service || first.replica != fault.replica || first.kind.selection?.per != selection.per {
            reader.fail("the faults of a group share one draw; give all of them the target and \"per\" of \(quoted(first.id))")
        }
        sum += probability
        if sum > 1 + 1e-9 {
            let total = (sum * 1e6).rounded() / 1e6
            reader.fail("the probabilities of group \(quoted(fault.group ?? "")) sum to \(total); give shares that sum to at most 1")
        }
        if first == nil { first = fault }
    }
}
