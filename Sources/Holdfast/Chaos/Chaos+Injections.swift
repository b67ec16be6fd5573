extension Chaos {
    /// What one call gets injected, in the order in which it happens.
    @usableFromInline
    package struct Injections: Sendable {
        /// A wait before everything else.
        package var latency: Duration?
        /// What is done then.
        package var behavior: (@Sendable () async throws -> Void)?
        /// What is thrown then.
        package var fault: (any Error & Sendable)?
        /// What is answered in place of the operation.
        package var outcome: (any Sendable)?

        /// Whether the call is left alone.
        package var isEmpty: Bool { latency == nil && behavior == nil && fault == nil && outcome == nil }
    }
}
