import Holdfast

/// What a fault does between the clients and a service: to the bytes of TCP, or to the frames of HTTP/2.
package enum NetworkFault: Sendable, Hashable, Codable {
    /// One of the two ways that bytes go.
    package enum Flow: String, Sendable, Hashable, Codable, CaseIterable {
        /// From the client to the service.
        case upstream
        /// From the service to the client.
        case downstream

        /// The other way.
        package var opposite: Flow { self == .upstream ? .downstream : .upstream }
    }

    /// Which ways a fault works on.
    package enum Direction: String, Sendable, Hashable, Codable, CaseIterable {
        case upstream
        case downstream
        case both

        package func covers(_ flow: Flow) -> Bool { self == .both || rawValue == flow.rawValue }
    }

    /// How a connection comes to its end.
    package enum Ending: String, Sendable, Hashable, Codable, CaseIterable {
        /// What was sent arrives, then the end of the stream, to both sides.
        case close
        /// RST, to both sides.
        case reset
    }

    /// What becomes of the connections that there are when no others are accepted any more.
    package enum Existing: String, Sendable, Hashable, Codable, CaseIterable {
        case reset
        case keep
    }

    /// When a stream is reset.
    package enum ResetMoment: String, Sendable, Hashable, Codable, CaseIterable {
        /// At its request's headers, so that the service never has the request.
        case request
        /// At its response's headers, which arrive; nothing of what follows them does.
        case response
    }

    package enum HeldFrames: String, Sendable, Hashable, Codable, CaseIterable {
        /// The headers that end a response.
        case trailers
        /// Answers to pings.
        case pingAcks
    }

    package enum CorruptedFrames: String, Sendable, Hashable, Codable, CaseIterable {
        case data
        case headers
        case any
    }

    /// The listener is closed, its port kept; what connects is refused.
    case refuse(existing: Existing)
    /// The listener accepts nobody, and nobody is refused: what connects waits.
    case acceptHang
    /// Nothing passes any more, an end of stream neither; what waits passes once the fault ends.
    case blackhole(Direction, after: Duration, closeAfter: Duration?)
    /// RST to both sides.
    case reset(after: Duration)
    /// What was read is passed on later.
    case latency(ServiceTime, Direction)
    /// So many bytes a second pass at most.
    case bandwidth(Int, Direction)
    /// What was read is passed on in pieces of `size` bytes, give or take `variation`, with a pause after each.
    case slice(size: Int, variation: Int, delay: Duration, Direction)
    /// So many bytes pass, then the connection ends.
    case limitBytes(Int, Direction, then: Ending)
    /// One way ends, the other goes on.
    case halfClose(Direction, after: Duration)
    /// The end of a stream is passed on later.
    case slowClose(Duration, Direction)
    /// So many bits of what was read are flipped.
    case corrupt(bits: Int, Direction)
    /// The client is told that the connection ends. With `refuse`, so is the stream that it is told at, and nothing of it reaches the service.
    case goaway(code: UInt32, refuse: Bool, after: Duration)
    /// A stream ends with a code, for both sides.
    case rstStream(code: UInt32, at: ResetMoment)
    /// The client is told these settings in place of the service's.
    case settings(HTTP2Settings)
    /// Updates of windows wait until the fault ends, so that the other side runs out of them.
    case windowStall(Direction)
    /// Frames wait until the fault ends.
    case hold(HeldFrames, Direction)
    /// A bit of a frame's payload is flipped.
    case corruptFrames(CorruptedFrames, Direction)
}

extension NetworkFault {
    /// The fault without what it is set to.
    package enum Kind: String, Sendable, CaseIterable {
        case refuse = "tcp.refuse"
        case acceptHang = "tcp.acceptHang"
        case blackhole = "tcp.blackhole"
        case reset = "tcp.reset"
        case latency = "tcp.latency"
        case bandwidth = "tcp.bandwidth"
        case slice = "tcp.slice"
        case limitBytes = "tcp.limitBytes"
        case halfClose = "tcp.halfClose"
        case slowClose = "tcp.slowClose"
        case corrupt = "tcp.corrupt"
        case goaway = "h2.goaway"
        case rstStream = "h2.rstStream"
        case settings = "h2.settings"
        case windowStall = "h2.windowStall"
        case hold = "h2.hold"
        case corruptFrames = "h2.corrupt"

        /// What may be selected; nothing for a fault of the listener, which knows no single connection. The first is what is meant by a fault
        /// without `select`: all of them.
        package var units: [Selection.Unit] {
            switch self {
            case .refuse, .acceptHang: []
            case .blackhole, .reset, .bandwidth, .limitBytes, .halfClose, .slowClose, .settings: [.connection]
            case .latency, .slice, .corrupt: [.chunk, .connection]
            case .goaway, .windowStall, .hold: [.connection, .stream]
            case .rstStream: [.stream]
            case .corruptFrames: [.chunk, .connection, .stream]
            }
        }

        /// Whether there is more or less of it.
        package var hasMagnitude: Bool {
            switch self {
            case .latency, .bandwidth, .slice, .slowClose, .corrupt: true
            case .refuse, .acceptHang, .blackhole, .reset, .limitBytes, .halfClose, .goaway, .rstStream, .settings, .windowStall, .hold,
                .corruptFrames:
                false
            }
        }
    }

    package var kind: Kind {
        switch self {
        case .refuse: .refuse
        case .acceptHang: .acceptHang
        case .blackhole: .blackhole
        case .reset: .reset
        case .latency: .latency
        case .bandwidth: .bandwidth
        case .slice: .slice
        case .limitBytes: .limitBytes
        case .halfClose: .halfClose
        case .slowClose: .slowClose
        case .corrupt: .corrupt
        case .goaway: .goaway
        case .rstStream: .rstStream
        case .settings: .settings
        case .windowStall: .windowStall
        case .hold: .hold
        case .corruptFrames: .corruptFrames
        }
    }
}

/// Settings of HTTP/2 (RFC 9113, 6.5.2) that a client is told.
package struct HTTP2Settings: Sendable, Hashable, Codable {
    package var headerTableSize: UInt32?
    package var maxConcurrentStreams: UInt32?
    package var initialWindowSize: UInt32?
    package var maxFrameSize: UInt32?
    package var maxHeaderListSize: UInt32?

    package init() {}

    /// By their numbers in the frame, with what holds for a peer that has not said anything.
    static var all: [(path: WritableKeyPath<HTTP2Settings, UInt32?>, identifier: UInt16, initial: UInt32)] {
        [
            (\.headerTableSize, 1, 4_096), (\.maxConcurrentStreams, 3, .max), (\.initialWindowSize, 4, 65_535),
            (\.maxFrameSize, 5, 16_384), (\.maxHeaderListSize, 6, .max),
        ]
    }

    package var isEmpty: Bool { self == HTTP2Settings() }
}
