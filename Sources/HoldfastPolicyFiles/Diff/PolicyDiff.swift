/// What changes in behaviour from one policy document to another.
///
/// Formatting, the order of keys and of policies, and defaults that are written out change nothing, so they are not here.
///
/// ```swift
/// print(PolicyDiff(from: before, to: after))
/// ```
public struct PolicyDiff: Hashable, Sendable, CustomStringConvertible {
    /// One thing that differs.
    public struct Change: Hashable, Sendable, CustomStringConvertible {
        /// What happened to it.
        public enum Kind: String, Hashable, Sendable, CaseIterable {
            /// It is new.
            case added
            /// It is gone.
            case removed
            /// It stands elsewhere in its pipeline.
            case moved
            /// It has another value.
            case changed
        }

        /// What happened.
        public let kind: Kind
        /// What it happened to: `policy say`, `say/retry`, `say/retry.maxAttempts`, `route a.B/*`.
        public let place: String
        /// What was there; nil for what is new.
        public let old: String?
        /// What is there; nil for what is gone.
        public let new: String?

        /// One line: a sign, the place, and the values.
        public var description: String {
            switch (kind, old, new) {
            case (.added, _, let new): "+ \(place)\(new.map { ": \($0)" } ?? "")"
            case (.removed, let old, _): "- \(place)\(old.map { ": \($0)" } ?? "")"
            case (.moved, let old?, let new?): "> \(place): from \(old) to \(new)"
            case (_, let old, let new): "~ \(place): \(old ?? "none") -> \(new ?? "none")"
            }
        }
    }

    /// What a policy's changes mean for its calls.
    public struct Effect: Hashable, Sendable, CustomStringConvertible {
        /// The policy.
        public let policy: String
        /// What it means, in one line: `worst case: 800 ms -> 2.6 s`.
        public let text: String

        /// One line with the policy's name.
        public var description: String { "= \(policy): \(text)" }
    }

    /// What differs: policies in the order of the documents, then routes.
    public let changes: [Change]
    /// What that means for calls.
    public let effects: [Effect]

    /// Whether calls behave the same under both.
    public var isEmpty: Bool { changes.isEmpty }

    /// Compares two documents.
    public init(from old: PolicyDocument, to new: PolicyDocument) {
        var comparison = PolicyComparison()
        comparison.compare(old, new)
        changes = comparison.changes
        effects = comparison.effects
    }

    /// A line for each change and each effect; `no change in behavior` if there is none.
    public var description: String {
        guard !isEmpty else { return "no change in behavior" }
        return (changes.map(\.description) + effects.map(\.description)).joined(separator: "\n")
    }

    /// The same as one JSON object, for programs.
    public var json: String {
        JSONText.object([
            (
                "changes",
                .array(
                    changes.map { change in
                        .object([
                            ("kind", .string(change.kind.rawValue)), ("place", .string(change.place)), ("old", .string(change.old)),
                            ("new", .string(change.new)),
                        ])
                    })
            ),
            ("effects", .array(effects.map { .object([("policy", .string($0.policy)), ("text", .string($0.text))]) })),
        ]).text
    }
}
