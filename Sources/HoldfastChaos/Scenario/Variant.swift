package import HoldfastRPC

/// One set of policies under test; all variants of a scenario see the same arrivals and the same draws.
package struct Variant: Sendable, Hashable {
    package var name: String
    /// The policy file, as a path that can be opened; nil where all that is called is code.
    package var policies: String?
    /// Policy elements left out, as `policy/element`: a bad policy, to show that the assertions notice.
    package var disable: [String]
    /// The assertions that this variant must fail, and no others.
    package var expectedFailures: [String]
    /// The files that are put in the policies' place while it runs, in order of time.
    package var reloads: [PolicyReload]
    /// Pings of its clients to silent servers; nil for none.
    package var keepalive: Keepalive?
    /// Which replica of a service gets a call.
    package var loadBalancing: LoadBalancing
    /// When a replica that answers badly gets no calls for a while; nil for never.
    package var outlierDetection: OutlierDetection?

    package init(
        name: String, policies: String?, reloads: [PolicyReload] = [], disable: [String] = [], expectedFailures: [String] = [],
        keepalive: Keepalive? = nil, loadBalancing: LoadBalancing = .roundRobin, outlierDetection: OutlierDetection? = nil
    ) {
        self.name = name
        self.policies = policies
        self.reloads = reloads
        self.disable = disable
        self.expectedFailures = expectedFailures
        self.keepalive = keepalive
        self.loadBalancing = loadBalancing
        self.outlierDetection = outlierDetection
    }

    /// All policy files that it uses, in order of time.
    package var policyFiles: [String] { (policies.map { [$0] } ?? []) + reloads.map(\.policies) }
}
