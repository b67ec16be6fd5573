/// A set of methods that a server offers.
public protocol RPCService: Sendable {
    /// Adds the service's methods to `router`.
    func register(on router: inout RPCRouter)
}
