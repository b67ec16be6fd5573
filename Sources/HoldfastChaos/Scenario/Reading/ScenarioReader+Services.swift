import HoldfastPolicyFiles
import HoldfastRPC

extension ScenarioReader {
    func service(_ reader: ValueReader) -> ServiceSpec? {
        guard let object = reader.object("name and kind") else { return nil }
        let name = object.required("name")?.identifier()
        let kind = object.required("kind")?.oneOf(["say": ServiceKind.say, "echo": .echo, "code": .code])
        let replicasReader = object.optional("replicas")
        let replicas = replicasReader.map { $0.integer(in: 1...100) } ?? 1
        if kind == .code, let replicas, replicas > 1 { replicasReader?.fail("Swift code is in this process, once; remove this") }
        let workers = object.value("workers", default: 16) { $0.integer(in: 1...10_000) }
        let serviceTime = object.value("serviceTime", default: .constant(.zero)) { self.distribution($0) }
        let queue = object.value("queue", default: QueueSpec()) { self.queue($0) }
        let abandoned = object.value("abandoned", default: .dropped) {
            $0.oneOf(["dropped": ServiceModel.Abandoned.dropped, "served": .served])
        }
        let network = object.value("network", default: .constant(.zero)) { self.distribution($0) }
        let commandReader = object.optional("command")
        let command = commandReader.flatMap { self.command($0, kind) }
        if commandReader != nil {
            // They describe the demo service and its model; nothing can set up somebody's own program by them.
            for key in ["workers", "serviceTime", "queue", "abandoned", "network"] {
                object.optional(key)?.fail("stands beside \"command\", which is its own program and behaves as it does; remove this")
            }
        }
        object.finish()
        guard let name, let kind, let replicas, let workers, let serviceTime, let queue, let abandoned, let network else { return nil }
        let model = ServiceModel(workers: workers, serviceTime: serviceTime, queue: queue, abandoned: abandoned, network: network)
        return ServiceSpec(name: name, kind: kind, model: model, replicas: replicas, command: command)
    }

    /// Somebody's own program in place of the demo service.
    private func command(_ reader: ValueReader, _ kind: ServiceKind?) -> CommandSpec? {
        guard let object = reader.object("start, ready and stop") else { return nil }
        defer { object.finish() }
        if kind == .code { reader.fail("Swift code is no command; use the kind of a demo service whose methods the command serves") }
        if let engines, engines != .real { reader.fail("a command runs in real time only; write \"time\": \"real\"") }
        let startReader = object.required("start")
        let start = startReader?.array("a program and its arguments").map { $0.compactMap { $0.string("a word of the command") } }
        if let start, start.isEmpty { startReader?.fail("the list is empty; give a program and its arguments") }
        var command = CommandSpec(start: start ?? [], folder: folder)
        if let ready = object.optional("ready")?.object("within") {
            if let within = ready.required("within")?.duration(above: .zero) { command.readyWithin = within }
            ready.finish()
        }
        if let stop = object.optional("stop")?.object("signal and within") {
            if let signal = stop.optional("signal")?.oneOf(["TERM": FaultKind.KillSignal.term, "KILL": .kill]) {
                command.stopSignal = signal
            }
            if let within = stop.optional("within")?.duration(above: .zero) { command.stopWithin = within }
            stop.finish()
        }
        return command
    }

    private func queue(_ reader: ValueReader) -> QueueSpec? {
        guard let object = reader.object("limit and order") else { return nil }
        var queue = QueueSpec()
        if let limit = object.optional("limit") { queue.limit = limit.integer(in: 0...1_000_000) }
        if let order = object.optional("order") { queue.order = order.oneOf(["fifo": QueueSpec.Order.fifo, "lifo": .lifo]) ?? .fifo }
        object.finish()
        return queue
    }

    /// A time, or the distribution that times are drawn from.
    func distribution(_ reader: ValueReader) -> ServiceTime? {
        if reader.isString { return reader.duration().map { .constant($0) } }
        let kinds = "one of constant, lognormal, exponential, normal, uniform and mixture"
        guard reader.isObject else { return reader.mismatch("a duration such as \"250ms\", or an object with \(kinds)") }
        guard let object = reader.object(kinds) else { return nil }
        defer { object.finish() }
        guard let (kind, value) = object.exactlyOne(of: ["constant", "lognormal", "exponential", "normal", "uniform", "mixture"])
        else { return nil }
        switch kind {
        case "constant":
            return value.duration().map { .constant($0) }
        case "lognormal":
            guard let parts = value.object("median and sigma") else { return nil }
            let median = parts.required("median")?.duration(above: .zero)
            let sigma = parts.required("sigma")?.number(in: 0...4)
            parts.finish()
            guard let median, let sigma else { return nil }
            return .lognormal(median: median, sigma: sigma)
        case "exponential":
            guard let parts = value.object("mean") else { return nil }
            let mean = parts.required("mean")?.duration(above: .zero)
            parts.finish()
            return mean.map { .exponential(mean: $0) }
        case "normal":
            guard let parts = value.object("mean and deviation") else { return nil }
            let mean = parts.required("mean")?.duration(above: .zero)
            let deviation = parts.required("deviation")?.duration()
            parts.finish()
            guard let mean, let deviation else { return nil }
            return .normal(mean: mean, deviation: deviation)
        case "uniform":
            guard let parts = value.object("from and to") else { return nil }
            let from = parts.required("from")?.duration()
            let toReader = parts.required("to")
            let to = toReader?.duration()
            parts.finish()
            guard let from, let to else { return nil }
            if to < from { toReader?.fail("is below \"from\"; give a time that is not") }
            return .uniform(from: from, to: to)
        default:
            return mixture(value)
        }
    }

