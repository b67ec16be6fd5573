import Dispatch
import Holdfast
import Testing

@testable import HoldfastRPC

@Suite("Several writers of one stream")
struct StreamWritersTests {
    @Test("What was written is sent, though another task says meanwhile that nothing follows")
    func finishDuringWrite() async throws {
        let log = Locked<[String]>([])
        let call = StreamingCall(StreamRequest(path: FourKinds.clientStreaming.path), limits: SessionLimits()) { command in
            switch command {
            case .send(let call, _):
                let finished = DispatchSemaphore(value: 0)
                DispatchQueue(label: "finishing").async {
                    call.finishSending()
                    finished.signal()
                }
                // In vain if it is held up, as it should be, until the message has been handed over.
                _ = finished.wait(timeout: .now() + .milliseconds(100))
                log.withLock { $0.append("message") }
            case .finishSending: log.withLock { $0.append("end") }
            default: break
            }
            return true
        }
        try await call.send(StreamMessage([1]))
        while log.withLock({ $0.count }) < 2 { await Task.yield() }
        #expect(log.withLock { $0 } == ["message", "end"])
    }
}
