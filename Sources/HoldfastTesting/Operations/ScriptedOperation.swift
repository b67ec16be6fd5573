public import Holdfast

/// A service as a test writes it down: a row of answers, each after a time, and a record of who asked when.
///
/// ```swift
/// let service = ScriptedOperation<String>(world.timeSource, [
///     .error(TestError(.unavailable), after: .milliseconds(10)),
///     .hang,
///     .value("kitty", after: .milliseconds(5)),
/// ], then: .repeatLast)
///
/// let answer = try world.run { try await pipeline.run { call in try await service(call) } }
/// #expect(service.calls.map(\.startedAt.nanoseconds) == [0, 60_000_000, 200_000_000])
/// ```
///
/// Calls that overlap take their answers in the order in which they started.
public final class ScriptedOperation<Value: Sendable>: Sendable {
    /// What happens when the row is at its end.
    public enum Ending: Sendable {
        /// The last answer, again and again.
        case repeatLast
        /// The row from its start.
        case startOver
        /// ``ScriptEnded`` is thrown.
        case fail
    }

    private let timeSource: TimeSource
    private let steps: [Step]
    private let ending: Ending
    private let records = Locked<[ScriptedCall]>([])

    /// Makes an operation.
    /// - Parameters:
    ///   - timeSource: the clock on which answers take their time, usually a virtual one.
    ///   - steps: the answer to the first call, the second, and so on.
    ///   - ending: what happens when there are more calls than answers.
    public init(_ timeSource: TimeSource, _ steps: [Step], then ending: Ending) {
        self.timeSource = timeSource
        self.steps = steps
        self.ending = ending
    }

    /// Every call so far, in the order in which they started.
    public var calls: [ScriptedCall] { records.withLock { $0 } }

    /// How many calls have started and not ended.
    public var running: Int {
        records.withLock { records in records.count { $0.end == nil } }
    }

    /// Answers as the script says.
    /// - Parameter call: what the pipeline told about the call, for the record; found by itself if the pipeline had anything to tell.
    /// - Throws: the script's error, `CancellationError` when the task is cancelled meanwhile, ``ScriptEnded`` after the last answer.
    public func callAsFunction(_ call: Call? = nil) async throws -> Value {
        let (deadline, attempt) = call.map { ($0.deadline, $0.attempt) } ?? (Call.enclosing.deadline, Call.enclosing.attempt)
        let started = timeSource.now()
        let index = records.withLock { records in
            records.append(ScriptedCall(number: records.count + 1, startedAt: started, deadline: deadline, attempt: attempt))
            return records.count - 1
        }
        do {
            guard let step = step(index) else { throw ScriptEnded(steps: steps.count) }
            let answered = step.after.map { started + $0 } ?? .distantFuture
            // An answer that takes no time does not look for a cancellation, as real code that does not wait.
            try await Pause.until(answered, timeSource, graceAfterCancellation: step.ignoresCancellationFor)
            let value = try step.result.get()
            end(index, .value)
            return value
        } catch {
            end(index, error is CancellationError ? .cancelled : .error(error))
            throw error
        }
    }

    private func step(_ index: Int) -> Step? {
        if index < steps.count { return steps[index] }
        switch ending {
        case .repeatLast: return steps.last
        case .startOver: return steps.isEmpty ? nil : steps[index % steps.count]
        case .fail: return nil
        }
    }

    private func end(_ index: Int, _ end: ScriptedCall.End) {
        let now = timeSource.now()
        records.withLock { records in
            records[index].endedAt = now
            records[index].end = end
        }
    }
}

/// There were more calls than a script has answers.
public struct ScriptEnded: Error, Hashable, CustomStringConvertible {
    /// How many answers there were.
    public let steps: Int

    /// Makes the error.
    public init(steps: Int) {
        self.steps = steps
    }

    /// One line.
    public var description: String { "the script has \(steps) answers, and this call is one more" }
}
