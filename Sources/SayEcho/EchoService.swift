package import Holdfast
public import HoldfastRPC
import SwiftProtobuf

/// The Echo service: echoes, and streams that tick once a second.
public struct EchoService: RPCService {
    /// How a service waits: for that long, or until the task is cancelled, which throws.
    public typealias Sleep = @Sendable (Duration) async throws -> Void

    private let sleep: Sleep
    private let now: @Sendable () -> Instant

    /// Makes the service.
    public init() {
        self.init(sleep: { try await TimeSource.system.sleep(for: $0) }, now: { TimeSource.system.now() })
    }

    /// Makes a service that takes its time from elsewhere.
    package init(sleep: @escaping Sleep, now: @escaping @Sendable () -> Instant) {
        self.sleep = sleep
        self.now = now
    }

    /// Adds `Echo`, `Stream` and `Heartbeats` to `router`.
    public func register(on router: inout RPCRouter) {
        router.bidirectional(SayEchoMethods.echo) { requests, responses, _ in
            for try await request in requests {
                try await responses.write(.with { $0.message = request.message + "!" })
            }
        }
        router.serverStreaming(SayEchoMethods.stream) { _, responses, _ in
            try await stream(to: responses)
        }
        router.bidirectional(SayEchoMethods.heartbeats) { requests, responses, _ in
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask {
                    while true {
                        try await responses.write(.with { $0.status = .ok })
                        try await sleep(.seconds(1))
                    }
                }
                // The beats end when the client has said its last.
                for try await _ in requests {}
                group.cancelAll()
            }
        }
    }

    private func stream(to responses: ResponseWriter<Echoserver_EchoResponse>) async throws {
        let start = now()
        for turn in 0..<5 {
            if turn > 0 { try await sleep(.seconds(1)) }
            let elapsed = start.duration(to: now())
            try await responses.write(.with { $0.message = "hello there! \(elapsed)" })
        }
    }
}
