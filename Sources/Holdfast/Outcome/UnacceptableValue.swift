/// An operation returned a value that the caller had said will not do; it counts as a failure of the service.
public struct UnacceptableValue: StatusError, CustomStringConvertible {
    /// What was returned.
    public let value: any Sendable

    /// Makes an error.
    public init(_ value: any Sendable) {
        self.value = value
    }

    /// `UNKNOWN`, which is a failure unless told otherwise.
    public var code: StatusCode { .unknown }

    /// One line with the value.
    public var description: String { "the answer will not do: \(value)" }
}
