/// How a call ended, in gRPC's vocabulary of seventeen codes.
///
/// The policies speak it whether or not gRPC carries the call, because it is the one vocabulary in which "the caller is to
/// blame", "come back later" and "the service is down" are told apart.
public struct StatusCode: Hashable, Sendable, CustomStringConvertible {
    /// The number on the wire, 0 to 16.
    public let rawValue: Int

    private static let names = [
        "OK", "CANCELLED", "UNKNOWN", "INVALID_ARGUMENT", "DEADLINE_EXCEEDED", "NOT_FOUND", "ALREADY_EXISTS",
        "PERMISSION_DENIED", "RESOURCE_EXHAUSTED", "FAILED_PRECONDITION", "ABORTED", "OUT_OF_RANGE", "UNIMPLEMENTED",
        "INTERNAL", "UNAVAILABLE", "DATA_LOSS", "UNAUTHENTICATED",
    ]

    private init(_ rawValue: Int) {
        self.rawValue = rawValue
    }

    /// The code with that number; nil outside 0 to 16.
    public init?(rawValue: Int) {
        guard Self.names.indices.contains(rawValue) else { return nil }
        self.init(rawValue)
    }

    /// The code with that name, as written in gRPC's documents: `"UNAVAILABLE"`.
    public init?(name: String) {
        guard let index = Self.names.firstIndex(of: name) else { return nil }
        self.init(index)
    }

    /// The name as written in gRPC's documents: `UNAVAILABLE`.
    public var name: String { Self.names[rawValue] }

    /// The same as ``name``.
    public var description: String { name }

    /// Every code, in the order of the numbers.
    public static var allCases: [StatusCode] { names.indices.map { StatusCode($0) } }

    /// Success.
    public static let ok = StatusCode(0)
    /// The caller cancelled.
    public static let cancelled = StatusCode(1)
    /// An error that nobody translated.
    public static let unknown = StatusCode(2)
    /// The request makes no sense in any state of the service.
    public static let invalidArgument = StatusCode(3)
    /// Time ran out before the answer.
    public static let deadlineExceeded = StatusCode(4)
    /// What was asked for is not there.
    public static let notFound = StatusCode(5)
    /// What was to be made is already there.
    public static let alreadyExists = StatusCode(6)
    /// The caller is known and may not.
    public static let permissionDenied = StatusCode(7)
    /// A quota or a resource ran out.
    public static let resourceExhausted = StatusCode(8)
    /// The service is not in the state that the request needs.
    public static let failedPrecondition = StatusCode(9)
    /// A conflict with another operation.
    public static let aborted = StatusCode(10)
    /// Past the end of a valid range.
    public static let outOfRange = StatusCode(11)
    /// The service does not offer the method.
    public static let unimplemented = StatusCode(12)
    /// An invariant of the service is broken.
    public static let internalError = StatusCode(13)
    /// The service cannot be reached or is not ready.
    public static let unavailable = StatusCode(14)
    /// Data is lost or corrupt for good.
    public static let dataLoss = StatusCode(15)
    /// The caller is not known.
    public static let unauthenticated = StatusCode(16)
}
