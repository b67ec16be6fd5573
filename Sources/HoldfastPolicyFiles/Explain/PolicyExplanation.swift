public import Holdfast

/// What a policy will do to a call: how long it may take, how often the service is asked, when breakers open, what callers see.
///
/// ```swift
/// let document = try PolicyDocument(path: "Policies/say.json")
/// print(PolicyExplanation(of: document.policies[0], in: document, traffic: .init(callsPerSecond: 200)))
/// ```
///
/// It is reckoned from the settings, and says what it assumes: gates let calls through, the service does one thing only. Calls that
/// wait for what policies cannot end, such as an operation that does not heed its cancellation, take longer.
public struct PolicyExplanation: Sendable {
    /// What is known of the traffic; it sharpens the answer.
    public struct Traffic: Hashable, Sendable {
        /// How many calls come in a second.
        public let callsPerSecond: Double?
        /// How long half of the answers take at most.
        public let p50: Duration?
        /// How long all answers but one in a hundred take at most.
        public let p99: Duration?

        /// Describes traffic.
        /// - Parameters:
        ///   - callsPerSecond: above 0, up to 10,000,000.
        ///   - p50: above zero; with `p99`, or not at all.
        ///   - p99: at least `p50`.
        /// - Throws: `ConfigurationError` with the field, the value and the range.
        public init(callsPerSecond: Double? = nil, p50: Duration? = nil, p99: Duration? = nil) throws(ConfigurationError) {
            if let callsPerSecond, !(callsPerSecond > 0 && callsPerSecond <= 10_000_000) {
                throw ConfigurationError("rps", callsPerSecond, "is not above 0 and at most 10000000")
            }
            if let p50 { try Require.positive("p50", p50) }
            if let p99, p99 < p50 ?? .zero { throw ConfigurationError("p99", p99, "is below p50, \(p50 ?? .zero)") }
            if (p50 == nil) != (p99 == nil) { throw ConfigurationError("latency", "one quantile", "is not enough; give p50 and p99") }
            self.callsPerSecond = callsPerSecond
            self.p50 = p50
            self.p99 = p99
        }

        private init() {
            (callsPerSecond, p50, p99) = (nil, nil, nil)
        }

        /// Nothing is known.
        public static let unknown = Traffic()
    }

    /// The policy's name.
    public let policy: String
    /// Whether its calls may run twice, by the routes that lead to it.
    public let isIdempotent: Bool
    /// The routes that lead to it, as the file writes them.
    public let routes: [String]
    /// What each element does, outermost first.
    public let stages: [StageDescription]
    /// The longest that a call takes until the policies end it, before a fallback; nil when nothing ends it.
    public let longest: Duration?
    /// How long the fallback may take after that, since the timeouts of the pipeline do not end it; nil when nothing but the caller's
    /// deadline does.
    public let longestFallback: Duration?
    /// A call while the service never answers, with the longest waits between attempts.
    public let hang: CallTimeline
    /// A call while the service fails at once, with the longest waits between attempts: with UNAVAILABLE, or with the code that makes
    /// for more attempts.
    public let failure: CallTimeline
    /// A call to which the service answers as slowly as to one in a hundred; nil if nobody said how slowly that is.
    public let slow: CallTimeline?
    /// How slowly that is: the 99th percentile of the answers' times.
    public let slowest: Duration?
    /// How often the service is asked.
    public let load: LoadForecast
    /// When its breakers open, for each cause that they open for; each at several rates if nobody said how many calls come.
    public let breakers: [BreakerForecast]
    /// What callers see.
    public let views: [CallerView]
    /// What answers in place of a failure, in the order in which it is tried; empty for nothing.
    public let fallback: [String]
    /// What the latencies and rates mean for the elements, in sentences.
    public let remarks: [String]

    /// Explains a policy.
    /// - Parameters:
    ///   - policy: one of the document's.
    ///   - route: the route to explain it for; nil for all that lead to it: its calls may run twice if any of those says so.
    public init(
        of policy: PolicyDefinition, in document: PolicyDocument, route: RouteDefinition? = nil, traffic: Traffic = .unknown
    ) {
        let routes = route.map { [$0] } ?? document.routes.filter { $0.policy == policy.name }
        self.init(of: policy, routes, isIdempotent: routes.contains { $0.isIdempotent }, traffic)
    }

    init(of policy: PolicyDefinition, _ routes: [RouteDefinition], isIdempotent: Bool, _ traffic: Traffic) {
        let forecast = CallForecast(policy, isIdempotent: isIdempotent)
        self.policy = policy.name
        self.isIdempotent = isIdempotent
        self.routes = routes.map(\.pattern.description)
        stages = policy.model().descriptions
        longest = forecast.longest
        longestFallback = forecast.longestFallback
        hang = forecast.hang
        failure = forecast.failure
        slowest = traffic.p99
        slow = traffic.p99.map { p99 in
            var simulation = CallSimulation(
                policy, .answers(after: p99.nanoseconds), isIdempotent: isIdempotent, isBudgetAmple: true)
            return simulation.run()
        }
        views = forecast.views
        load = LoadForecast(policy, forecast, callsPerSecond: traffic.callsPerSecond)
        breakers = policy.enabledElements.flatMap { element -> [BreakerForecast] in
            guard case .circuitBreaker(let breaker) = element.settings, breaker.mode == .automatic else { return [] }
            return BreakerForecast.Cause.all(for: breaker).flatMap { cause in
                (traffic.callsPerSecond.map { [$0] } ?? [10, 100, 1000]).map {
                    BreakerForecast(element.name, breaker, callsPerSecond: $0, cause: cause)
                }
            }
        }
        let answers = policy.fallback.flatMap { $0.isEnabled ? $0 : nil }
        fallback = answers?.steps.map(\.words) ?? []
        remarks = TrafficRemarks.of(policy, traffic)
    }
}

extension FallbackDefinition.Step {
    fileprivate var words: String {
        switch action {
        case .lastGood(let maxAge, _): "the last good answer to the same request, up to \(Words.time(maxAge)) old"
        case .value: "a fixed value"
        case .target(let endpoint, let timeout):
            "\(quoted(endpoint)), another server" + (timeout.map { ", within \(Words.time($0))" } ?? "")
        case .handler(let name): "the program's handler \(quoted(name))"
        }
    }
}

extension PolicyExplanation.Traffic {
    /// A duration as policy files write it: `20ms`; nil if it is none.
    public static func duration(_ text: String) -> Duration? { try? DurationText.parse(text) }
}
