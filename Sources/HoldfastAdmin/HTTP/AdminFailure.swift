/// Why an admin address cannot be served, or does not answer.
public struct AdminFailure: Error, Hashable, CustomStringConvertible {
    /// One sentence.
    public let description: String

    package init(_ description: String) {
        self.description = description
    }
}
