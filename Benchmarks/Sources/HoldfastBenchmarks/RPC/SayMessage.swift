import SayEcho
import SwiftProtobuf

/// A message that all calls of a row send, of so many bytes encoded.
struct SayMessage: Sendable {
    let length: Int
    let name = "kitty"
    let msg: String

    /// - Parameter length: from 10 to 16,393, where the length of the text takes one or two bytes.
    init(length: Int) {
        self.length = length
        let rest = length - 7
        msg = String(repeating: "m", count: rest <= 129 ? rest - 2 : rest - 3)
    }

    var request: Grpconepb_Say {
        .with {
            $0.name = name
            $0.msg = msg
        }
    }

    var answer: String { "[{\"\(name)\":\"\(msg)\"}]" }

    /// The body of a request with that message: gRPC's five bytes of prefix (not compressed, the length), then the message.
    func requestBody() throws -> [UInt8] {
        let message: [UInt8] = try request.serializedBytes()
        guard message.count == length else { throw BenchmarkError("the message has \(message.count) bytes, not \(length)") }
        return [0] + withUnsafeBytes(of: UInt32(message.count).bigEndian) { Array($0) } + message
    }

    /// The length of an answer's body: the prefix and the message.
    func responseBodyLength() throws -> Int {
        let message: [UInt8] = try Grpconepb_Response.with { $0.body = answer }.serializedBytes()
        return 5 + message.count
    }
}
