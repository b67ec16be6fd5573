import Holdfast

/// What tasks ask of a server connection's event loop.
enum ServerCommand: Sendable {
    case send(ServerResponder, WireMessage, Metadata?)
    /// The handler has ended.
    case finish(ServerResponder)
    case returnWindow(ServerResponder)
    /// End the call at that instant, unless its own deadline is earlier.
    case limit(ServerResponder, Instant)
    /// Finish what runs, take nothing new.
    case drain
    /// End now.
    case stop
}
