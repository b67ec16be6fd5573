import Holdfast
import HoldfastPolicyFiles
public import HoldfastRPC
public import SwiftProtobuf

/// A part of an answer that several services give together, each under its own policies.
public struct GatewayPart: Sendable {
    /// What the answer calls it.
    public let name: String
    let answer: @Sendable (GatewayCall) async throws -> GatewayAnswer

    /// Makes a part that is one answer of one method: the first, when the method gives several.
    /// - Parameters:
    ///   - name: what the answer calls it; each part has its own.
    ///   - method: the method that gives it.
    ///   - client: the client, with the policies that apply.
    ///   - request: makes the request of the fields in the query of the address.
    public init<Request: Message, Response: Message>(
        _ name: String, _ method: RPCMethod<Request, Response>, _ client: RPCClient,
        request: @escaping @Sendable (_ fields: [String: String]) throws -> Request
    ) {
        self.name = name
        answer = { call in
            let fields = Dictionary(call.request.query.fields.map { ($0.name, $0.value) }) { first, _ in first }
            let request = try request(fields)
            guard method.kind != .unary else {
                return try Transcoder<Request, Response>.answer(try await client.unary(method, request, options: call.options))
            }
            return try await client.bidirectional(method, options: call.options) { writer, responses in
                try await writer.write(request)
                writer.finish()
                guard let response = try await responses.next() else {
                    throw RPCError(.internalError, "\(method.name) has answered without a message")
                }
                return try Transcoder<Request, Response>.answer(RPCResponse(message: response))
            }
        }
    }
}

extension GatewayRoute {
    /// Makes a route whose answer several services give together: `{"parts":{"say":{"result":{...}},"echo":{"error":{...}}},"failed":["echo"]}`.
    ///
    /// All are asked at once. A part that fails is marked with its error, and named in the header `Holdfast-Partial`; only when all fail
    /// is the answer the error of the first. One that does not answer must not take the others with it: parts have a fifth less time than
    /// the call, at most a second less.
    public init(_ name: String, _ path: String, parts: [GatewayPart]) {
        self.init(name, .get, path, kind: .unary) { call in
            let call = Self.partly(call)
            let results = await withTaskGroup(of: (Int, Result<GatewayAnswer, any Error>).self) { group in
                for (index, part) in parts.enumerated() {
                    group.addTask {
                        // Not in one expression: Swift 6.3.1, when it optimizes, loses the index of a pair whose other half awaits.
                        let result: Result<GatewayAnswer, any Error>
                        do { result = .success(try await part.answer(call)) } catch { result = .failure(error) }
                        return (index, result)
                    }
                }
                var results: [Int: Result<GatewayAnswer, any Error>] = [:]
                for await (index, result) in group { results[index] = result }
                return results
            }
            try Task.checkCancellation()
            try await call.client.send(try GatewayRoute.compose(parts, results))
        }
    }

    /// The call as its parts see it.
    private static func partly(_ call: GatewayCall) -> GatewayCall {
        let limits = [call.request.deadline, Call.enclosing.deadline].compactMap { $0 }
        guard let deadline = limits.min() else { return call }
        let left = max(TimeSource.system.now().duration(to: deadline), .zero)
        var part = call
        part.request.deadline = deadline - min(left / 5, .seconds(1))
        return part
    }

    private static func compose(
        _ parts: [GatewayPart], _ results: [Int: Result<GatewayAnswer, any Error>]
    ) throws -> GatewayAnswer {
        var members: [(String, JSONText)] = []
        var answer = GatewayAnswer(json: [])
        var errors: [any Error] = []
        for (index, part) in parts.enumerated() {
            switch results[index] {
            case .success(let part):
                members.append((parts[index].name, .object([("result", .raw(String(decoding: part.json, as: UTF8.self)))])))
                answer.fallbackStep = answer.fallbackStep ?? part.fallbackStep
            case .failure(let error):
                members.append((part.name, ErrorAnswer(error).json))
                answer.failedParts.append(part.name)
                errors.append(error)
            case nil: break
            }
        }
        if errors.count == parts.count, let first = errors.first { throw first }
        answer.json = Array(
            JSONText.object([("parts", .object(members)), ("failed", .array(answer.failedParts.map { .string($0) }))]).text.utf8)
        return answer
    }
}
