public import Holdfast
public import HoldfastRPC

/// What the program adds to a policy file to make live policies of it.
public struct PolicyOptions: Sendable {
    /// Computes the bytes of a response message in place of a failed call; it may throw, and then the next step is tried.
    public typealias Handler = @Sendable (_ key: RoutePolicy.FallbackKey, _ failure: any Error) async throws -> [UInt8]

    /// The clock of all policies.
    public var timeSource: TimeSource
    /// Where jitter comes from.
    public var random: RandomSource
    /// The methods that the program knows; a fallback `value` needs its method among them, to be encoded.
    public var methods: [AnyRPCMethod]
    /// The handlers that fallback steps may name.
    public var handlers: [String: Handler]
    /// Elements to leave out, as `policy/element`: `say/circuitBreaker`, `say/fallback`.
    public var disabled: [String]

    /// Makes options.
    public init(
        timeSource: TimeSource = .system, random: RandomSource = .system, methods: [AnyRPCMethod] = [],
        handlers: [String: Handler] = [:], disabled: [String] = []
    ) {
        self.timeSource = timeSource
        self.random = random
        self.methods = methods
        self.handlers = handlers
        self.disabled = disabled
    }
}
