import Dispatch
import Holdfast

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#elseif canImport(Darwin)
import Darwin
#endif

/// SIGHUP, for as many as want to hear of it; while anybody does, it does not end the process.
enum HangupSignal {
    private struct State {
        var lastID = 0
        var actions: [Int: @Sendable () -> Void] = [:]
        var source: (any DispatchSourceSignal)?
    }

    /// Stops listening when it is let go.
    final class Subscription: Sendable {
        private let id: Int

        fileprivate init(_ id: Int) { self.id = id }

        deinit { HangupSignal.remove(id) }
    }

    private static let state = Locked(State())

    /// Calls `action`, which must not block, at each SIGHUP from now on.
    static func subscribe(_ action: @escaping @Sendable () -> Void) -> Subscription {
        state.withLock { state in
            state.lastID += 1
            state.actions[state.lastID] = action
            if state.source == nil {
                signal(SIGHUP, SIG_IGN)
                let source = DispatchSource.makeSignalSource(signal: SIGHUP, queue: .global())
                source.setEventHandler { for action in Self.state.withLock({ $0.actions }).values { action() } }
                source.activate()
                state.source = source
            }
            return Subscription(state.lastID)
        }
    }

    private static func remove(_ id: Int) {
        state.withLock { state in
            state.actions[id] = nil
            guard state.actions.isEmpty else { return }
            state.source?.cancel()
            state.source = nil
            signal(SIGHUP, SIG_DFL)
        }
    }
}
