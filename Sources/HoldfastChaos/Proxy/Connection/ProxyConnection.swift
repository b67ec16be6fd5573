import Holdfast
import NIOCore

/// A client's connection through the proxy, and the one to the service that belongs to it. Lives on the proxy's event loop.
final class ProxyConnection {
    /// How long the two sides have to take note of an end before they are cut off.
    private static let closingTime = TimeAmount.seconds(5)

    /// From 1, in the order in which they were accepted.
    let number: Int
    let eventLoop: any EventLoop
    let client: SocketAddress?
    let startedAt = NIODeadline.now()
    private let ledger: FaultLedger
    private let removed: (ProxyConnection) -> Void
    private(set) var upstream: Relay!
    private(set) var downstream: Relay!
    private(set) var http2: HTTP2Conversation!
    private(set) var clientEnd: ProxyEnd!
    private(set) var serviceEnd: ProxyEnd?

    /// Whether each fault that chooses among connections has chosen this one.
    private var choices: [String: Bool] = [:]
    /// Faults that act at an age of the connection, and do or have done so.
    private var started: Set<String> = []
    private var clocks: [String: Scheduled<Void>] = [:]
    /// Faults that let nothing pass.
    private var blocks: [String: FaultPlan.Entry] = [:]
    private var closing: Scheduled<Void>?
    /// An end that was reset while nothing passed.
    private var waitingReset = false
    private(set) var isGone = false

    init(
        number: Int, client: SocketAddress?, eventLoop: any EventLoop, ledger: FaultLedger, removed: @escaping (ProxyConnection) -> Void
    ) {
        self.number = number
        self.client = client
        self.eventLoop = eventLoop
        self.ledger = ledger
        self.removed = removed
        upstream = Relay(.upstream, self, ledger)
        downstream = Relay(.downstream, self, ledger)
        http2 = HTTP2Conversation(number: number, ledger: ledger) { [unowned self] bytes, flow, isOwn in
            relay(flow).emit(bytes, isOwn: isOwn)
        }
        clientEnd = ProxyEnd(self, from: upstream, to: downstream)
        upstream.source = clientEnd
        downstream.sink = clientEnd
    }

    func relay(_ flow: NetworkFault.Flow) -> Relay { flow == .upstream ? upstream : downstream }

    /// The end that is to be the service's, once it is connected.
    func makeServiceEnd() -> ProxyEnd {
        ProxyEnd(self, from: downstream, to: upstream)
    }

    /// The service is connected: bytes may pass.
    func connected(_ end: ProxyEnd) {
        serviceEnd = end
        guard !isGone else { return end.reset() }
        downstream.source = end
        upstream.sink = end
        upstream.pump()
        downstream.pump()
    }

    /// The service cannot be reached: the client has been accepted and can only be reset.
    func couldNotConnect() {
        end(.reset)
    }

    // MARK: Faults

    /// Puts faults into force, in place of all others.
    /// - Parameter kept: the ids of those that go on as they were.
    func apply(kept: Set<String>) {
        guard !isGone else { return }
        choices = choices.filter { kept.contains($0.key) }
        var frames: [FaultPlan.Entry] = []
        var bytes: [FaultPlan.Entry] = []
        for entry in ledger.plan.entries {
            guard let fault = entry.network, isChosen(entry) else { continue }
            switch fault {
            case .goaway, .rstStream, .settings, .windowStall, .hold, .corruptFrames: frames.append(entry)
            default: bytes.append(entry)
            }
        }
        let chosen = Set((frames + bytes).map(\.id))
        for id in started where !chosen.contains(id) || !kept.contains(id) {
            started.remove(id)
            clocks.removeValue(forKey: id)?.cancel()
            blocks[id] = nil
        }
        upstream.apply(RelayRules(bytes, flow: .upstream), kept: kept)
        downstream.apply(RelayRules(bytes, flow: .downstream), kept: kept)
        updateBlocks()
        guard !isGone else { return }
        http2.apply(frames, kept: kept)
        for entry in bytes + frames where started.insert(entry.id).inserted { start(entry) }
        guard !isGone else { return }
        upstream.pump()
        downstream.pump()
    }

