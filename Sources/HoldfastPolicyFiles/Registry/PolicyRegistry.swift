import Holdfast
public import HoldfastRPC

/// Holds the policies in force, and puts others in their place while calls run.
///
/// ```swift
/// let registry = try PolicyRegistry(path: "Policies/say.json", options: PolicyOptions(methods: SayEchoMethods.all))
/// let client = try RPCClient(host: "127.0.0.1", port: 50051, security: .plaintext)
/// await registry.attach(client)
/// try await withThrowingTaskGroup(of: Void.self) { group in
///     group.addTask { try await PolicyFileWatcher(registry).run() }
///     ...
/// }
/// ```
///
/// A document is taken whole or not at all (S81). What both documents have, by policy and name, goes on with its state: breakers stay open,
/// counts and queues stay, and so do those who listen to their events; what is new begins fresh. Calls under way keep the pipeline and the
/// deadlines that they began with (S80). Elements whose settings mean the same are not touched, so that what was done by hand, such as
/// an isolated breaker, stays.
///
/// An actor, since changes have an order; what calls read needs no hop.
public actor PolicyRegistry {
    private struct Current {
        var state: State
        /// The document with what the program overrides.
        var effective: PolicyDocument
        var routes: RouteTable
    }

    /// What the program adds to each document.
    public nonisolated let options: PolicyOptions
    private nonisolated let overrides: [PolicyOverride]
    private nonisolated let current: Locked<Current>
    private nonisolated let listeners = RegistryListeners()
    private var live: LivePolicies
    private var followers: [any RouteFollower] = []

    /// Puts a first document in force.
    /// - Parameters:
    ///   - document: a document that has been read.
    ///   - options: what the program adds to this document and to all that follow.
    ///   - overrides: what the program decides, whatever the documents say; later ones see what earlier ones made.
    /// - Throws: ``DocumentError`` with all that is wrong with it.
    public init(
        _ document: PolicyDocument, options: PolicyOptions = PolicyOptions(), overrides: [PolicyOverride] = []
    ) throws(DocumentError) {
        let effective = try document.applying(overrides)
        let (routes, builder) = try effective.build(options)
        self.options = options
        self.overrides = overrides
        live = builder.live
        let state = State(version: 1, document: document, since: options.timeSource.now())
        current = Locked(Current(state: state, effective: effective, routes: routes))
    }

    /// Puts the document of a file, or of the files in a folder, in force; a ``PolicyFileWatcher`` follows its changes.
    /// - Throws: ``DocumentError`` with all that is wrong with it.
    public init(
        path: String, options: PolicyOptions = PolicyOptions(), overrides: [PolicyOverride] = []
    ) throws(DocumentError) {
        try self.init(PolicyDocument(path: path, methods: options.methods), options: options, overrides: overrides)
    }

    // MARK: Reading

    /// What is in force, and what was refused since.
    public nonisolated var state: State { current.withLock { $0.state } }

    /// The routes in force, with their live policies.
    public nonisolated var routes: RouteTable { current.withLock { $0.routes } }

    /// The live policies of a method now; nil when no route matches.
    /// - Parameter path: `/package.Service/Method`.
    public nonisolated func policy(for path: String) -> RoutePolicy? { routes.policy(for: path) }

    /// What happens from now on.
    /// - Parameter capacity: how many events may wait for the listener before the oldest are dropped; at least 1.
    public nonisolated func events(capacity: Int = 64) -> AsyncStream<Event> { listeners.listen(capacity) }

    /// What the program changes about the document in force.
    public nonisolated var overridden: PolicyDiff {
        let (document, effective) = current.withLock { ($0.state.document, $0.effective) }
        return PolicyDiff(from: document, to: effective)
    }

    // MARK: Changing

    /// Puts another document in force, or changes nothing.
    /// - Returns: what that changes.
    /// - Throws: ``DocumentError`` with all that is wrong with it, and then the one before stays in force.
    @discardableResult
    public func apply(_ document: PolicyDocument) throws(DocumentError) -> PolicyDiff {
        let (old, oldEffective) = current.withLock { ($0.state, $0.effective) }
        let effective = try document.applying(overrides)
        let (routes, builder) = try effective.build(options, keeping: live)
        var prepared: [(follower: any RouteFollower, change: RouteChange)] = []
        for follower in followers {
            if let change = try follower.prepare(routes, of: document) { prepared.append((follower, change)) }
        }
        // From here on nothing can fail.
        followers = prepared.map(\.follower)
        live = builder.live
        builder.commit()
        let isNew = document != old.document
        let version = old.version + (isNew ? 1 : 0)
        let now = options.timeSource.now()
        current.withLock { current in
            current.routes = routes
            current.effective = effective
            current.state.document = document
            current.state.version = version
            if isNew { current.state.since = now }
            current.state.failure = nil
        }
        for entry in prepared { entry.change.run() }
        let diff = PolicyDiff(from: oldEffective, to: effective)
        if isNew || old.failure != nil { listeners.tell(.accepted(version: version, diff: diff)) }
        return diff
    }

    /// Notes that what a file holds now is bad.
    func refuse(_ error: DocumentError) {
        current.withLock { current in
            current.state.failure = error
            current.state.refusals += 1
        }
        listeners.tell(.refused(error))
    }

    // MARK: Following

    /// Keeps the policies of a client the same as those in force, from now on and for as long as there is the client.
    public func attach(_ client: RPCClient) {
        client.policies = routes
        followers.append(ClientFollower(client: client))
    }

    /// Policies around the handlers of a server that are those in force, whatever they are.
    ///
    /// From now on a document with a retry, a hedge or a fallback on any route is refused: see `ServerPolicies`.
    /// - Parameters:
    ///   - criticalityKey: the metadata by which clients may say that a call is less critical; nil, the default, for none.
    ///   - peer: which client a call comes from, for limits that are keyed by it; its address by default.
    /// - Throws: ``DocumentError`` when the document in force has such routes, with each element that cannot stand there.
    public func serverInterceptor(
        criticalityKey: String? = nil, peer: @escaping @Sendable (ServerCall) -> String = { $0.peerHost }
    ) throws(DocumentError) -> ServerInterceptor {
        let document = state.document
        try document.checkHandlers(routes)
        let server: ServerFollower
        do throws(ConfigurationError) {
            server = try ServerFollower(routes, criticalityKey: criticalityKey, peer: peer)
        } catch {
            throw DocumentError([Diagnostic(file: document.file, message: "\(error)")])
        }
        followers.append(ServerFollower.Follower(server: server))
        return server.interceptor
    }

    /// From now on refuses documents that ``serverInterceptor(criticalityKey:peer:)`` would refuse, for whoever applies the policies to
    /// handlers of another kind.
    /// - Throws: ``DocumentError`` when the document in force is one.
    package func guardHandlers() throws(DocumentError) {
        try state.document.checkHandlers(routes)
        followers.append(HandlerGuard())
    }
}
