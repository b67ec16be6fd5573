import NIOCore
import NIOHTTP1

/// A request and its answer on a connection, as its event loop sees them. Lives on that loop.
final class Exchange {
    let head: HTTPRequestHead
    /// What the log and the client call the request.
    let id: String
    /// What is said of the answer to the browser of another origin's page.
    let crossOrigin: HTTPHeaders
    /// What was understood; nil for a request that is answered at once.
    var request: GatewayRequest?
    /// What answers it when it has ended.
    var onEnd: (() -> Void)?
    /// Where the client's messages go; nil when none are expected, or no more.
    var messages: MessageSequence.Source?
    var splitter: JSONMessageSplitter
    /// Whether enough messages wait.
    var isPaused = false
    /// What is done when another message is wanted.
    var onDemand: () -> Void = {}
    /// The call.
    var task: Task<Void, Never>?
    var requestHasEnded = false
    /// Whether the connection may serve another request after the answer, as far as the answer's head has said.
    var keepsAlive: Bool

    init(_ head: HTTPRequestHead, crossOrigin: HTTPHeaders, longestMessage: Int) {
        self.head = head
        id = GatewayRequest.identity(head.headers)
        self.crossOrigin = crossOrigin
        splitter = JSONMessageSplitter(longestMessage: longestMessage)
        // The parser does not go on after a request that asks for another protocol.
        keepsAlive = head.isKeepAlive && head.version != .http1_0 && !head.headers.contains(name: "Upgrade")
    }

    /// Takes a part of the body.
    func take(_ bytes: ByteBuffer) {
        guard let messages else { return }
        do throws(HTTPRefusal) {
            let complete = try splitter.take(bytes.readableBytesView)
            if !complete.isEmpty { isPaused = messages.yield(contentsOf: complete) == .stopProducing }
        } catch {
            fail(error)
        }
    }

    /// Takes note that the body has ended.
    func endRequest() {
        requestHasEnded = true
        // Its messages only begin where the request ends.
        if request?.isWebSocket == true { return }
        isPaused = false
        do throws(HTTPRefusal) {
            try splitter.finish()
            messages?.finish()
            messages = nil
        } catch {
            fail(error)
        }
    }

    /// Ends the client's messages with an error.
    func fail(_ error: any Error) {
        messages?.finish(error)
        messages = nil
        isPaused = false
    }
}
