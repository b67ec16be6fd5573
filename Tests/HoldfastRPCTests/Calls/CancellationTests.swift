import Holdfast
import HoldfastRPC
import Testing

@Suite("Deadlines and cancellation")
struct CancellationTests {
    @Test("A deadline ends the call here and the handler there")
    func deadline() async throws {
        try await withServer { client, _, log in
            // On a busy machine a call may expire before its handler has begun; then another one is made.
            repeat {
                let error = try await #require(throws: RPCError.self) {
                    try await client.unary(FourKinds.unary, "sleep", options: CallOptions(timeout: .milliseconds(20)))
                }
                #expect(error.code == .deadlineExceeded)
            } while log.cancelled == 0
        }
    }

    @Test("The handler is told the deadline, and only if there is one")
    func deadlineIsSent() async throws {
        try await withServer { client, _, _ in
            let some = try await client.unary(FourKinds.unary, "deadline", options: CallOptions(timeout: .seconds(60)))
            #expect(some.message == "some")
            #expect(try await client.unary(FourKinds.unary, "deadline").message == "none")
        }
    }

    @Test("A deadline that has passed fails the call before it is sent")
    func passedDeadline() async throws {
        try await withServer { client, _, _ in
            let error = try await #require(throws: RPCError.self) {
                try await client.unary(FourKinds.unary, "x", options: CallOptions(timeout: .zero))
            }
            #expect(error.code == .deadlineExceeded && error.origin == .local)
        }
    }

    @Test("A deadline ends a stream that waits for messages")
    func streamDeadline() async throws {
        try await withServer { client, _, log in
            repeat {
                let error = try await #require(throws: RPCError.self) {
                    let options = CallOptions(timeout: .milliseconds(20))
                    try await client.serverStreaming(FourKinds.serverStreaming, "sleep", options: options) { responses in
                        for try await _ in responses {}
                    }
                }
                #expect(error.code == .deadlineExceeded)
            } while log.cancelled == 0
        }
    }

    @Test("Cancelling the task resets the stream, and throws CancellationError")
    func cancelUnary() async throws {
        try await withServer { client, _, log in
            let call = Task { try await client.unary(FourKinds.unary, "sleep") }
            // The connection is up and the call under way once another call has been answered behind it.
            _ = try await client.unary(FourKinds.unary, "x")
            call.cancel()
            await #expect(throws: CancellationError.self) { try await call.value }
        }
    }

    @Test("A task that is cancelled beforehand sends nothing")
    func cancelledBefore() async throws {
        try await withServer { client, _, _ in
            let call = Task {
                withUnsafeCurrentTask { $0?.cancel() }
                return try await client.unary(FourKinds.unary, "x")
            }
            await #expect(throws: CancellationError.self) { try await call.value }
        }
    }

    @Test("Leaving a stream's scope cancels the handler")
    func leaveScope() async throws {
        try await withServer { client, _, log in
            try await client.serverStreaming(FourKinds.serverStreaming, "one sleep") { responses in
                let first = try await responses.next()
                #expect(first == "one")
            }
            await log.handlerCancelled()
        }
    }

    @Test("A child task that is cancelled while it waits for a message is released")
    func cancelReader() async throws {
        try await withServer { client, _, _ in
            try await client.bidirectional(FourKinds.bidirectional) { _, responses in
                await withTaskGroup(of: Bool.self) { group in
                    group.addTask {
                        do {
                            return try await responses.next() == nil
                        } catch {
                            return error is CancellationError
                        }
                    }
                    group.cancelAll()
                    #expect(await group.next() == true)
                }
            }
        }
    }

    @Test("Shutting the client down ends its calls, and refuses later ones")
    func clientShutdown() async throws {
        try await withServer { client, _, _ in
            let call = Task { try await client.unary(FourKinds.unary, "sleep") }
            _ = try await client.unary(FourKinds.unary, "x")
            await client.shutdown()
            #expect(await #expect(throws: RPCError.self) { try await call.value }?.code == .unavailable)
            let later = await #expect(throws: RPCError.self) { try await client.unary(FourKinds.unary, "x") }
            #expect(later?.message == "the client has been shut down")
        }
    }
}
