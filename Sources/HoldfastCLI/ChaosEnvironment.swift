import Foundation
import HoldfastChaos
import HoldfastRPC
import SayEcho
import SwiftProtobuf

/// What runs of scenarios need to know of the demo services.
enum ChaosEnvironment {
    static func make() throws -> RunEnvironment {
        guard let executable = Bundle.main.executableURL else { throw HarnessError("cannot find the holdfast command itself") }
        return RunEnvironment(executable: executable, methods: methods, policyMethods: SayEchoMethods.all)
    }

    /// What is known of the methods of the demo services.
    static let methods = [sayHi, echo, stream, heartbeats, health]

    private static let sayHi = DemoMethod(
        name: "grpconepb.grpconepb/SayHi", exampleRequest: #"{"name":"kitty","msg":"hello"}"#,
        encodeRequest: { try Grpconepb_Say(jsonString: $0).serializedBytes() },
        answerBelongs: { request, response in
            guard let request = try? Grpconepb_Say(serializedBytes: request),
                let response = try? Grpconepb_Response(serializedBytes: response),
                let body = try? JSONDecoder().decode([[String: String]].self, from: Data(response.body.utf8))
            else { return false }
            return body == [[request.name: request.msg]]
        },
        answer: { try SayService.answer(to: Grpconepb_Say(serializedBytes: $0)).serializedBytes() },
        otherAnswer: { answer in
            let body = try Grpconepb_Response(serializedBytes: answer).body
            return try SayService.answer(
                to: .with {
                    $0.name = "somebody else"
                    $0.msg = body
                }
            ).serializedBytes()
        },
        checkAnswer: { _ = try Grpconepb_Response(serializedBytes: $0) })

    private static let echo = DemoMethod(
        name: "echoserver.EchoService/Echo", conversation: .eachAnswered, exampleRequest: #"{"message":"hello"}"#,
        encodeRequest: { try Echoserver_EchoRequest(jsonString: $0).serializedBytes() },
        answerBelongs: { request, response in
            guard let request = try? Echoserver_EchoRequest(serializedBytes: request),
                let response = try? Echoserver_EchoResponse(serializedBytes: response)
            else { return false }
            return response.message == request.message + "!"
        },
        answer: { request in
            let message = try Echoserver_EchoRequest(serializedBytes: request).message
            return try Echoserver_EchoResponse.with { $0.message = message + "!" }.serializedBytes()
        },
        otherAnswer: { try changed($0, to: "not ") },
        checkAnswer: { _ = try Echoserver_EchoResponse(serializedBytes: $0) })

    private static let stream = DemoMethod(
        name: "echoserver.EchoService/Stream", conversation: .untilEnd(messages: 5, every: .seconds(1)), exampleRequest: "{}",
        encodeRequest: { try Echoserver_Empty(jsonString: $0).serializedBytes() },
        answerBelongs: { _, response in
            (try? Echoserver_EchoResponse(serializedBytes: response))?.message.hasPrefix("hello there!") == true
        },
        answer: { _ in try Echoserver_EchoResponse.with { $0.message = "hello there!" }.serializedBytes() },
        otherAnswer: { try changed($0, to: "not ") },
        checkAnswer: { _ = try Echoserver_EchoResponse(serializedBytes: $0) })

    private static let heartbeats = DemoMethod(
        name: "echoserver.EchoService/Heartbeats", conversation: .untilFinished(every: .seconds(1)), exampleRequest: "{}",
        encodeRequest: { try Echoserver_Empty(jsonString: $0).serializedBytes() },
        answerBelongs: { _, response in (try? Echoserver_Heartbeat(serializedBytes: response))?.status == .ok },
        answer: { _ in try Echoserver_Heartbeat.with { $0.status = .ok }.serializedBytes() },
        otherAnswer: { _ in try Echoserver_Heartbeat.with { $0.status = .unknown }.serializedBytes() },
        checkAnswer: { _ = try Echoserver_Heartbeat(serializedBytes: $0) })

    private static let health = DemoMethod(
        name: ServiceKind.healthCheck, exampleRequest: #"{"service":"grpconepb.grpconepb"}"#,
        encodeRequest: { try HealthMessages.request(json: $0) },
        answerBelongs: { _, response in (try? HealthMessages.isServing(response)) == true },
        answer: { _ in try HealthMessages.answer(isServing: true) },
        otherAnswer: { _ in try HealthMessages.answer(isServing: false) },
        checkAnswer: { _ = try HealthMessages.isServing($0) })

    /// An echo with other words in front.
    private static func changed(_ answer: [UInt8], to prefix: String) throws -> [UInt8] {
        let message = try Echoserver_EchoResponse(serializedBytes: answer).message
        return try Echoserver_EchoResponse.with { $0.message = prefix + message }.serializedBytes()
    }
}
