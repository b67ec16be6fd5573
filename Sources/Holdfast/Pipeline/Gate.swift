/// A policy that decides whether a call may start, and learns how it ended.
///
/// Inside a pipeline every admitted ticket is settled exactly once, on every way out. Both steps are synchronous: a gate
/// must not await on the call path. Write one to add a policy of your own.
public protocol Gate: AnyObject, Policy {
    /// Decides whether an attempt may start now.
    /// - Parameter attempt: who asks and until when, with one reading of the clock that all gates share.
    func admit(_ attempt: inout Attempt) -> Admission

    /// Waits for a permit, after ``admit(_:)`` said ``Admission/mustWait``.
    /// - Throws: ``Rejection`` when none came free in time, `CancellationError` when the caller went away.
    func waitForPermit(_ attempt: Attempt) async throws -> Ticket

    /// Learns that the first message of a streamed answer has come: the attempt's slowness is decided, not yet its end.
    /// - Returns: the ticket to settle at the end.
    func answered(_ ticket: Ticket, _ attempt: inout Attempt) -> Ticket

    /// Takes the ticket back and learns how the attempt ended.
    func settle(_ ticket: Ticket, _ completion: Completion, _ attempt: inout Attempt)
}

extension Gate {
    /// For gates that only the end of an attempt means something to.
    public func answered(_ ticket: Ticket, _ attempt: inout Attempt) -> Ticket { ticket }

    /// Runs `operation`, in the caller's isolation, once the gate lets it through, and tells the gate how it ended.
    /// - Parameters:
    ///   - attributes: what the gate is to know of the call.
    ///   - operation: the work.
    /// - Throws: ``Rejection`` when refused, `CancellationError` when the caller goes away while it waits, else what `operation` throws.
    @inlinable
    public nonisolated(nonsending) func run<Value>(
        attributes: CallAttributes = CallAttributes(), _ operation: nonisolated(nonsending) () async throws -> Value
    ) async throws -> Value {
        var attempt = Attempt(timeSource, attributes: attributes)
        let ticket: Ticket
        switch admit(&attempt) {
        case .admitted(let admitted): ticket = admitted
        case .rejected(let rejection): throw rejection
        case .mustWait: ticket = try await waitForPermit(&attempt, within: Call.enclosing)
        }
        attempt.passTime()
        do {
            let value = try await operation()
            settle(ticket, .succeeded, &attempt)
            return value
        } catch {
            settle(ticket, Call.enclosing.completion(of: error, &attempt), &attempt)
            throw error
        }
    }

    /// Waits for a permit no longer than the calls around allow, after ``admit(_:)`` said that it may come in time.
    @usableFromInline
    func waitForPermit(_ attempt: inout Attempt, within enclosing: EnclosingCall) async throws -> Ticket {
        guard let deadline = enclosing.deadline else { return try await waitForPermit(attempt) }
        attempt.deadline = deadline
        // Asked again: what cannot come before the deadline is refused at once (S50).
        switch admit(&attempt) {
        case .admitted(let ticket): return ticket
        case .rejected(let rejection): throw rejection
        case .mustWait: return try await waitForPermit(attempt)
        }
    }

    /// Asks for leave to run one attempt, without waiting; for work that ``run(attributes:_:)`` cannot wrap.
    /// - Parameters:
    ///   - deadline: when the attempt must be over; nil for never.
    ///   - attributes: what the gate is to know of the call.
    /// - Throws: ``Rejection`` when the attempt is refused, or would have to wait.
    public func admit(deadline: Instant? = nil, attributes: CallAttributes = CallAttributes()) throws(Rejection) -> Permit {
        var attempt = Attempt(timeSource, deadline: deadline, attributes: attributes)
        var admission = admit(&attempt)
        if case .mustWait = admission {
            // Asked again with no time to wait, so that the gate itself refuses: it counts that, and may know when to come back.
            attempt.deadline = attempt.now()
            admission = admit(&attempt)
        }
        switch admission {
        case .admitted(let ticket): return Permit(gate: self, ticket: ticket)
        case .rejected(let rejection): throw rejection
        case .mustWait: throw Rejection(policy: name, kind: kind, reason: .queueFull)
        }
    }

    /// For gates that never say ``Admission/mustWait``: tries once more.
    public func waitForPermit(_ attempt: Attempt) async throws -> Ticket {
        var attempt = attempt
        attempt.passTime()
        switch admit(&attempt) {
        case .admitted(let ticket): return ticket
        case .rejected(let rejection): throw rejection
        case .mustWait: throw Rejection(policy: name, kind: kind, reason: .queueFull)
        }
    }
}

/// What all policies have in common.
public protocol Policy: Sendable {
    /// The name that rejections and events carry.
    var name: String { get }
    /// The kind, spelled as in policy files.
    var kind: PolicyKind { get }
    /// The clock that the policy reads.
    var timeSource: TimeSource { get }
    /// Where its events come out.
    var eventSource: EventSource { get }
    /// How often it decided what, since it was made.
    var counters: PolicyCounters { get }
    /// What it does, with its settings in force, in one sentence without its name: "ends what is inside it after 250 ms".
    var summary: String { get }
}

extension Policy {
    /// For policies that say no more: the kind and the name.
    public var summary: String { "a policy of kind \(kind), named \"\(name)\"" }

    /// The policy's events from now on.
    /// - Parameter capacity: how many may wait for the listener before the oldest are dropped.
    public func events(capacity: Int = 1024) -> PolicyEvents {
        PolicyEvents([eventSource], capacity: capacity)
    }

    func emit(_ decision: @autoclosure () -> PolicyEvent.Decision) {
        guard eventSource.hasSubscribers else { return }
        eventSource.deliver(PolicyEvent(policy: name, kind: kind, at: timeSource.now(), decision: decision()))
    }
}
