import Holdfast

/// One policy's settings and what happens to it, step by step, in a file: what would this policy do?
///
/// ```swift
/// let trace = try PolicyTrace(path: "outage.json")
/// await trace.replay { line in print(line) }
/// ```
///
/// The policy itself runs, on a clock that the steps move, so that the answer is that of production. The format is described in
/// `Policies/trace-format.md`.
public struct PolicyTrace: Sendable {
    let subject: TraceSubject
    let seed: UInt64
    let steps: [TraceStep]

    /// What is doubtful about the file although it can be used.
    public let warnings: [Diagnostic]

    /// Reads a file.
    /// - Parameter path: a regular file of at most 16 MiB.
    /// - Throws: ``DocumentError`` with all that is wrong with it.
    public init(path: String) throws(DocumentError) {
        try self.init(file: path, bytes: DocumentReader.load(path: path))
    }

    /// Reads a trace from memory.
    /// - Parameters:
    ///   - file: what diagnostics call it.
    ///   - bytes: JSON in UTF-8.
    /// - Throws: ``DocumentError`` with all that is wrong with it.
    public init(file: String, bytes: [UInt8]) throws(DocumentError) {
        var warnings: [Diagnostic] = []
        let parts = try DocumentReader.read(file: file, bytes: bytes, warnings: { warnings = $0 }, Self.readParts)
        subject = parts.subject
        seed = parts.seed
        steps = parts.steps
        self.warnings = warnings
    }

    /// Goes through the steps.
    /// - Parameter print: takes one line of JSON for each step, in their order, without a line break; what it throws ends the replay.
    public func replay(_ print: (String) throws -> Void) async rethrows {
        let clock = ReplayClock()
        let replay = subject.makeReplay(clock, RandomSource(seed: seed))
        for (number, step) in steps.enumerated() {
            clock.run(until: step.at)
            var line = ReplayLine(step: number, at: step.at, event: step.event.name)
            await replay.perform(step.event, into: &line)
            clock.runReadyJobs()
            replay.report(into: &line)
            try print(line.text)
        }
        replay.finish()
        clock.runReadyJobs()
    }
}
