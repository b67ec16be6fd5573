/// What tasks ask of a client's event loop.
enum ClientCommand: Sendable {
    case start(ClientCall)
    case cancel(ClientCall)
    case send(StreamingCall, WireMessage)
    case finishSending(StreamingCall)
    case returnWindow(StreamingCall)
    case shutdown(grace: Duration)
}
