public import HoldfastRPC
public import NIOCore
public import NIOPosix

extension RPCClient {
    /// Makes a client that applies the policies of a file to its calls, each by its route.
    /// - Parameters:
    ///   - security: TLS, or plaintext if that is meant.
    ///   - policyFile: the path of a policy file, or of a directory of them.
    ///   - options: what the program adds to it: the methods it knows, handlers, a clock.
    /// - Throws: ``DocumentError`` with all that is wrong with the file, `ConfigurationError` with what is wrong with the rest.
    public convenience init(
        host: String, port: Int, security: TransportSecurity, policyFile: String, options: PolicyOptions = PolicyOptions(),
        configuration: Configuration = Configuration(),
        eventLoopGroup: any EventLoopGroup = MultiThreadedEventLoopGroup.singleton
    ) throws {
        var configuration = configuration
        try configuration.apply(PolicyDocument(path: policyFile, methods: options.methods), options)
        try self.init(host: host, port: port, security: security, configuration: configuration, eventLoopGroup: eventLoopGroup)
    }
}
