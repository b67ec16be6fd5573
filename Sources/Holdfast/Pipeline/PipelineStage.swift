extension Pipeline {
    /// A policy in its place.
    public enum Stage: Sendable {
        /// Decides whether an attempt may start.
        case gate(any Gate)
        /// Limits how long all that is further in may take.
        case timeout(Timeout)
        /// Tries all that is further in again when it fails.
        case retry(Retry)
        /// Tries all that is further in once more while it is still under way.
        case hedge(Hedge)
        /// Disturbs calls on purpose.
        case chaos(Chaos)

        /// The policy itself.
        public var policy: any Policy {
            switch self {
            case .gate(let gate): gate
            case .timeout(let timeout): timeout
            case .retry(let retry): retry
            case .hedge(let hedge): hedge
            case .chaos(let chaos): chaos
            }
        }
    }
}