    private func mixture(_ reader: ValueReader) -> ServiceTime? {
        guard let items = reader.array("shares and times such as { \"share\": 0.01, \"time\": \"1s\" }") else { return nil }
        var parts: [ServiceTime.Part] = []
        for item in items {
            guard let object = item.object("share and time") else { return nil }
            let share = object.required("share")?.rate()
            let time = object.required("time").flatMap { distribution($0) }
            object.finish()
            guard let share, let time else { return nil }
            parts.append(.init(share: share, time: time))
        }
        let sum = parts.reduce(0) { $0 + $1.share }
        if abs(sum - 1) > 1e-9 {
            reader.fail("the shares sum to \(Figure.short(sum, 6)); give shares that sum to 1")
        }
        return .mixture(parts)
    }

    mutating func variant(_ reader: ValueReader, assertions: [AssertionSpec]) -> Variant? {
        guard let object = reader.object("name and policies") else { return nil }
        let name = object.required("name")?.identifier()
        let policiesReader = isAllCode ? object.optional("policies") : object.required("policies")
        let policies = policiesReader?.string("the path of a policy file").map { resolved($0) }
        let outline = policies.flatMap { path in policiesReader.flatMap { self.outline(of: path, $0) } }
        let reloadReader = object.optional("reload")
        let reloads = reloadReader.map { self.reloads($0) } ?? []
        if policiesReader == nil, isAllCode, !reloads.isEmpty {
            reloadReader?.fail("the variant has no \"policies\" that others could take the place of; give it some to begin with")
        }
        // What is left out is left out for as long as the variant runs.
        let files = outline.map { [$0] + reloads.compactMap { self.outlines[$0.policies] ?? nil } }
        let elements = files.map { files in files[0].elements.filter { name in files.allSatisfy { $0.elements.contains(name) } } }
        let disable = object.optional("disable")?.array("policy elements such as \"say/fallback\"") ?? []
        let failures = object.optional("expect").flatMap { self.expectedFailures($0, assertions: assertions) } ?? []
        let keepalive = object.optional("keepalive").flatMap { self.keepalive($0) }
        let balancing = balancing(object)
        object.finish()
        guard let name, policies != nil || policiesReader == nil else { return nil }
        return Variant(
            name: name, policies: policies, reloads: reloads,
            disable: disable.compactMap { $0.reference("policy element", among: elements) },
            expectedFailures: failures, keepalive: keepalive, loadBalancing: balancing.policy, outlierDetection: balancing.outliers)
    }

    private mutating func reloads(_ reader: ValueReader) -> [PolicyReload] {
        let example = "moments and policy files such as { \"at\": \"\(exampleName) + 2s\", \"policies\": \"other.json\" }"
        var reloads: [PolicyReload] = []
        for item in reader.array(example) ?? [] {
            guard let object = item.object("at and policies") else { continue }
            let at = object.required("at").flatMap { time($0) }
            let policiesReader = object.required("policies")
            let policies = policiesReader?.string("the path of a policy file").map { resolved($0) }
            if let policies, let policiesReader { _ = outline(of: policies, policiesReader) }
            object.finish()
            guard let at, let policies else { continue }
            if let last = reloads.last, at.offset <= last.at.offset {
                item.fail("\(quoted(at.text)) is not after \(quoted(last.at.text)); give the reloads in order of time")
            }
            if at.offset >= timeline.end {
                item.fail("\(quoted(at.text)) is not before the end of the last phase; give a moment of the run")
            }
            reloads.append(PolicyReload(at: at, policies: policies))
        }
        return reloads
    }

    private func keepalive(_ reader: ValueReader) -> Keepalive? {
        if let engines, engines != .real {
            reader.fail("has no model in virtual time; write \"time\": \"real\", or leave it out")
        }
        guard let object = reader.object("interval and timeout") else { return nil }
        let interval = object.required("interval")?.duration(above: .zero)
        let timeout = object.required("timeout")?.duration(above: .zero)
        object.finish()
        guard let interval, let timeout else { return nil }
        return try? Keepalive(interval: interval, timeout: timeout, permitWithoutCalls: true)
    }

    private func expectedFailures(_ reader: ValueReader, assertions: [AssertionSpec]) -> [String]? {
        guard let object = reader.object("fail") else { return nil }
        let items = object.required("fail")?.array("assertion ids")
        object.finish()
        return items?.compactMap { item in
            guard let id = item.reference("assertion", among: written.assertions.isEmpty ? nil : written.assertions) else { return nil }
            if assertions.first(where: { $0.id == id })?.role == .gate {
                item.fail("\(quoted(id)) is a gate: a run that fails it is not started; expect failures of other assertions")
            }
            return id
        }
    }
}