    private func isChosen(_ entry: FaultPlan.Entry) -> Bool {
        guard entry.unit == .connection else { return entry.network?.kind.units.isEmpty == false }
        // The draw is the connection's own and stays; what hits it changes.
        if entry.hitsChange { return ledger.chooses(entry, connection: number) }
        if let known = choices[entry.id] { return known }
        let chosen = ledger.chooses(entry, connection: number)
        choices[entry.id] = chosen
        return chosen
    }

    /// Lets a fault act that acts at an age of the connection.
    private func start(_ entry: FaultPlan.Entry) {
        switch entry.network {
        case .reset(let after): at(after, entry) { $0.reset(entry) }
        case .blackhole(_, let after, _): at(after, entry) { $0.block(entry) }
        case .halfClose(let direction, let after):
            at(after, entry) { connection in
                connection.ledger.hit(entry, connection: connection.number, "half closed, \(direction.rawValue)")
                for flow in NetworkFault.Flow.allCases where direction.covers(flow) { connection.relay(flow).endEarly() }
            }
        case .goaway(_, _, let after) where entry.unit == .connection:
            at(after, entry) { connection in
                connection.http2.goaway(entry)
                connection.downstream.pump()
            }
        default: break
        }
    }

    private func at(_ age: Duration, _ entry: FaultPlan.Entry, _ act: @escaping (ProxyConnection) -> Void) {
        let due = startedAt + TimeAmount(age)
        if due <= .now() {
            act(self)
        } else {
            clocks[entry.id] = eventLoop.assumeIsolated().scheduleTask(deadline: due) { [weak self] in
                if let self, !isGone { act(self) }
            }
        }
    }

    private func reset(_ entry: FaultPlan.Entry) {
        ledger.hit(entry, connection: number, "reset")
        end(.reset)
    }

    private func block(_ entry: FaultPlan.Entry) {
        guard case .blackhole(_, _, let closeAfter) = entry.network else { return }
        blocks[entry.id] = entry
        ledger.hit(entry, connection: number, "nothing passes any more")
        updateBlocks()
        guard let closeAfter else { return }
        clocks[entry.id] = eventLoop.assumeIsolated().scheduleTask(in: TimeAmount(closeAfter)) { [weak self] in self?.end(.close) }
    }

    private func updateBlocks() {
        for flow in NetworkFault.Flow.allCases {
            let isBlocked = blocks.values.contains { entry in
                if case .blackhole(let direction, _, _) = entry.network { direction.covers(flow) } else { false }
            }
            relay(flow).setBlocked(isBlocked)
        }
        if waitingReset, blocks.isEmpty { end(.reset) }
    }

    // MARK: End

    /// Ends both sides.
    func end(_ ending: NetworkFault.Ending) {
        guard !isGone else { return }
        switch ending {
        case .reset:
            leave()
            clientEnd.reset()
            serviceEnd?.reset()
        case .close:
            guard closing == nil else { return }
            upstream.stop()
            downstream.stop()
            clientEnd.finish()
            serviceEnd?.finish()
            closing = eventLoop.assumeIsolated().scheduleTask(in: Self.closingTime) { [weak self] in self?.closeNow() }
            endIfFinished()
        }
    }

    /// Closes when nothing is left to pass either way.
    func endIfFinished() {
        guard !isGone, upstream.hasEnd, downstream.hasEnd || serviceEnd == nil && closing != nil else { return }
        if closing != nil || upstream.isFinished && downstream.isFinished { closeNow() }
    }

    private func closeNow() {
        leave()
        clientEnd.close()
        serviceEnd?.close()
    }

    /// One of the ends is no more.
    /// - Parameters:
    ///   - isReset: whether its peer reset it.
    ///   - hasEnded: whether both ways had ended there, so that it has nothing more to say or to hear.
    func gone(isReset: Bool, hasEnded: Bool) {
        guard !isGone else { return }
        if hasEnded, !isReset { return endIfFinished() }
        guard isReset, !blocks.isEmpty else { return end(.reset) }
        // What is said of it must not pass either.
        waitingReset = true
    }

    private func leave() {
        guard !isGone else { return }
        isGone = true
        closing?.cancel()
        for clock in clocks.values { clock.cancel() }
        clocks = [:]
        upstream.stop()
        downstream.stop()
        removed(self)
    }
}
