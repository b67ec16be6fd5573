import DequeModule
import Holdfast
import HoldfastRPC

/// A replica of a service in virtual time: workers, the line in front of them, the way there and back, and the faults in force.
///
/// Nothing of it is a task: what takes time is a timer of the world's clock, so a call costs a few of those and no more.
final class ModelledService: Replica {
    private struct State {
        var isUp = false
        /// Counts the times it was brought up: what began in an earlier life ends without effect.
        var life = 0
        var queue: WorkQueue<ModelledCall>
        /// Those that have not ended, by their numbers, in order.
        var open: [Int: ModelledCall] = [:]
        var nextNumber = 0
        var isFrozen = false
        /// What came while it was frozen, in order.
        var held: [@Sendable () -> Void] = []
    }

    let name: String
    private let behavior: ServiceBehavior
    private let methods: [String: DemoMethod]
    let timeSource: TimeSource
    private let state: Locked<State>

    init(name: String, _ behavior: ServiceBehavior, methods: [DemoMethod], timeSource: TimeSource) {
        self.name = name
        self.behavior = behavior
        self.timeSource = timeSource
        self.methods = Dictionary(methods.map { ("/\($0.name)", $0) }, uniquingKeysWith: { first, _ in first })
        state = Locked(State(queue: WorkQueue(workers: behavior.model.workers, behavior.model.queue)))
    }

    // MARK: As the variant drives it

    func start() async throws {
        state.withLock { state in
            state.isUp = true
            state.isFrozen = false
            state.life += 1
            state.queue = WorkQueue(workers: behavior.model.workers, behavior.model.queue)
        }
    }

    var isRunning: Bool { state.withLock { $0.isUp } }

    /// Counts the times it was brought up; nil while it is down.
    var currentLife: Int? { state.withLock { $0.isUp ? $0.life : nil } }

    func install(_ plan: FaultPlan) -> Bool {
        behavior.install(plan)
        behavior.noteMemory()
        return true
    }

    func hits() -> [String: Int] { behavior.hits }

    func observe() -> Observation? {
        let (isUp, peaks) = state.withLock { ($0.isUp, $0.queue.takePeaks()) }
        let observation = Observation(peaks, worked: behavior.takeWorked())
        return isUp || !observation.worked.isEmpty ? observation : nil
    }

    func kill(_ signal: FaultKind.KillSignal) {
        takeDown()
    }

    func freeze() -> Bool {
        state.withLock { state in
            state.isFrozen = state.isUp
            return state.isUp
        }
    }

    /// All that came and all that was due meanwhile happens now, as with a process whose clock went on while it stood.
    func thaw() {
        let held = state.withLock { state in
            state.isFrozen = false
            defer { state.held = [] }
            return state.held
        }
        for action in held { action() }
    }

    func limitProcessors(to cores: Double?) -> Int { 0 }

    func stop() {
        takeDown()
    }

    func leftovers() -> [String] {
        isRunning ? ["\(name) still serves"] : []
    }

    private func takeDown() {
        let open = state.withLock { state in
            state.isUp = false
            defer { state.open = [:] }
            return state.open.sorted { $0.key < $1.key }.map(\.value)
        }
        for call in open {
            call.work?.cancel()
            call.end(.failure(.lost))
        }
        thaw()
    }

    /// Does something at once, or when the service is thawed.
    func whenAwake(_ action: @escaping @Sendable () -> Void) {
        let isFrozen = state.withLock { state in
            if state.isFrozen { state.held.append(action) }
            return state.isFrozen
        }
        if !isFrozen { action() }
    }

    // MARK: As a call meets it

    /// Takes a call on its way.
    func take(_ call: ModelledCall) {
        let travel = behavior.travel(call.key)
        call.back = travel.back
        after(travel.there, call) { [self] in whenAwake { [self] in arrive(call) } }
    }

    private func arrive(_ call: ModelledCall) {
        guard !call.hasEnded || behavior.model.abandoned == .served else { return }
        let isConnected = state.withLock { state in
            guard state.isUp, call.life == state.life else { return false }
            state.nextNumber += 1
            call.number = state.nextNumber
            state.open[call.number] = call
            return true
        }
        // It was sent, and what it was sent to died meanwhile, or is another by now.
        guard isConnected else { return call.end(.failure(.lost)) }
        let decision = behavior.decide(call.key)
        let act: @Sendable () -> Void = { [self] in meet(call, decision.effect) }
        if decision.delay == .zero { return act() }
        if decision.isCancellable { return after(decision.delay, call) { [self] in whenAwake(act) } }
        call.isPersistent = true
        call.work = timeSource.schedule(at: timeSource.now() + decision.delay) { [self] in whenAwake(act) }
    }

