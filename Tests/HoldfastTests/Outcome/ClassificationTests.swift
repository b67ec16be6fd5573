import Testing

@testable import Holdfast

@Suite("Outcomes")
struct ClassificationTests {
    @Test(
        "S3: every status code has its outcome",
        arguments: [
            (Outcome.failure, ["UNAVAILABLE", "DEADLINE_EXCEEDED", "INTERNAL", "UNKNOWN", "DATA_LOSS"]),
            (.ignored, ["RESOURCE_EXHAUSTED", "ABORTED", "CANCELLED"]),
            (
                .success,
                [
                    "INVALID_ARGUMENT", "NOT_FOUND", "ALREADY_EXISTS", "PERMISSION_DENIED", "UNAUTHENTICATED", "FAILED_PRECONDITION",
                    "OUT_OF_RANGE", "UNIMPLEMENTED", "OK",
                ]
            ),
        ])
    func codes(outcome: Outcome, names: [String]) throws {
        for name in names {
            let code = try #require(StatusCode(name: name))
            #expect(Classification.standard.outcome(of: Coded(code: code)) == outcome, "\(name)")
            #expect(StatusCode(rawValue: code.rawValue) == code)
        }
    }

    @Test("S1, S2, S4: cancellation is neutral, a timeout fails, a rejection further in is ignored, anything else fails")
    func others() {
        struct Strange: Error {}
        let standard = Classification.standard
        #expect(standard.outcome(of: CancellationError()) == .cancelled)
        #expect(standard.outcome(of: TimeoutError(policy: "t", scope: .attempt, after: .seconds(1))) == .failure)
        #expect(standard.outcome(of: Rejection(policy: "q", kind: .rateLimiter, reason: .quota)) == .ignored)
        #expect(standard.outcome(of: Strange()) == .failure)
    }

    @Test("S4: a failure that the fallbacks could not hide is judged and selected as if it had come alone")
    func failureInsideFallbackError() {
        let timeout = TimeoutError(policy: nil, scope: .total, after: .seconds(1))
        let rejection = Rejection(policy: "b", kind: .circuitBreaker, reason: .open)
        func hidden(_ failure: any Error) -> FallbackError {
            FallbackError(failure: failure, fallbackErrors: [Coded(code: .unavailable)])
        }
        #expect(Classification.standard.outcome(of: hidden(rejection)) == .ignored)
        #expect(Classification.standard.outcome(of: hidden(timeout)) == .failure)
        #expect(FailureSelector(origins: [.timeout]).matches(hidden(timeout)))
        #expect(!FailureSelector(codes: [.unavailable], origins: [.timeout]).matches(hidden(rejection)))
    }

    @Test("A number or a name that is no status code is none")
    func noCode() {
        #expect(StatusCode(rawValue: 17) == nil)
        #expect(StatusCode(rawValue: -1) == nil)
        #expect(StatusCode(name: "unavailable") == nil)
    }
}
