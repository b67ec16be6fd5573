import Dispatch
import Holdfast

@testable import HoldfastRPC

/// Something that happens once, for tasks and threads to wait for.
final class Signal: Sendable {
    private let value = AsyncValue<Void>()
    private let semaphore = DispatchSemaphore(value: 0)

    func fire() {
        value.finish(.success(()))
        semaphore.signal()
    }

    func wait() async throws {
        try await value.value()
    }

    /// Waits on a thread that may block; gives up after two minutes, so that a broken test ends.
    func block() {
        _ = semaphore.wait(timeout: .now() + 120)
    }
}

/// Runs `body` with a client, and shuts that down.
func withClient(
    _ client: RPCClient, _ body: (RPCClient) async throws -> Void
) async throws {
    do {
        try await body(client)
    } catch {
        await client.shutdown()
        throw error
    }
    await client.shutdown()
}
