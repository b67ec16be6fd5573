/// Other policies that a variant is given while it runs.
package struct PolicyReload: Sendable, Hashable {
    package var at: TimeReference
    /// The policy file, as a path that can be opened.
    package var policies: String

    package init(at: TimeReference, policies: String) {
        self.at = at
        self.policies = policies
    }
}
