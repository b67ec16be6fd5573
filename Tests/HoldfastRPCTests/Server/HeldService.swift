import Holdfast

@testable import HoldfastRPC

/// A service whose calls say that they have arrived, and are held until the test lets them go.
final class HeldService: RPCService {
    static let unary = RPCMethod<Fourkinds_Text, Fourkinds_Text>(service: "test.Held", name: "Unary", kind: .unary)
    static let bidirectional = RPCMethod<Fourkinds_Text, Fourkinds_Text>(
        service: "test.Held", name: "Bidirectional", kind: .bidirectional)

    private struct State {
        var arrived = 0
        var completed = 0
        var cancelled = 0
        var waiters: [(count: Int, value: AsyncValue<Void>)] = []
    }

    private let state = Locked(State())
    private let released = AsyncValue<Void>()

    /// How many calls have been served to their end.
    var completed: Int { state.withLock { $0.completed } }
    /// How many handlers were cancelled when they went on.
    var cancelled: Int { state.withLock { $0.cancelled } }

    /// Lets all calls go, those that come later too.
    func release() {
        released.finish(.success(()))
    }

    /// Waits until so many calls have arrived.
    func arrived(_ count: Int) async throws {
        let value = AsyncValue<Void>()
        let isThere = state.withLock { state in
            if state.arrived < count { state.waiters.append((count, value)) }
            return state.arrived >= count
        }
        if !isThere { try await value.value() }
    }

    func register(on router: inout RPCRouter) {
        router.unary(Self.unary) { [self] request, _ in
            try await serve()
            return request
        }
        router.bidirectional(Self.bidirectional) { [self] requests, responses, _ in
            for try await request in requests { try await responses.write(request) }
            try await serve()
            try await responses.write("last")
        }
    }

    /// Heeds no cancellation.
    private func serve() async throws {
        let waiters = state.withLock { state in
            state.arrived += 1
            defer { state.waiters.removeAll { $0.count <= state.arrived } }
            return state.waiters.filter { $0.count <= state.arrived }
        }
        for waiter in waiters { waiter.value.finish(.success(())) }
        try await released.value()
        state.withLock { state in
            state.completed += 1
            if Task.isCancelled { state.cancelled += 1 }
        }
    }
}
