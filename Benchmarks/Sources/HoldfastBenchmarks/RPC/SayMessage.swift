import SayEcho
import SwiftProtobuf

/// The message that all calls send, 32 bytes encoded.
enum SayMessage {
    static let name = "kitty"
    static let msg = "hello from a benchmark!"
    static let answer = "[{\"\(name)\":\"\(msg)\"}]"
    static let length = 32

    /// The body of a request with that message: gRPC's five bytes of prefix (not compressed, the length), then the message.
    static func requestBody() throws -> [UInt8] {
        let message: [UInt8] = try Grpconepb_Say.with {
            $0.name = name
            $0.msg = msg
        }.serializedBytes()
        guard message.count == length else { throw BenchmarkError("the message has \(message.count) bytes, not \(length)") }
        return [0] + withUnsafeBytes(of: UInt32(message.count).bigEndian) { Array($0) } + message
    }

    /// The length of an answer's body: the prefix and the message.
    static func responseBodyLength() throws -> Int {
        let message: [UInt8] = try Grpconepb_Response.with { $0.body = answer }.serializedBytes()
        return 5 + message.count
    }
}
