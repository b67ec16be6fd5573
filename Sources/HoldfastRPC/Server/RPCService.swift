/// A set of methods that a server offers.
public protocol RPCService: Sendable {
    /// Adds the service's methods to `router`.
    func register(on router: inout RPCRouter)

    /// The server has been told to shut down, and is about to refuse new calls. Must not block.
    func serverWillShutDown()
}

extension RPCService {
    /// Nothing, for services that need not know.
    public func serverWillShutDown() {}
}
