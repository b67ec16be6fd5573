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
    /// The servers that fallback steps may name as their target. A client under policies of its own keeps to them.
    public var targets: [String: RPCClient]
    /// Elements to leave out, as `policy/element`: `say/circuitBreaker`, `say/fallback`.
    public var disabled: [String]
    /// Elements to put in although their file has them off, as `policy/element`: `say/chaos`.
    public var enabled: [String]
    /// Whether whoever takes the routes makes the breakers of the scope `endpoint` too, by ``PolicyDocument/endpointBreaker(_:)``; if
    /// not, such a breaker is an error. False by default; ``HoldfastRPC/RPCClient/Configuration/apply(_:_:)`` does.
    public var makesEndpointBreakers: Bool

    /// Makes options.
    public init(
        timeSource: TimeSource = .system, random: RandomSource = .system, methods: [AnyRPCMethod] = [],
        handlers: [String: Handler] = [:], targets: [String: RPCClient] = [:], disabled: [String] = [], enabled: [String] = [],
        makesEndpointBreakers: Bool = false
    ) {
        self.timeSource = timeSource
        self.random = random
        self.methods = methods
        self.handlers = handlers
        self.targets = targets
        self.disabled = disabled
        self.enabled = enabled
        self.makesEndpointBreakers = makesEndpointBreakers
    }
}
