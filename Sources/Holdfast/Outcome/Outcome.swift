/// What one attempt says about the service it went to.
public enum Outcome: String, Hashable, Sendable {
    /// The service answered, or the caller was to blame for the error.
    case success
    /// The service failed.
    case failure
    /// Neither: the attempt says nothing about the service's health.
    case ignored
    /// The caller went away before the end.
    case cancelled
}
