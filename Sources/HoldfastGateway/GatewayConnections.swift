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
        /// Those that were refused included, as long as they take to be told.
        var channels: [ObjectIdentifier: any Channel] = [:]
        /// How many of them are served, by where their clients are.
        var served: [String: Int] = [:]
        var servedTogether = 0
        var isDraining = false
    }

    private let state = Locked(State())
    private let limit: Int
    private let limitPerAddress: Int

    /// - Parameters:
    ///   - limit: how many may be open at once.
    ///   - limitPerAddress: how many of them one client may have, as ``ClientIdentity/place(of:)`` tells them apart.
    init(limit: Int, perAddress limitPerAddress: Int) {
        self.limit = limit
        self.limitPerAddress = limitPerAddress
    }

    /// Takes note of one more.
    /// - Returns: why it cannot be served; nil if it can.
    func add(_ channel: any Channel) -> HTTPRefusal? {
        let (id, place) = (ObjectIdentifier(channel), ClientIdentity.place(of: channel.remoteAddress))
        let refusal: HTTPRefusal? = state.withLock { state in
            state.channels[id] = channel
            if state.isDraining || state.servedTogether >= limit { return .fullHouse("there are too many connections") }
            guard state.served[place, default: 0] < limitPerAddress else {
                return .fullHouse("there are \(limitPerAddress) connections from your address, which is all that it may have")
            }
            state.served[place, default: 0] += 1
            state.servedTogether += 1
            return nil
        }
        channel.closeFuture.whenComplete { [self] _ in
            state.withLock { state in
                state.channels[id] = nil
                guard refusal == nil, let count = state.served[place] else { return }
                state.served[place] = count > 1 ? count - 1 : nil
                state.servedTogether -= 1
            }
        }
        return refusal
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
