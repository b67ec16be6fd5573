import Holdfast
import NIOCore
import NIOPosix

/// A proxy's listener, connections and faults. Everything of it lives on one event loop, so that a change of faults is one step for all
/// connections.
final class ProxyCore {
    private static let longestConnect = TimeAmount.seconds(10)
    /// How often whole connections are looked at that a fault hits or leaves by itself.
    private static let shapeInterval = TimeAmount.milliseconds(100)

    let eventLoop: any EventLoop
    let upstream: SocketAddress
    let ledger: FaultLedger
    private(set) var listener: ProxyListener!
    private var connections: [Int: ProxyConnection] = [:]
    private var accepted = 0
    private var isDraining = false
    private var whenEmpty: [EventLoopPromise<Void>] = []
    private var shaping: Scheduled<Void>?

    init(
        listen: SocketAddress, upstream: SocketAddress, seed: UInt64, eventLoop: any EventLoop,
        report: @escaping @Sendable (ProxyDecision) -> Void
    ) throws {
        self.eventLoop = eventLoop
        self.upstream = upstream
        ledger = FaultLedger(seed: seed, report: report)
        listener = try ProxyListener(listen, eventLoop: eventLoop) { [unowned self] in accept($0) }
        try listener.change(to: .accepting)
    }

    // MARK: Faults

    /// Puts faults into force, in place of all others, for all connections at once.
    func install(_ plan: FaultPlan) throws {
        let before = Set(ledger.plan.entries.map(\.id))
        noteHung()
        let kept = ledger.install(plan)
        try changeListener(kept: kept.intersection(before))
        // In the order in which they came, which is how they are counted.
        for connection in openConnections { connection.apply(kept: kept) }
        followShapes()
    }

    /// Lets faults hit and leave whole connections as their shapes say.
    private func followShapes() {
        shaping?.cancel()
        shaping = nil
        guard ledger.plan.entries.contains(where: { $0.hitsChange && $0.unit == .connection }) else { return }
        shaping = eventLoop.assumeIsolated().scheduleTask(in: Self.shapeInterval) { [weak self] in
            guard let self else { return }
            let ids = Set(ledger.plan.entries.map(\.id))
            for connection in openConnections { connection.apply(kept: ids) }
            followShapes()
        }
    }

    var hits: [String: Int] {
        noteHung()
        return ledger.hits
    }

    private func changeListener(kept: Set<String>) throws {
        guard !isDraining else { return }
        var manner = ProxyListener.Manner.accepting
        for entry in ledger.plan.entries {
            switch entry.network {
            case .refuse(let existing):
                manner = .refusing
                guard !kept.contains(entry.id) else { continue }
                ledger.hit(entry, connection: nil, "the listener is closed")
                guard existing == .reset else { continue }
                for (number, connection) in connections.sorted(by: { $0.key < $1.key }) {
                    ledger.hit(entry, connection: number, "reset")
                    connection.end(.reset)
                }
            case .acceptHang:
                if manner == .accepting { manner = .hanging }
            default: break
            }
        }
        try listener.change(to: manner)
    }

    /// Counts those that were left waiting at the listener.
    private func noteHung() {
        let hung = listener.takeHung()
        guard hung > 0 else { return }
        for entry in ledger.plan.entries {
            guard case .acceptHang = entry.network else { continue }
            ledger.hit(entry, connection: nil, "\(Figure.count(hung, "attempt")) to connect unanswered")
            ledger.count(entry, hung - 1)
        }
    }

    // MARK: Connections

    /// The open connections, in the order in which they came.
    var openConnections: [ProxyConnection] { connections.sorted { $0.key < $1.key }.map(\.value) }

    private func accept(_ channel: any Channel) {
        accepted += 1
        let connection = ProxyConnection(number: accepted, client: channel.remoteAddress, eventLoop: eventLoop, ledger: ledger) {
            [weak self] in self?.remove($0)
        }
        connection.clientEnd.whenActive = { [weak self, unowned connection] in self?.begin(connection) }
        try? channel.pipeline.syncOperations.addHandler(connection.clientEnd)
    }

    private func begin(_ connection: ProxyConnection) {
        connections[connection.number] = connection
        connection.apply(kept: [])
        guard !connection.isGone else { return }
        let end = connection.makeServiceEnd()
        let bound = NIOLoopBound(end, eventLoop: eventLoop)
        ClientBootstrap(group: eventLoop)
            .connectTimeout(Self.longestConnect)
            .channelOption(ChannelOptions.autoRead, value: false)
            .channelOption(ChannelOptions.allowRemoteHalfClosure, value: true)
            .channelOption(ChannelOptions.tcpOption(.tcp_nodelay), value: 1)
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture { try channel.pipeline.syncOperations.addHandler(bound.value) }
            }
            .connect(to: upstream)
            .assumeIsolated().whenComplete { result in
                switch result {
                case .success: connection.connected(end)
                case .failure: connection.couldNotConnect()
                }
            }
    }

    private func remove(_ connection: ProxyConnection) {
        connections[connection.number] = nil
        guard connections.isEmpty else { return }
        for promise in whenEmpty { promise.succeed() }
        whenEmpty = []
    }

    // MARK: End

    /// Accepts nobody any more; done once the last connection has ended by itself.
    func drain() -> EventLoopFuture<Void> {
        isDraining = true
        shaping?.cancel()
        listener.close()
        guard !connections.isEmpty else { return eventLoop.makeSucceededVoidFuture() }
        let promise = eventLoop.makePromise(of: Void.self)
        whenEmpty.append(promise)
        return promise.futureResult
    }

    /// Ends every connection now.
    func stop() {
        isDraining = true
        shaping?.cancel()
        listener.close()
        for connection in openConnections { connection.end(.reset) }
    }
}
