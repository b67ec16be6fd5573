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
        metadata = error.metadata
        if metadata.complaint != nil { metadata = Metadata() }
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
