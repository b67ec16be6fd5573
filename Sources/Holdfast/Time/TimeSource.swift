#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#elseif canImport(Darwin)
import Darwin
#endif

/// The one clock that all policies read: the system's monotonic clock, or a virtual one.
///
/// A concrete type on purpose: `any Clock` is slow and loses the type of its instants, and a pipeline read from a file
/// cannot be generic over a clock.
public struct TimeSource: Sendable {
    private let virtual: (any VirtualTimeSource)?

    private init(_ virtual: (any VirtualTimeSource)?) {
        self.virtual = virtual
    }

    /// The system's monotonic clock (`CLOCK_MONOTONIC`; it stands still while the machine is suspended).
    public static let system = TimeSource(nil)

    /// A clock that a test or a simulation moves by hand.
    public init(virtual: any VirtualTimeSource) {
        self.init(Optional(virtual))
    }

    /// Whether the clock is one that a test or a simulation moves.
    package var isVirtual: Bool { virtual != nil }

    /// Reads the clock.
    public func now() -> Instant {
        guard let virtual else { return Self.systemNow() }
        return virtual.now()
    }

    /// Calls `action` once, at `deadline` or up to some milliseconds after it, unless the timer is cancelled first.
    ///
    /// The action runs on the clock's own thread and must return quickly; it may cancel a task or resume a continuation.
    public func schedule(at deadline: Instant, _ action: @escaping @Sendable () -> Void) -> TimerHandle {
        guard let virtual else { return SystemTimers.shared.schedule(at: deadline, action) }
        return virtual.schedule(at: deadline, action)
    }

    /// Waits until `deadline`.
    /// - Throws: `CancellationError` as soon as the task is cancelled.
    public func sleep(until deadline: Instant) async throws {
        guard deadline > now() else { return try Task.checkCancellation() }
        let waiter = OneShot()
        let timer = schedule(at: deadline) { waiter.finish(.success(())) }
        defer { timer.cancel() }
        try await withTaskCancellationHandler {
            try await waiter.value()
        } onCancel: {
            waiter.finish(.failure(CancellationError()))
        }
    }

    /// Waits for `duration`.
    /// - Throws: `CancellationError` as soon as the task is cancelled.
    public func sleep(for duration: Duration) async throws {
        try await sleep(until: now().advanced(by: duration))
    }

    /// The executor that a virtual clock's tasks must run on; unstructured tasks do not find it by themselves. Nil for the system's.
    @usableFromInline package var taskExecutor: (any TaskExecutor)? { virtual?.taskExecutor }

    private static func systemNow() -> Instant {
        #if canImport(Darwin)
        return Instant(nanoseconds: Int64(clock_gettime_nsec_np(CLOCK_UPTIME_RAW)))
        #else
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return Instant(nanoseconds: Int64(time.tv_sec) &* 1_000_000_000 &+ Int64(time.tv_nsec))
        #endif
    }
}

/// A clock and its timers, moved by a test or a simulation.
public protocol VirtualTimeSource: AnyObject, Sendable {
    /// The current virtual time.
    func now() -> Instant

    /// Calls `action` once when virtual time reaches `deadline`, unless cancelled first.
    func schedule(at deadline: Instant, _ action: @escaping @Sendable () -> Void) -> TimerHandle

    /// Where tasks of this clock's world run; nil for anywhere.
    var taskExecutor: (any TaskExecutor)? { get }
}

/// A scheduled action that can still be called off.
public struct TimerHandle: Sendable {
    private enum Kind {
        case system(SystemTimers.Shard, SystemTimers.Token)
        case custom(@Sendable () -> Void)
    }

    private let kind: Kind

    /// Makes a handle whose ``cancel()`` calls `onCancel`.
    public init(onCancel: @escaping @Sendable () -> Void) {
        kind = .custom(onCancel)
    }

    init(_ shard: SystemTimers.Shard, _ token: SystemTimers.Token) {
        kind = .system(shard, token)
    }

    /// Calls the action off. It may already be running; cancelling late or twice does nothing.
    public func cancel() {
        switch kind {
        case .system(let shard, let token): shard.cancel(token)
        case .custom(let onCancel): onCancel()
        }
    }
}
