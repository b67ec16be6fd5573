/// A method without its message types, for lists and for policy files.
public struct AnyRPCMethod: Sendable {
    /// The full name of the service.
    public let service: String
    /// The name of the method.
    public let name: String
    /// The path on the wire.
    public let path: String
    /// Which sides send several messages.
    public let kind: RPCKind

    private let encode: @Sendable (String) throws -> [UInt8]

    /// Forgets the message types of `method`.
    public init<Request, Response>(_ method: RPCMethod<Request, Response>) {
        service = method.service
        name = method.name
        path = method.path
        kind = method.kind
        encode = method.encodeJSONResponse
    }

    /// The bytes of a response that is written as JSON, by the rules of Protocol Buffers.
    /// - Throws: the decoder's error when the text is no JSON, or does not fit the response's type.
    public func encodeResponse(json: String) throws -> [UInt8] {
        try encode(json)
    }
}
