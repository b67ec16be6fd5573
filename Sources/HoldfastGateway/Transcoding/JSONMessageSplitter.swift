import NIOCore
import NIOHTTP1

/// Cuts a body into the JSON objects that follow one another in it, on lines of their own or not.
///
/// It looks only for where each object ends; whether it is good JSON is for its decoder to say.
struct JSONMessageSplitter {
    private let longestMessage: Int
    private var message: [UInt8] = []
    private var depth = 0
    private var isInString = false
    private var isEscaped = false

    /// - Parameter longestMessage: how many bytes one object may have.
    init(longestMessage: Int) {
        self.longestMessage = longestMessage
    }

    /// Takes some more of the body.
    /// - Returns: the objects that are complete with it.
    mutating func take(_ bytes: some Sequence<UInt8>) throws(HTTPRefusal) -> [[UInt8]] {
        var complete: [[UInt8]] = []
        for byte in bytes {
            if depth == 0 {
                if Self.isSpace(byte) { continue }
                guard byte == UInt8(ascii: "{") else {
                    throw HTTPRefusal(.badRequest, "the body is no sequence of JSON objects: expected {, one object for each message")
                }
            }
            guard message.count < longestMessage else { throw .tooLong(longestMessage) }
            message.append(byte)
            if isInString {
                if isEscaped {
                    isEscaped = false
                } else if byte == UInt8(ascii: "\\") {
                    isEscaped = true
                } else if byte == UInt8(ascii: "\"") {
                    isInString = false
                }
                continue
            }
            switch byte {
            case UInt8(ascii: "\""): isInString = true
            case UInt8(ascii: "{"), UInt8(ascii: "["): depth += 1
            case UInt8(ascii: "}"), UInt8(ascii: "]"):
                depth -= 1
                if depth == 0 {
                    complete.append(message)
                    message = []
                }
            default: break
            }
        }
        return complete
    }

    /// Takes note that the body ends here.
    func finish() throws(HTTPRefusal) {
        guard depth == 0 else { throw HTTPRefusal(.badRequest, "the body ends in the middle of a JSON object") }
    }

    private static func isSpace(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: " "), UInt8(ascii: "\n"), UInt8(ascii: "\r"), UInt8(ascii: "\t"): true
        default: false
        }
    }
}
