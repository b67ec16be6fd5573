import Holdfast

/// The end of a server's answer.
struct FinalStatus: Sendable {
    var code = StatusCode.ok
    var message = ""
    var metadata = Metadata()

    init(metadata: Metadata = Metadata()) {
        self.metadata = metadata
    }

    init(_ error: RPCError) {
        code = error.code
        message = error.message
        // What cannot be sent must not take the rest with it, a pushback for one.
        metadata = error.metadata.valid
    }

    /// Writes the trailers.
    func write(to headers: inout OutboundHeaders) {
        if code == .ok {
            headers.add("grpc-status", "0")
        } else {
            headers.add("grpc-status", String(code.rawValue))
            if !message.isEmpty { headers.add("grpc-message", StatusMessageCoding.encode(message)) }
        }
        headers.add(metadata)
    }
}
