import Holdfast
import HoldfastRPC

/// A method of a service, called with the requests of a load.
final class MethodTarget: LoadTarget {
    private let load: LoadSpec
    private let method: DemoMethod
    private let messages: MessageCache
    private let clients: [RPCClient]
    private let random: KeyedRandom

    /// - Parameter clients: each call is one's of them, drawn by lot.
    init(_ load: LoadSpec, _ method: DemoMethod, clients: [RPCClient], seed: UInt64) {
        self.load = load
        self.method = method
        self.clients = clients
        messages = MessageCache(method)
        random = KeyedRandom(seed: seed).keyed("clients").keyed(load.name)
    }

    nonisolated(nonsending) func call(_ index: Int, _ options: CallOptions) async throws -> LoadAnswer {
        let request = try load.payload ?? messages.request(load.request.json(index: index))
        let client = client(of: index)
        guard method.conversation == .single else {
            return LoadAnswer(hasWrongData: try await converse(client, request, options))
        }
        let response = try await client.unary(path: path, request, options: options) { [messages] answer throws(RPCError) in
            try messages.check(answer, to: request)
            return answer
        }
        // A fixed value makes no claim about the request; everything else does.
        let hasWrongData = response.fallbackStep != "value" && !messages.belongs(response.message, to: request)
        return LoadAnswer(fallbackStep: response.fallbackStep, hasWrongData: hasWrongData)
    }

    private var path: String { "/\(load.method)" }

    /// Independent draws make of one Poisson stream as many as there are clients.
    private func client(of index: Int) -> RPCClient {
        guard clients.count > 1 else { return clients[0] }
        return clients[min(Int(random.keyed(index).uniform * Double(clients.count)), clients.count - 1)]
    }

    // MARK: Streams

    /// - Returns: whether an answer belonged to another request.
    private func converse(_ client: RPCClient, _ request: [UInt8], _ options: CallOptions) async throws -> Bool {
        let (path, conversation, count) = (path, method.conversation, load.messages)
        return try await client.withStream(path: path, options: options) { [self] stream in
            var hasWrongData = false
            switch conversation {
            case .single, .untilEnd:
                try await stream.send(StreamMessage(request))
                stream.finishSending()
            case .eachAnswered:
                for _ in 0..<count {
                    try await stream.send(StreamMessage(request))
                    if try await isWrong(stream, request) { hasWrongData = true }
                }
                stream.finishSending()
            case .untilFinished:
                for _ in 0..<count {
                    if try await isWrong(stream, request) { hasWrongData = true }
                }
                stream.finishSending()
            }
            while let answer = try await stream.next() {
                if try isWrong(answer, stream, request) { hasWrongData = true }
            }
            return hasWrongData
        }
    }

    /// Waits for an answer that is due.
    private nonisolated(nonsending) func isWrong(_ stream: any ClientStream, _ request: [UInt8]) async throws -> Bool {
        guard let answer = try await stream.next() else {
            let error = RPCError(code: .internalError, message: "the server ended the call before it had answered", origin: .local)
            stream.reject(error)
            throw error
        }
        return try isWrong(answer, stream, request)
    }

    private func isWrong(_ answer: [UInt8], _ stream: any ClientStream, _ request: [UInt8]) throws -> Bool {
        do {
            try messages.check(answer, to: request)
        } catch {
            stream.reject(error)
            throw error
        }
        return !messages.belongs(answer, to: request)
    }
}
