/// The error that a chaos policy injects when it has no other to throw.
public struct ChaosFault: StatusError, Hashable, CustomStringConvertible {
    /// How the call seems to have ended.
    public let code: StatusCode
    /// The name of the policy that injected it.
    public let policy: String
    /// What is said besides; empty for nothing.
    public let message: String

    /// Makes a fault.
    public init(code: StatusCode, policy: String = "chaos", message: String = "") {
        self.code = code
        self.policy = policy
        self.message = message
    }

    /// One line: the code and who injected it.
    public var description: String {
        "\(code) injected by chaos \"\(policy)\"\(message.isEmpty ? "" : ": \(message)")"
    }
}
