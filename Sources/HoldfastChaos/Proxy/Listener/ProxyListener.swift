import Holdfast
import NIOCore
import NIOPosix

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

/// Where a proxy's clients connect: accepts them, refuses them, or leaves them waiting. Lives on the proxy's event loop.
///
/// The port stays reserved by a socket that is bound and does not listen, so that it can be closed and opened again.
final class ProxyListener {
    enum Manner: Equatable {
        case accepting
        case refusing
        case hanging
    }

    let address: SocketAddress
    private var reservation: BoundSocket?
    private let eventLoop: any EventLoop
    private let accept: (any Channel) -> Void
    private(set) var manner = Manner.refusing
    private var channel: (any Channel)?
    private var hung: HungSocket?

    /// Reserves the port; ``change(to:)`` begins to listen.
    init(
        _ wanted: SocketAddress, eventLoop: any EventLoop, accept: @escaping (any Channel) -> Void
    ) throws(BoundSocket.Failure) {
        let socket = try BoundSocket(wanted)
        address = socket.address
        reservation = consume socket
        self.eventLoop = eventLoop
        self.accept = accept
    }

    /// Listens no more, and gives the port back.
    func close() {
        try? change(to: .refusing)
        reservation = nil
    }

    /// How many attempts to connect were left waiting since the last time that this was asked.
    func takeHung() -> Int { hung?.takeDropped() ?? 0 }

    /// Changes how those who connect fare.
    func change(to manner: Manner) throws(BoundSocket.Failure) {
        guard manner != self.manner else { return }
        channel?.close(promise: nil)
        channel = nil
        hung = nil
        self.manner = .refusing
        switch manner {
        case .accepting: try open()
        case .refusing: break
        case .hanging: hung = try HungSocket(address)
        }
        self.manner = manner
    }

    private func open() throws(BoundSocket.Failure) {
        var socket = try BoundSocket(address)
        try socket.listen(backlog: 1_024)
        let accept = NIOLoopBound(accept, eventLoop: eventLoop)
        let bootstrap = ServerBootstrap(group: eventLoop)
            .childChannelOption(ChannelOptions.autoRead, value: false)
            .childChannelOption(ChannelOptions.allowRemoteHalfClosure, value: true)
            .childChannelOption(ChannelOptions.tcpOption(.tcp_nodelay), value: 1)
            .childChannelInitializer { channel in
                accept.value(channel)
                return channel.eventLoop.makeSucceededVoidFuture()
            }
        bootstrap.withBoundSocket(socket.giveAway()).assumeIsolated().whenSuccess { [self] channel in
            // It may have been told otherwise meanwhile.
            if manner == .accepting, self.channel == nil { self.channel = channel } else { channel.close(promise: nil) }
        }
    }
}

/// A socket that listens and whose line is full: nobody who connects gets an answer.
private final class HungSocket {
    private let socket: BoundSocket
    private let filler: CInt
    private var told = 0

    init(_ address: SocketAddress) throws(BoundSocket.Failure) {
        let socket = try BoundSocket(address)
        // A line for none holds one all the same.
        try socket.listen(backlog: 0)
        filler = try socket.connection()
        self.socket = socket
        told = self.socket.droppedConnections ?? 0
    }

    func takeDropped() -> Int {
        let dropped = socket.droppedConnections ?? 0
        defer { told = dropped }
        return dropped - told
    }

    deinit { systemClose(filler) }
}

/// `close(2)`; a free function, because within the classes above that name means their own.
private func systemClose(_ descriptor: CInt) { _ = close(descriptor) }
