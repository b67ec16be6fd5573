import Holdfast
import HoldfastRPC

/// Keeps the messages of requests that come round again and again, since making one of JSON takes longer than all else that the
/// generator does for a call.
final class MessageCache: Sendable {
    private struct Pair: Hashable {
        let request: [UInt8]
        let response: [UInt8]

        // The bytes at once: an array feeds them in one by one.
        func hash(into hasher: inout Hasher) {
            request.withUnsafeBytes { hasher.combine(bytes: $0) }
            response.withUnsafeBytes { hasher.combine(bytes: $0) }
        }
    }

    private struct State {
        var requests: [String: [UInt8]] = [:]
        var verdicts: [Pair: Bool] = [:]
    }

    private static let maximumCount = 10_000

    private let method: DemoMethod
    private let state = Locked(State())

    init(_ method: DemoMethod) {
        self.method = method
    }

    /// The bytes of a request in JSON.
    func request(_ json: String) throws -> [UInt8] {
        if let known = state.withLock({ $0.requests[json] }) { return known }
        let request = try method.encodeRequest(json)
        state.withLock { state in
            if state.requests.count < Self.maximumCount { state.requests[json] = request }
        }
        return request
    }

    /// Refuses bytes that are no answer at all, as a client that reads it would.
    func check(_ response: [UInt8], to request: [UInt8]) throws(RPCError) {
        // What belongs to the request can be read.
        guard !belongs(response, to: request) else { return }
        do {
            try method.checkAnswer(response)
        } catch {
            throw RPCError(code: .internalError, message: "a response of \(method.name) is malformed: \(error)", origin: .local)
        }
    }

    /// Whether a response belongs to a request.
    func belongs(_ response: [UInt8], to request: [UInt8]) -> Bool {
        let pair = Pair(request: request, response: response)
        if let known = state.withLock({ $0.verdicts[pair] }) { return known }
        let verdict = method.answerBelongs(request, response)
        state.withLock { state in
            if state.verdicts.count < Self.maximumCount { state.verdicts[pair] = verdict }
        }
        return verdict
    }
}
