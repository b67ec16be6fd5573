/// A call failed, and so did every fallback that was tried for it.
public struct FallbackError: StatusError, CustomStringConvertible {
    /// The failure that the fallbacks were to hide.
    public let failure: any Error
    /// What the steps threw, in the order they were tried.
    public let fallbackErrors: [any Error]

    /// The failure's code; `UNKNOWN` if it has none.
    public var code: StatusCode { (failure as? any StatusError)?.code ?? .unknown }
    /// What the failure says.
    public var retryAfter: Duration? { (failure as? any StatusError)?.retryAfter }
    /// What the failure says.
    public var forbidsRetry: Bool { (failure as? any StatusError)?.forbidsRetry ?? false }
    /// What the failure says.
    public var isUnprocessed: Bool { (failure as? any StatusError)?.isUnprocessed ?? false }
    /// What the failure says.
    public var isRefusedUnseen: Bool { (failure as? any StatusError)?.isRefusedUnseen ?? false }
    /// What the failure says.
    public var isCommitted: Bool { (failure as? any StatusError)?.isCommitted ?? false }
    /// What the failure says.
    public var isConnectionError: Bool { (failure as? any StatusError)?.isConnectionError ?? false }

    /// The failure first, then the fallbacks' errors.
    public var description: String {
        "\(failure) (fallbacks failed too: \(fallbackErrors.map { "\($0)" }.joined(separator: "; ")))"
    }
}
