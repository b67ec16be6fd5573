extension ScriptedOperation {
    /// One answer of a script.
    public struct Step: Sendable {
        /// How long the answer takes; nil for ever.
        let after: Duration?
        let result: Result<Value, any Error>
        private(set) var ignoresCancellationFor = Duration.zero

        /// Returns `value`.
        public static func value(_ value: Value, after: Duration = .zero) -> Step {
            Step(after: after, result: .success(value))
        }

        /// Throws `error`.
        public static func error(_ error: any Error, after: Duration = .zero) -> Step {
            Step(after: after, result: .failure(error))
        }

        /// Never answers: waits until the task is cancelled.
        public static var hang: Step {
            Step(after: nil, result: .failure(CancellationError()))
        }

        /// The same answer from an operation that a cancellation does not stop at once: it goes on for that long after it, or to
        /// its end if that comes first.
        public func ignoringCancellation(for duration: Duration) -> Step {
            var step = self
            step.ignoresCancellationFor = duration
            return step
        }
    }
}
