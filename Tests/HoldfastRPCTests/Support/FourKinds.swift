import Holdfast
import HoldfastRPC
import SwiftProtobuf

/// The methods of `four_kinds.proto`.
enum FourKinds {
    typealias Text = Fourkinds_Text

    static let unary = method("Unary", .unary)
    static let serverStreaming = method("ServerStreaming", .serverStreaming)
    static let clientStreaming = method("ClientStreaming", .clientStreaming)
    static let bidirectional = method("Bidirectional", .bidirectional)
    /// Answers what it is asked. For messages of megabytes: to decode a text takes a debug build a microsecond a byte, and one that
    /// the thread sanitizer watches ten times that.
    static let bytes = RPCMethod<Google_Protobuf_BytesValue, Google_Protobuf_BytesValue>(
        service: "fourkinds.FourKinds", name: "Bytes", kind: .unary)

    private static func method(_ name: String, _ kind: RPCKind) -> RPCMethod<Text, Text> {
        RPCMethod(service: "fourkinds.FourKinds", name: name, kind: kind)
    }
}

extension Fourkinds_Text: ExpressibleByStringLiteral {
    init(_ text: String) {
        self.init()
        self.text = text
    }

    init(stringLiteral text: String) {
        self.init(text)
    }
}

/// Serves the four kinds as their definition says.
struct FourKindsService: RPCService {
    let log = ServiceLog()

    func register(on router: inout RPCRouter) {
        router.unary(FourKinds.unary) { request, call in
            let parts = request.text.split(separator: ":", maxSplits: 2).map(String.init)
            if parts.first == "fail", parts.count == 3, let code = StatusCode(name: parts[1]) {
                throw RPCError(code, parts[2], metadata: ["detail": "from the service"])
            }
            if request.text == "crash" { throw Secret() }
            if request.text == "sleep" { try await log.sleepUntilCancelled() }
            if request.text == "deadline" { return Fourkinds_Text(call.deadline == nil ? "none" : "some") }
            call.responseMetadata = ["seen": call.metadata["send"] ?? "nothing"]
            call.responseTrailers = ["after": "all"]
            return Fourkinds_Text(request.text.uppercased())
        }
        router.unary(FourKinds.bytes) { request, _ in request }
        router.serverStreaming(FourKinds.serverStreaming) { request, responses, call in
            call.responseTrailers = ["after": "all"]
            for word in request.text.split(separator: " ") { try await responses.write(Fourkinds_Text(String(word))) }
            if request.text.hasSuffix("fail") { throw RPCError(.dataLoss, "as asked") }
            if request.text.hasSuffix("sleep") { try await log.sleepUntilCancelled() }
            if request.text.hasSuffix("flood") {
                while true {
                    try await responses.write(Fourkinds_Text(String(repeating: "x", count: 10_000)))
                    log.wrote()
                }
            }
        }
        router.clientStreaming(FourKinds.clientStreaming) { requests, _ in
            var texts: [String] = []
            for try await request in requests {
                texts.append(request.text)
                if request.text == "enough" { break }
            }
            return Fourkinds_Text(texts.joined(separator: " "))
        }
        router.bidirectional(FourKinds.bidirectional) { requests, responses, _ in
            for try await request in requests { try await responses.write(Fourkinds_Text(request.text.uppercased())) }
        }
    }

    private struct Secret: Error {
        let password = "swordfish"
    }
}

/// What the handlers of a test's service have seen.
final class ServiceLog: Sendable {
    private struct State {
        var cancelled = 0
        var written = 0
        var waiters: [CheckedContinuation<Void, Never>] = []
    }

    private let state = Locked(State())

    func sleepUntilCancelled() async throws {
        do {
            try await TimeSource.system.sleep(for: .seconds(3_600))
        } catch {
            let waiters = state.withLock { state in
                state.cancelled += 1
                defer { state.waiters = [] }
                return state.waiters
            }
            for waiter in waiters { waiter.resume() }
            throw error
        }
    }

    func wrote() {
        state.withLock { $0.written += 1 }
    }

    var written: Int { state.withLock { $0.written } }

    /// How many handlers have been cancelled.
    var cancelled: Int { state.withLock { $0.cancelled } }

    /// Waits until a handler has been cancelled.
    func handlerCancelled() async {
        await withCheckedContinuation { continuation in
            let isOver = state.withLock { state in
                if state.cancelled == 0 { state.waiters.append(continuation) }
                return state.cancelled > 0
            }
            if isOver { continuation.resume() }
        }
    }
}
