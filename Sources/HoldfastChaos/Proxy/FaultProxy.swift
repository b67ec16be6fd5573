import Holdfast
package import HoldfastAdmin
import NIOCore
import NIOPosix

/// Stands between clients and a service and does to bytes and frames what faults say: to anybody's service, whatever it speaks.
///
/// Connections are numbered in the order in which they are accepted; with the same seed, the same connections, reads and streams are hit.
package final class FaultProxy: Sendable {
    /// Why a proxy cannot be had.
    package struct Failure: Error, CustomStringConvertible {
        package let description: String
    }

    /// A connection through the proxy.
    package struct Connection: Sendable {
        package var number: Int
        package var client: String
        package var age: Duration
        /// What it speaks: `HTTP/2`, `bytes`, or `unknown` as long as nothing was said.
        package var speaks: String
        package var upstreamBytes: Int
        package var downstreamBytes: Int
    }

    let eventLoop: any EventLoop
    let core: NIOLoopBound<ProxyCore>
    /// Where clients connect.
    package let address: TCPAddress
    /// The service.
    package let upstream: TCPAddress

    private init(eventLoop: any EventLoop, core: NIOLoopBound<ProxyCore>, address: TCPAddress, upstream: TCPAddress) {
        self.eventLoop = eventLoop
        self.core = core
        self.address = address
        self.upstream = upstream
    }

    /// Starts a proxy.
    ///
    /// - Parameters:
    ///   - listen: where clients connect; port 0 picks a free one.
    ///   - upstream: the service. It is connected to for each client by itself.
    ///   - seed: what all draws come from.
    ///   - report: is told every decision, on the proxy's event loop, which it must not block.
    /// - Throws: ``Failure`` when the address cannot be listened on.
    package static func start(
        listen: TCPAddress, upstream: TCPAddress, seed: UInt64, report: @escaping @Sendable (ProxyDecision) -> Void
    ) async throws -> FaultProxy {
        let eventLoop = MultiThreadedEventLoopGroup.singleton.next()
        do {
            return try await eventLoop.submit {
                let core = try ProxyCore(
                    listen: listen.socketAddress, upstream: upstream.socketAddress, seed: seed, eventLoop: eventLoop, report: report)
                return FaultProxy(
                    eventLoop: eventLoop, core: NIOLoopBound(core, eventLoop: eventLoop), address: TCPAddress(core.listener.address),
                    upstream: upstream)
            }.get()
        } catch let error as BoundSocket.Failure {
            throw Failure(description: error.description)
        }
    }

    /// Puts faults into force, in place of all others, for existing and new connections alike and at once.
    package func install(_ plan: FaultPlan) async throws {
        try await eventLoop.submit { [core] in try core.value.install(plan) }.get()
    }

    /// How often each fault hit.
    package func hits() async -> [String: Int] {
        (try? await eventLoop.submit { [core] in core.value.hits }.get()) ?? [:]
    }

    /// The open connections, in the order in which they came.
    package func connections() async -> [Connection] {
        (try? await eventLoop.submit { [core] in core.value.openConnections.map(Connection.init) }.get()) ?? []
    }

    /// Accepts nobody any more, takes all faults back, and waits until the connections have ended, which those that are left after `grace` are
    /// made to.
    package func shutdown(grace: Duration) async {
        let timer = eventLoop.scheduleTask(in: TimeAmount(grace)) { [core] in core.value.stop() }
        let drained = eventLoop.flatSubmit { [core] in
            let core = core.value
            try? core.install(FaultPlan(seed: core.ledger.seed))
            return core.drain()
        }
        try? await drained.get()
        timer.cancel()
    }
}

extension FaultProxy.Connection {
    init(_ connection: ProxyConnection) {
        self.init(
            number: connection.number, client: connection.client?.text ?? "", age: Duration(.now() - connection.startedAt),
            speaks: connection.http2.spoken, upstreamBytes: connection.upstream.passedBytes,
            downstreamBytes: connection.downstream.passedBytes)
    }
}
