package import HoldfastRPC
import SwiftProtobuf

/// The methods of the Talk service; `Protos/talk.proto` says what each does.
package enum TalkMethods {
    package static let ask = unary("Ask", Talk_Question.self, Talk_Answer.self)
    package static let notify = unary("Notify", Talk_Notice.self, Talk_Taken.self)
    package static let deliver = unary("Deliver", Talk_Notice.self, Talk_Taken.self)
    package static let submit = unary("Submit", Talk_Question.self, Talk_Taken.self)
    package static let answers = RPCMethod<Talk_Asker, Talk_Answer>(service: service, name: "Answers", kind: .serverStreaming)
    package static let publish = unary("Publish", Talk_Notice.self, Talk_Taken.self)
    package static let subscribe = RPCMethod<Talk_Subscription, Talk_Notice>(
        service: service, name: "Subscribe", kind: .serverStreaming)
    package static let reply = unary("Reply", Talk_Answer.self, Talk_Taken.self)
    package static let count = RPCMethod<Talk_Range, Talk_Answer>(service: service, name: "Count", kind: .serverStreaming)
    package static let collect = RPCMethod<Talk_Notice, Talk_Summary>(service: service, name: "Collect", kind: .clientStreaming)
    package static let converse = RPCMethod<Talk_Question, Talk_Answer>(service: service, name: "Converse", kind: .bidirectional)

    /// All of them.
    package static let all = [
        AnyRPCMethod(ask), AnyRPCMethod(notify), AnyRPCMethod(deliver), AnyRPCMethod(submit), AnyRPCMethod(answers),
        AnyRPCMethod(publish), AnyRPCMethod(subscribe), AnyRPCMethod(reply), AnyRPCMethod(count), AnyRPCMethod(collect),
        AnyRPCMethod(converse),
    ]

    private static let service = "talk.Talk"

    private static func unary<Request: Message, Response: Message>(
        _ name: String, _: Request.Type, _: Response.Type
    ) -> RPCMethod<Request, Response> {
        RPCMethod(service: service, name: name, kind: .unary)
    }
}
