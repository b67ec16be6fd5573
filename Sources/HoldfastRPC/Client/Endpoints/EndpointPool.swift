import Holdfast
import NIOCore

/// The endpoints of a client: finds one for each call, and hears how the call ended there.
///
/// Confined to the event loop. The transport owns it.
final class EndpointPool {
    private let source: EndpointSource
    private unowned let transport: SocketTransport
    private let configuration: RPCClient.Configuration
    private let resolver: any NameResolver

    /// The breakers of the endpoints there are; for whoever shows them, on any thread.
    let breakers = Locked<[CircuitBreaker]>([])

    private var subchannels: [Subchannel] = []
    /// Those that a new list of addresses left out, and that are not closed yet.
    private var retired: [Subchannel] = []
    private var nextID = 0
    /// The endpoints that calls may go to now.
    private var candidates: [Candidate] = []
    /// Whether they are ejected ones, since no other is connected.
    private var isMakingDo = false
    private var hasIdle = true
    private var isWarming = false
    private var balancer: ChosenBalancer
    private var outliers: OutlierWatch?
    /// Calls that wait for an endpoint to be connected.
    private let waiting: CallQueue
    private var lastError: RPCError?
    private var lookup = NameLookup()

    init(_ source: EndpointSource, transport: SocketTransport, resolver: any NameResolver) {
        self.source = source
        self.transport = transport
        self.resolver = resolver
        configuration = transport.configuration
        balancer = ChosenBalancer(configuration.loadBalancing)
        waiting = CallQueue(limit: configuration.maximumWaitingCalls)
        outliers = configuration.outlierDetection.map { OutlierWatch($0, eventLoop: transport.eventLoop, pool: self) }
        if case .fixed(let endpoints) = source { take(endpoints.map { ($0, $0.authority) }) }
    }

    var isClosed: Bool { subchannels.allSatisfy(\.isClosed) && retired.allSatisfy(\.isClosed) }

    // Calls

    /// Gives `call` to an endpoint, lets it wait for one, or ends it.
    func start(_ call: ClientCall) {
        switch choose(call) {
        case .endpoint(let subchannel):
            call.subchannel = subchannel
            call.isAssigned = true
            subchannel.running += 1
            if subchannels.count > 1 { call.attempts?.tries(subchannel.id) }
            subchannel.start(call)
        case .wait: if !waiting.append(call) { transport.refuseForFullQueue(call) }
        case .refused(let error): transport.finish(call, .failure(error))
        }
    }

    /// The call's first message has come: a probe stream decides then (S8).
    func answered(_ call: ClientCall) {
        guard let breaker = call.subchannel?.breaker, let ticket = call.ticket else { return }
        var attempt = Attempt(.system)
        call.ticket = breaker.answered(ticket, &attempt)
    }

    /// `call` has ended at its endpoint.
    /// - Parameter outcome: nil when it goes to another, and its endpoint is neither praised nor blamed.
    func release(_ call: ClientCall, _ outcome: Result<Metadata, any Error>?) {
        guard call.isAssigned, let subchannel = call.subchannel else { return }
        call.isAssigned = false
        subchannel.running -= 1
        let outcome = verdict(call, outcome)
        if let ticket = call.ticket.take() {
            var attempt = Attempt(.system)
            subchannel.breaker?.settle(ticket, Self.completion(outcome), &attempt)
        }
        if let outlier = outliers, let outcome { outlier.record(subchannel.id, outcome) }
    }

    /// What the end of `call` says of its endpoint; nil for nothing. A call that was never sent says nothing, and neither does one
    /// whose caller gave it less than its own timeout (S7). Without such a timeout a hang counts, or it would never open a breaker (S1).
    private func verdict(_ call: ClientCall, _ outcome: Result<Metadata, any Error>?) -> Result<Metadata, any Error>? {
        guard case .failure(let error) = outcome else { return outcome }
        if call.id == 0 { return nil }
        if call.isCutShort, (error as? RPCError)?.code == .deadlineExceeded { return nil }
        return outcome
    }

    private static func completion(_ outcome: Result<Metadata, any Error>?) -> Completion {
        switch outcome {
        case .success: .succeeded
        case .failure(let error): .failed(error)
        case nil: .judged(.cancelled)
        }
    }

    private enum Choice {
        case endpoint(Subchannel)
        case wait
        case refused(any Error)
    }

    private func choose(_ call: ClientCall) -> Choice {
        if hasIdle, configuration.loadBalancing != .pickFirst || candidates.isEmpty || isMakingDo { wake() }
        if candidates.count == 1, candidates[0].subchannel.breaker == nil { return .endpoint(candidates[0].subchannel) }
        if isWarming { weigh() }
        var view = CandidateView(candidates: candidates, tried: call.attempts?.tried ?? EndpointIDs())
        // Where it was refused it is not sent again, if it can be helped.
        if call.wasResent, let subchannel = call.subchannel { view.tried.insert(subchannel.id) }
        var rejection: Rejection?
        while true {
            guard let position = balancer.pick(view, random: transport.random.next()) else {
                if view.tried.isEmpty { break }
                view.tried = EndpointIDs()
                continue
            }
            let subchannel = candidates[position].subchannel
            guard let breaker = subchannel.breaker else { return .endpoint(subchannel) }
            var attempt = Attempt(.system, deadline: call.deadline)
            switch breaker.admit(&attempt) {
            case .admitted(let ticket):
                call.ticket = ticket
                return .endpoint(subchannel)
            case .rejected(let refusal):
                rejection = Self.sooner(rejection, refusal)
                view.refused.insert(subchannel.id)
            case .mustWait: preconditionFailure("circuit breakers have no queues")
            }
        }
        return noneFor(call, rejection)
    }

