/// What tasks ask of a client's event loop.
enum ClientCommand: Sendable {
    case start(ClientCall)
    case cancel(ClientCall)
    case send(StreamingCall, [UInt8])
    case finishSending(StreamingCall)
    case returnWindow(StreamingCall)
    case shutdown(grace: Duration)
}
