public import HoldfastRPC
public import NIOCore
public import NIOPosix

extension RPCClient {
    /// Makes a client that applies the policies of a file to its calls, each by its route.
    /// - Parameters:
    ///   - policyFile: the path of a policy file.
    ///   - options: what the program adds to it: the methods it knows, handlers, a clock.
    /// - Throws: ``DocumentError`` with all that is wrong with the file.
    public convenience init(
        host: String, port: Int, policyFile: String, options: PolicyOptions = PolicyOptions(),
        configuration: Configuration = Configuration(),
        eventLoopGroup: any EventLoopGroup = MultiThreadedEventLoopGroup.singleton
    ) throws(DocumentError) {
        var configuration = configuration
        configuration.policies = try PolicyDocument(path: policyFile).makeRouteTable(options)
        self.init(host: host, port: port, configuration: configuration, eventLoopGroup: eventLoopGroup)
    }
}
