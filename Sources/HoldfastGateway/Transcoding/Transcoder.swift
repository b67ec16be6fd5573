import Holdfast
import HoldfastPolicyFiles
import HoldfastRPC
import NIOCore
import NIOHTTP1
import SwiftProtobuf

/// Turns calls with JSON messages into calls of one method of a service.
struct Transcoder<Request: Message, Response: Message>: Sendable {
    let method: RPCMethod<Request, Response>
    let client: RPCClient

    func unary(_ call: GatewayCall) async throws {
        let response = try await client.unary(method, try await onlyRequest(of: call), options: call.options)
        try await call.client.send(try Self.answer(response))
    }

    func serverStreaming(_ call: GatewayCall) async throws {
        try await client.serverStreaming(method, try await onlyRequest(of: call), options: call.options) { responses in
            try await pass(responses, to: call)
        }
    }

    func clientStreaming(_ call: GatewayCall) async throws {
        let response = try await client.clientStreaming(method, options: call.options) { writer in
            try await pass(call, to: writer)
        }
        try await call.client.send(try Self.answer(response))
    }

    func bidirectional(_ call: GatewayCall) async throws {
        try await client.bidirectional(method, options: call.options) { writer, responses in
            try await withThrowingTaskGroup(of: Bool.self) { group in
                group.addTask {
                    try await pass(call, to: writer)
                    return false
                }
                group.addTask {
                    try await pass(responses, to: call)
                    return true
                }
                // The service's last word ends the call; the client's does not.
                while let isOver = try await group.next() {
                    if isOver { return group.cancelAll() }
                }
            }
        }
    }

    /// Sends the service what the client says.
    private func pass(_ call: GatewayCall, to writer: RequestWriter<Request>) async throws {
        if let messages = call.messages {
            var number = 0
            for try await message in messages {
                number += 1
                let request = try Self.decode(message, "message \(number)")
                do {
                    try await writer.write(request)
                } catch is RPCError {
                    // The call has ended, and its responses say how.
                    return
                }
            }
        } else {
            try await writer.write(try Self.decode(call.request.query))
        }
        writer.finish()
    }

    private func pass(_ responses: ResponseStream<Response>, to call: GatewayCall) async throws {
        while let response = try await responses.next() {
            var answer = GatewayAnswer(json: Array(#"{"result":"#.utf8))
            answer.json += try Self.encode(response) + [UInt8(ascii: "}")]
            answer.metadata = try await responses.metadata
            try await call.client.send(answer)
        }
    }

    private func onlyRequest(of call: GatewayCall) async throws -> Request {
        guard let messages = call.messages else { return try Self.decode(call.request.query) }
        return try Self.decode(try await call.onlyMessage(in: messages), "the message")
    }

    // MARK: Messages

    static func answer(_ response: RPCResponse<Response>) throws -> GatewayAnswer {
        var json = try encode(response.message)
        if case .fallback(let step, let failure) = response.source {
            let mark = JSONText.object([
                ("step", .string(step)), ("error", ErrorAnswer(failure).details),
            ])
            // As a member of the message: whoever reads the message need not know.
            let rest = json.count > 2 ? "," + String(decoding: json.dropFirst(), as: UTF8.self) : "}"
            json = Array((#"{"@fallback":"# + mark.text + rest).utf8)
        }
        return GatewayAnswer(json: json, metadata: response.metadata, fallbackStep: response.fallbackStep)
    }

    static func decode(_ json: [UInt8], _ what: String) throws(HTTPRefusal) -> Request {
        do {
            return try Request(jsonUTF8Bytes: json)
        } catch {
            throw HTTPRefusal(.badRequest, "\(what) is no \(Request.protoMessageName) in JSON: \(describe(error))")
        }
    }

    static func decode(_ query: QueryString) throws(HTTPRefusal) -> Request {
        if let request = try? Request(jsonUTF8Bytes: query.message(booleans: true)) { return request }
        return try decode(query.message(booleans: false), "the query of the address")
    }

    private static func encode(_ response: Response) throws -> [UInt8] {
        do {
            return try response.jsonUTF8Bytes()
        } catch {
            throw RPCError(.internalError, "an answer of \(Response.protoMessageName) cannot be written as JSON")
        }
    }

    private static func describe(_ error: any Error) -> String {
        switch error as? JSONDecodingError {
        case .unknownField(let name): "it has no field \(quoted(name))"
        case .unrecognizedEnumValue: "an enumeration has no such value"
        case .some(let error): "\(error)"
        case nil: "it cannot be read"
        }
    }
}
