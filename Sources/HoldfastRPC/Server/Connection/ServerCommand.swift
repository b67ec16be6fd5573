import Holdfast

/// What tasks ask of a server connection's event loop.
enum ServerCommand: Sendable {
    /// A message, and the headers for the case that it is the first.
    case send(ServerResponder, WireMessage, Metadata)
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