    /// Does what a fault makes of a call, or serves it.
    private func meet(_ call: ModelledCall, _ effect: FaultDecision.Effect) {
        switch effect {
        case .none: line(up: call)
        case .error(let code, let message, .afterWork):
            call.failure = RPCError(code, message)
            line(up: call)
        case .error(let code, let message, .beforeWork):
            call.hasHeadersOfItsOwn = true
            conclude(call, .failure(RPCError(code, message)))
        case .error(let code, let message, .trailersOnly): conclude(call, .failure(RPCError(code, message)))
        case .hang: break
        case .answer(let fault, let random, let level):
            call.tampering = AnswerTampering(fault, random, level: level, otherAnswer: methods[call.path]?.otherAnswer)
            line(up: call)
        }
    }

    private func line(up call: ModelledCall) {
        let arrival: WorkQueue<ModelledCall>.Arrival? = state.withLock { state in
            guard call.life == state.life, state.isUp else { return nil }
            let arrival = state.queue.arrive(call)
            if case .waiting(let place) = arrival { call.place = place }
            return arrival
        }
        switch arrival {
        case .started: work(on: call)
        case .refused: conclude(call, .failure(.queueFull))
        case .waiting, nil: break
        }
    }

    /// A worker takes the call on.
    private func work(on call: ModelledCall) {
        call.place = nil
        call.isWorkedOn = true
        let timer = timeSource.schedule(at: timeSource.now() + behavior.workTime(call.key)) { [self] in whenAwake { [self] in finish(call) }
        }
        call.work = timer
    }

    private func finish(_ call: ModelledCall) {
        freeWorker(of: call)
        guard let method = methods[call.path] else {
            // Asked by probes, whatever methods there are.
            if call.path == "/\(ServiceKind.healthCheck)" {
                return conclude(call, .success(()), try? HealthMessages.answer(isServing: true))
            }
            return conclude(call, .failure(RPCError(.unimplemented, "the service has no method \(call.path)")))
        }
        guard method.conversation == .single else { return converse(call, method) }
        if let failure = call.failure { return conclude(call, .failure(failure)) }
        do {
            let message = try method.answer(call.requests.popFirst() ?? [])
            guard let tampering = call.tampering else { return conclude(call, .success(()), message) }
            let (pause, fate) = try tampering.next(message)
            after(pause, call) { [self] in
                switch fate {
                case .cut: conclude(call, .failure(.cutOff))
                case .replaced(let bytes):
                    if tampering.omitsStatus { conclude(call, .failure(.withoutStatus)) } else { conclude(call, .success(()), bytes) }
                }
            }
        } catch {
            conclude(call, .failure(.ofHandler(error)))
        }
    }

    private func freeWorker(of call: ModelledCall) {
        guard call.isWorkedOn else { return }
        call.isWorkedOn = false
        let next: ModelledCall? = state.withLock { state in
            guard call.life == state.life, state.isUp else { return nil }
            return state.queue.finish()
        }
        if let next { work(on: next) }
    }

    /// Sends the end on its way back, behind the answer of a call that has one.
    func conclude(_ call: ModelledCall, _ end: Result<Void, RPCError>, _ answer: [UInt8]? = nil) {
        state.withLock { _ = $0.open.removeValue(forKey: call.number) }
        guard !call.hasEnded else { return }
        after(call.back, call) {
            if call.hasHeadersOfItsOwn { call.deliverHead() }
            if let answer { call.deliver(answer) }
            call.end(end)
        }
    }

    /// The caller goes away.
    func cancel(_ call: ModelledCall) {
        guard !call.hasEnded else { return }
        call.cancel()
        abandon(call)
    }

    /// The caller has gone: its deadline passed, or it was cancelled.
    func abandon(_ call: ModelledCall) {
        whenAwake { [self] in drop(call) }
    }

    private func drop(_ call: ModelledCall) {
        guard !call.isPersistent, behavior.model.abandoned == .dropped || !(call.isWorkedOn || call.place != nil) else { return }
        state.withLock { state in
            state.open.removeValue(forKey: call.number)
            if let place = call.place { _ = state.queue.leave(place) }
        }
        call.place = nil
        call.work?.cancel()
        freeWorker(of: call)
    }

    /// Goes on after a time on the way, unless the call has ended meanwhile.
    func after(_ time: Duration, _ call: ModelledCall, _ body: @escaping @Sendable () -> Void) {
        guard time > .zero else { return body() }
        call.travel = timeSource.schedule(at: timeSource.now() + time, body)
    }
}

extension RPCError {
    /// What a caller learns whose request a handler could not deal with.
    static func ofHandler(_ error: any Error) -> RPCError { RPCError(.internalError, "the handler failed: \(error)") }
    /// What a caller learns whose connection broke under its call.
    static let lost = RPCError(
        code: .unavailable, message: "the connection was lost", origin: .connection)
    /// What a caller learns whose answer breaks off in the middle.
    static let cutOff = RPCError(code: .internalError, message: "the stream ended in the middle of a message", origin: .local)
    /// What a caller learns whose answer is there, and nothing behind it.
    static let withoutStatus = RPCError(
        code: .unknown, message: "the server ended the call without a grpc-status", origin: .local)
    /// What a caller learns of a service that is down: nothing was sent, so even a write may be tried again.
    static let refused = RPCError(code: .unavailable, message: "the connection was refused", origin: .connection).unprocessed
}
