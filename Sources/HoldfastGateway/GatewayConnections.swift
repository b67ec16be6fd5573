import Holdfast
import NIOCore

/// The open connections of a gateway: counted, so that they stay within the limit, and known, so that all can be told to end.
final class GatewayConnections: Sendable {
    /// What connections are told.
    enum Event: Sendable {
        /// Finish what is under way, then close.
        case drain
        /// Finish now.
        case stop
    }

    private struct State {
        var channels: [ObjectIdentifier: any Channel] = [:]
        var isDraining = false
    }

    private let state = Locked(State())
    private let limit: Int

    init(limit: Int) {
        self.limit = limit
    }

    /// Takes note of one more.
    /// - Returns: false when there are as many as may be; it is known all the same until it closes.
    func add(_ channel: any Channel) -> Bool {
        let id = ObjectIdentifier(channel)
        channel.closeFuture.whenComplete { [self] _ in state.withLock { _ = $0.channels.removeValue(forKey: id) } }
        return state.withLock { state in
            state.channels[id] = channel
            return state.channels.count <= limit && !state.isDraining
        }
    }

    func tell(_ event: Event) {
        let channels = state.withLock { state in
            state.isDraining = true
            return Array(state.channels.values)
        }
        for channel in channels { channel.pipeline.fireUserInboundEventTriggered(event) }
    }

    /// Closes those that are left.
    func close() {
        for channel in state.withLock({ Array($0.channels.values) }) { channel.close(promise: nil) }
    }

    /// Waits until none is left.
    func empty() async {
        while let channel = state.withLock({ $0.channels.values.first }) {
            try? await channel.closeFuture.get()
            // Forgotten by now, unless this came first.
            await Task.yield()
        }
    }
}
