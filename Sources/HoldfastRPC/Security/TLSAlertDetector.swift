import NIOCore

/// Says so when a plaintext client has reached a port that expects TLS, and is then gone from the pipeline.
///
/// Such a server answers HTTP/2's preface with a TLS alert, which is shorter than any HTTP/2 frame, and closes.
final class TLSAlertDetector: ChannelInboundHandler, RemovableChannelHandler {
    typealias InboundIn = ByteBuffer
    typealias InboundOut = ByteBuffer

    struct Detected: Error, CustomStringConvertible {
        let description = "the server expects TLS, and this client speaks plaintext"
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        let buffer = unwrapInboundIn(data)
        let start = buffer.getBytes(at: buffer.readerIndex, length: 2)
        // A record of type alert (21), of SSL 3 or any TLS (RFC 8446, 5.1); as HTTP/2 it would be a frame of 1.3 million bytes.
        if start == [21, 3] {
            context.fireErrorCaught(Detected())
        } else {
            context.fireChannelRead(data)
        }
        context.pipeline.syncOperations.removeHandler(self, promise: nil)
    }
}
