/// Which of several endpoints gets a call.
public struct LoadBalancing: Hashable, Sendable, CustomStringConvertible {
    enum Kind: String, Hashable, Sendable, CaseIterable {
        case pickFirst, roundRobin, leastRequest
    }

    let kind: Kind

    /// The first that can be connected to, in the order given, until it is lost; then the first again. Others are connected to only
    /// when those before them fail (gRPC's `pick_first`).
    public static let pickFirst = LoadBalancing(kind: .pickFirst)
    /// All in turn (gRPC's `round_robin`).
    public static let roundRobin = LoadBalancing(kind: .roundRobin)
    /// Of two drawn at random, the one with fewer calls under way (gRFC A48; Mitzenmacher, "The Power of Two Choices in Randomized
    /// Load Balancing", 2001).
    public static let leastRequest = LoadBalancing(kind: .leastRequest)

    /// All there are.
    package static let all = Kind.allCases.map(LoadBalancing.init(kind:))

    /// The policy's name.
    public var description: String { kind.rawValue }
}
