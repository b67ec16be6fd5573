public import HoldfastRPC
import SwiftProtobuf

/// The Say service: answers with a JSON array of one object that maps the name to the message.
public struct SayService: RPCService {
    /// Makes the service.
    public init() {}

    /// Adds `SayHi` to `router`.
    public func register(on router: inout RPCRouter) {
        router.unary(SayEchoMethods.sayHi) { request, _ in
            Self.answer(to: request)
        }
    }

    /// What the service answers, for a model of it.
    package static func answer(to request: Grpconepb_Say) -> Grpconepb_Response {
        Grpconepb_Response.with { $0.body = JSONText.array(name: request.name, message: request.msg) }
    }
}
