import Holdfast
import HoldfastPolicyFiles
import HoldfastRPC
import NIOHTTP1
import Testing

@testable import HoldfastGateway

@Suite("Errors as clients are told of them")
struct ErrorAnswerTests {
    @Test(
        "Each code has the status that grpc-gateway gives it",
        arguments: zip(StatusCode.allCases, [200, 499, 500, 400, 504, 404, 409, 403, 429, 400, 409, 400, 501, 500, 503, 500, 401]))
    func status(code: StatusCode, status: UInt) {
        #expect(ErrorAnswer.status(of: code).code == status)
    }

    @Test("A rejection says who refused, and when to come back; parts of a second count as one")
    func rejection() {
        let answer = ErrorAnswer(
            Rejection(policy: "echo/circuitBreaker", kind: .circuitBreaker, reason: .open, retryAfter: .nanoseconds(1_000_000_001)))
        #expect(
            answer.json.text
                == #"{"error":{"code":14,"status":"UNAVAILABLE","message":"circuitBreaker \"echo/circuitBreaker\" refused the call: open; "#
                + #"try again in 1.000000001 seconds","httpStatus":503,"policy":"echo/circuitBreaker","reason":"open","#
                + #""retryAfterMilliseconds":1001}}"#)
        #expect(answer.responseHeaders["Retry-After"] == ["2"])
        #expect(ErrorAnswer(RPCError(.resourceExhausted, "", retryAfter: .milliseconds(5))).responseHeaders["Retry-After"] == ["1"])
    }

    @Test("What failed on the way says nothing about the way")
    func connection() {
        let error = RPCError(code: .unavailable, message: "cannot connect to 10.0.0.7:50051", origin: .connection)
        #expect(ErrorAnswer(error).message == "the service cannot be reached")
        for (code, message) in [(StatusCode.deadlineExceeded, "the call's deadline passed before 10.0.0.7:50051 had answered")] {
            let local = ErrorAnswer(RPCError(code: code, message: message, origin: .local))
            #expect(local.code == code && !local.message.contains("10.0.0.7"), "\(local.message)")
        }
    }

    @Test("What is none of the client's business is not told")
    func unknown() {
        struct Secret: Error {}
        let answer = ErrorAnswer(Secret())
        #expect(answer.status.code == 500 && !answer.json.text.contains("Secret"))
    }

    @Test("Of a failure that fallbacks did not hide, the failure counts")
    func fallbacks() async throws {
        let fallback = try Fallback<String, String>("f", .init([.handler("too") { _, _ in throw RPCError(.internalError, "too") }]))
        let error = try await #require(throws: FallbackError.self) {
            try await fallback.answer(to: RPCError(.unavailable, "gone"), key: "", deadline: nil)
        }
        #expect(ErrorAnswer(error).status.code == 503 && ErrorAnswer(error).message == "gone")
    }
}
