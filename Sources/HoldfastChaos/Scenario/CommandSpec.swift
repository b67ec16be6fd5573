/// A command that is a service of the run in place of the demo service, and serves the same methods.
package struct CommandSpec: Sendable, Hashable {
    /// The program and its arguments, in which `{port}` stands for the port that it is to serve on.
    package var start: [String]
    /// The folder that it is started in; empty for the runner's own.
    package var folder: String
    /// How soon it must take connections.
    package var readyWithin: Duration
    /// What asks it to end, and how long it may take before it is killed.
    package var stopSignal: FaultKind.KillSignal
    package var stopWithin: Duration

    package init(
        start: [String], folder: String = "", readyWithin: Duration = .seconds(10), stopSignal: FaultKind.KillSignal = .term,
        stopWithin: Duration = .seconds(5)
    ) {
        self.start = start
        self.folder = folder
        self.readyWithin = readyWithin
        self.stopSignal = stopSignal
        self.stopWithin = stopWithin
    }
}
