public import SwiftProtobuf

/// One method of a service: its name on the wire, its kind, and how its messages become bytes.
public struct RPCMethod<Request: Sendable, Response: Sendable>: Sendable {
    /// The full name of the service: `echoserver.EchoService`.
    public let service: String
    /// The name of the method: `Echo`.
    public let name: String
    /// Which sides send several messages.
    public let kind: RPCKind
    /// The path on the wire: `/echoserver.EchoService/Echo`.
    public let path: String

    package let encodeRequest: @Sendable (Request) throws -> [UInt8]
    package let decodeRequest: @Sendable ([UInt8]) throws -> Request
    package let encodeResponse: @Sendable (Response) throws -> [UInt8]
    package let decodeResponse: @Sendable ([UInt8]) throws -> Response
    package let encodeJSONResponse: @Sendable (String) throws -> [UInt8]
}

extension RPCMethod where Request: Message, Response: Message {
    /// Makes a method whose messages are Protocol Buffers.
    /// - Parameters:
    ///   - service: the service with its package, as in the `.proto` file: `echoserver.EchoService`.
    ///   - name: the method, as in the `.proto` file.
    ///   - kind: which sides send several messages.
    public init(service: String, name: String, kind: RPCKind) {
        self.service = service
        self.name = name
        self.kind = kind
        path = "/\(service)/\(name)"
        encodeRequest = { try $0.serializedBytes() }
        decodeRequest = { try Request(serializedBytes: $0) }
        encodeResponse = { try $0.serializedBytes() }
        decodeResponse = { try Response(serializedBytes: $0) }
        encodeJSONResponse = { try Response(jsonString: $0).serializedBytes() }
    }
}
