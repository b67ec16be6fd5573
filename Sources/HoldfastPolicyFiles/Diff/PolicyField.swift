/// One setting of an element as a policy file would spell it: its path within the element, and its value.
struct PolicyField: Hashable, Sendable {
    let path: String
    let text: String
}
