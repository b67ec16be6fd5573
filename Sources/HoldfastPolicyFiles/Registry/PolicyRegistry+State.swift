public import Holdfast

extension PolicyRegistry {
    /// What is in force, and what was refused since.
    public struct State: Sendable {
        /// How many documents were accepted so far; 1 for the first.
        public internal(set) var version: Int
        /// The document in force, as its file has it.
        public internal(set) var document: PolicyDocument
        /// When that document was put in force, on the clock of the registry's options.
        public internal(set) var since: Instant
        /// What is wrong with the file as it is now, so that the document before it is still in force; nil if nothing is.
        public internal(set) var failure: DocumentError?
        /// How many changes of the file were refused so far.
        public internal(set) var refusals = 0
    }

    /// What happened to the policies.
    public enum Event: Sendable {
        /// Another document is in force; `diff` says what that changes. Empty when only its formatting is another, or when a file that
        /// was bad is again what is in force.
        case accepted(version: Int, diff: PolicyDiff)
        /// A document was bad, and the one before it stays in force; once for each change of the file.
        case refused(DocumentError)
    }
}
