/// One replica of a service of the run, as a variant drives it: a process, or its model in virtual time.
protocol Replica: Sendable {
    /// The service's name in the scenario, with the replica's number where there are several.
    var name: String { get }

    /// Brings it up and waits until it serves; the first time, and again after it was killed.
    func start() async throws

    /// Whether it is up.
    var isRunning: Bool { get async }

    /// Puts faults into force, in place of all others; one that is down has none.
    /// - Returns: whether that is now so.
    func install(_ plan: FaultPlan) async -> Bool

    /// How many attempts each fault hit, since it was first started.
    func hits() async -> [String: Int]

    /// What it had to do since it was last asked; nil while it cannot say.
    func observe() async -> Observation?

    /// Takes it down at once, with all it works on.
    func kill(_ signal: FaultKind.KillSignal) async

    /// Stops it as it stands: it keeps what it has and answers nobody.
    /// - Returns: whether it was up to be stopped.
    func freeze() async -> Bool

    /// Lets it go on where it stood.
    func thaw() async

    /// Gives it so much time of the processors, in cores; nil for as much as it wants.
    /// - Returns: how often the limit until now held it back.
    func limitProcessors(to cores: Double?) async throws -> Int

    /// Ends it for good.
    func stop() async

    /// What it has left behind once it is ended, a sentence each.
    func leftovers() async -> [String]
}

/// A replica that clients reach on loopback.
protocol LoopbackReplica: Replica {
    /// The port that it serves on; the same one after it was killed and started again.
    var port: Int { get async }
}
