import Foundation
import HoldfastChaos
import SayEcho
import SwiftProtobuf

/// What runs of scenarios need to know of the demo services.
enum ChaosEnvironment {
    static func make() throws -> RunEnvironment {
        guard let executable = Bundle.main.executableURL else { throw HarnessError("cannot find the holdfast command itself") }
        return RunEnvironment(executable: executable, methods: methods, policyMethods: SayEchoMethods.all)
    }

    /// What is known of the methods of the demo services.
    static let methods = [sayHi]

    private static let sayHi = DemoMethod(
        name: "grpconepb.grpconepb/SayHi",
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
}