    /// What becomes of a call that no connected endpoint takes.
    private func noneFor(_ call: ClientCall, _ rejection: Rejection?) -> Choice {
        wake()
        if lookup.isRunning || subchannels.contains(where: { $0.readiness == .connecting }) { return .wait }
        if let rejection { return .refused(rejection) }
        if call.waitsForReady { return .wait }
        return .refused(lastError ?? .connection("\(source) has no address").unprocessed)
    }

    private static func sooner(_ a: Rejection?, _ b: Rejection) -> Rejection {
        guard let a, let first = a.retryAfter else { return b }
        return b.retryAfter.map { $0 < first } ?? false ? b : a
    }

    /// Connects what may be needed: all that is idle, or for ``LoadBalancing/pickFirst`` the next one.
    private func wake() {
        if subchannels.isEmpty { return resolve() }
        for subchannel in subchannels {
            switch subchannel.readiness {
            case .idle: subchannel.connect()
            case .connecting: break
            case .ready, .backoff: continue
            }
            if configuration.loadBalancing == .pickFirst { break }
        }
        noteIdle()
    }

    // What the endpoints report

    /// An endpoint is connected, may be connected to again, is ejected or returns.
    func changed() {
        let eligibility = Eligibility(
            subchannels.map { .init(readiness: $0.readiness, isEjected: isEjected($0)) },
            panicThreshold: outliers == nil ? nil : configuration.panicThreshold)
        isMakingDo = eligibility.isMakingDo
        let eligible = eligibility.positions.map { subchannels[$0] }
        candidates = eligible.map { Candidate(subchannel: $0) }
        noteIdle()
        isWarming = configuration.slowStart != nil && eligible.contains { $0.warmSince != nil }
        for call in waiting.removeAll() { start(call) }
    }

    /// An endpoint has no connection any more.
    func lost(_ subchannel: Subchannel) {
        if let failure = subchannel.failure { lastError = failure }
        resolve()
        changed()
    }

    private func isEjected(_ subchannel: Subchannel) -> Bool {
        outliers?.isEjected(subchannel.id) ?? false
    }

    /// Endpoints return from their ejection.
    func returned(_ ids: [Int]) {
        let now = TimeSource.system.now()
        for subchannel in subchannels where ids.contains(subchannel.id) { subchannel.warmSince = now }
        changed()
    }

    private func noteIdle() {
        hasIdle = subchannels.isEmpty || subchannels.contains { $0.readiness == .idle }
    }

    /// Sets the weights of endpoints that return (``SlowStart``).
    private func weigh() {
        guard let slowStart = configuration.slowStart else { return }
        let now = TimeSource.system.now()
        isWarming = false
        for index in candidates.indices {
            let subchannel = candidates[index].subchannel
            guard let since = subchannel.warmSince else { continue }
            let weight = slowStart.weight(after: since.duration(to: now).nanoseconds)
            candidates[index].weight = weight
            if weight >= 1 { subchannel.warmSince = nil } else { isWarming = true }
        }
    }

    // Names

    /// Looks the name up, if the endpoints come from one, and if that was not done just now.
    private func resolve() {
        guard case .name(let host, let port) = source, lookup.begin(now: TimeSource.system.now()) else { return }
        resolver.addresses(of: host, on: transport.eventLoop).assumeIsolated().whenComplete { [weak self, weak transport] result in
            self?.resolved(result, host, port)
            transport?.flush()
        }
    }

    private func resolved(_ result: Result<[String], any Error>, _ host: String, _ port: Int) {
        guard !isShutDown else { return }
        let authority = Endpoint.tcp(host: host, port: port).authority
        switch result {
        case .success(let addresses) where !addresses.isEmpty:
            lookup.succeeded()
            take(addresses.map { (.tcp(host: $0, port: port), authority) })
        case .success: lookupFailed("\(host) has no address")
        case .failure(let error): lookupFailed("\(host) was not found (\(error))")
        }
    }

    private func lookupFailed(_ reason: String) {
        lastError = .connection("could not connect to \(source): \(reason)").unprocessed
        let pause = lookup.failed(configuration.backoff, now: TimeSource.system.now(), random: transport.random.uniform())
        transport.eventLoop.assumeIsolated().scheduleTask(in: .nanoseconds(pause)) { [weak self] in
            guard let self, self.subchannels.isEmpty, !self.isShutDown else { return }
            self.changed()
        }
        changed()
    }

    /// Puts a list of endpoints in force: those that stay keep their connections, those that go end their calls first.
    private func take(_ endpoints: [(endpoint: Endpoint, authority: String)]) {
        var left = subchannels
        subchannels = endpoints.map { endpoint, authority in
            if let index = left.firstIndex(where: { $0.endpoint == endpoint }) { return left.remove(at: index) }
            nextID += 1
            outliers?.add(nextID)
            return Subchannel(
                id: nextID, endpoint: endpoint, authority: configuration.authority ?? authority, transport: transport)
        }
        breakers.withLock { $0 = subchannels.compactMap(\.breaker) }
        retired += left
        for subchannel in left { outliers?.remove(subchannel.id) }
        changed()
        for subchannel in left { subchannel.retire() }
        forgetClosed()
    }

    // The end

    func forgetClosed() {
        if !retired.isEmpty { retired.removeAll(where: \.isClosed) }
    }

    private var isShutDown = false

    func shutdown(_ error: RPCError) {
        isShutDown = true
        for call in waiting.removeAll() { transport.finish(call, .failure(error)) }
        for subchannel in subchannels + retired { subchannel.shutdown(error) }
        outliers?.stop()
    }
}
