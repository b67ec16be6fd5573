import Synchronization

/// Refuses calls in the process that makes them, as many as a service that is overloaded would turn away.
///
/// Turning a call away costs a service nearly as much as serving it when calls are cheap, so one that is overloaded stays so unless
/// its callers hold back. Each refuses a share of its own calls: p = max(0, (requests - K x accepts) / (requests + 1)) over a
/// sliding window ("Site Reliability Engineering", chapter 21).
///
/// *Requests* includes the calls that were refused here; without them the throttle would forget its reason as soon as it works.
/// A request counts when its end is known, as in gRPC's own throttle (grpc-go, `balancer/rls/internal/adaptive`), so that calls
/// under way are not taken for refused ones and those whose caller went away say nothing.
///
/// ```swift
/// let throttle = AdaptiveThrottle("say", try .init(k: 2, window: .seconds(120)))
/// try await throttle.run { try await client.sayHi("kitty") }
/// ```
public final class AdaptiveThrottle: Gate {
    /// The name that rejections and events carry.
    public let name: String
    /// ``PolicyKind/throttle``.
    public var kind: PolicyKind { .throttle }
    /// The clock the throttle reads.
    public let timeSource: TimeSource
    /// Where its events come out.
    public let eventSource = EventSource()

    private let random: RandomSource
    /// K, as the bits of a `Double`.
    private let k: Atomic<UInt64>
    /// Accepted requests and, second, those turned away by the service or here.
    private let requests: RollingCounter
    private let current: Locked<Configuration>
    private let counts = StripedCounters()

    /// Makes a throttle that has not seen any call.
    /// - Parameters:
    ///   - name: what rejections and events call it.
    ///   - configuration: its settings, already checked.
    ///   - timeSource: its clock.
    ///   - random: decides which calls are refused.
    public init(
        _ name: String = "throttle", _ configuration: Configuration = .standard, timeSource: TimeSource = .system,
        random: RandomSource = .system
    ) {
        self.name = name
        self.timeSource = timeSource
        self.random = random
        k = Atomic(configuration.k.bitPattern)
        requests = RollingCounter(window: configuration.window, now: timeSource.now())
        current = Locked(configuration)
    }

    /// How likely the next call is refused, from 0 to 1.
    public var probability: Double {
        let sums = requests.sums(timeSource.now())
        return machine.probability(requests: sums.first + sums.second, accepts: sums.first)
    }

    /// The settings in force.
    public var configuration: Configuration {
        current.withLock { $0 }
    }

    /// What it does, with its settings in force; see ``Policy``.
    public var summary: String {
        let configuration = configuration
        return "refuses calls beyond \(Words.number(configuration.k)) times as many as the service accepted in the last "
            + Words.time(configuration.window)
    }

    /// How many attempts were let through and refused; of those let through, how many the service accepted, turned away, or
    /// nobody knows of (ignored).
    public var counters: PolicyCounters { counts.sums }

    /// Puts new settings in force. What was counted stays, unless the window changes.
    public func reconfigure(_ configuration: Configuration) {
        let now = timeSource.now()
        current.withLock { current in
            if current.window != configuration.window { requests.reshape(window: configuration.window, now: now) }
            k.store(configuration.k.bitPattern, ordering: .relaxed)
            current = configuration
        }
        emit(.reconfigured)
    }

    // MARK: Gate

    /// Decides about one attempt; see ``Gate``.
    public func admit(_ attempt: inout Attempt) -> Admission {
        let now = attempt.now()
        let sums = requests.sums(now)
        guard machine.refuses(requests: sums.first + sums.second, accepts: sums.first, draw: random.uniform) else {
            counts.add(.admitted)
            return .admitted(Ticket())
        }
        requests.addSecond(now)
        counts.add(.rejected)
        emit(.rejected(.throttled, retryAfter: nil))
        return .rejected(Rejection(policy: name, kind: kind, reason: .throttled))
    }

    /// Counts whether the service accepted the request; see ``Gate``.
    public func settle(_ ticket: Ticket, _ completion: Completion, _ attempt: inout Attempt) {
        switch AdaptiveThrottleStateMachine.reply(completion) {
        case .accepted:
            counts.add(.succeeded)
            requests.addFirst(attempt.now())
        case .refused:
            counts.add(.failed)
            requests.addSecond(attempt.now())
        case .unknown:
            counts.add(.ignored)
        }
    }

    private var machine: AdaptiveThrottleStateMachine {
        AdaptiveThrottleStateMachine(k: Double(bitPattern: k.load(ordering: .relaxed)))
    }
}
