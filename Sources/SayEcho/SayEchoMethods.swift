public import HoldfastRPC

/// The methods of the Say and Echo services.
public enum SayEchoMethods {
    /// `grpconepb.grpconepb/SayHi`: puts one message into one name's mouth.
    public static let sayHi = RPCMethod<Grpconepb_Say, Grpconepb_Response>(
        service: "grpconepb.grpconepb", name: "SayHi", kind: .unary)

    /// `echoserver.EchoService/Echo`: answers each message with a `!` added.
    public static let echo = RPCMethod<Echoserver_EchoRequest, Echoserver_EchoResponse>(
        service: "echoserver.EchoService", name: "Echo", kind: .bidirectional)

    /// `echoserver.EchoService/Stream`: five messages, one a second.
    public static let stream = RPCMethod<Echoserver_Empty, Echoserver_EchoResponse>(
        service: "echoserver.EchoService", name: "Stream", kind: .serverStreaming)

    /// `echoserver.EchoService/Heartbeats`: one heartbeat a second.
    public static let heartbeats = RPCMethod<Echoserver_Empty, Echoserver_Heartbeat>(
        service: "echoserver.EchoService", name: "Heartbeats", kind: .bidirectional)

    /// All of them.
    public static let all = [
        AnyRPCMethod(sayHi), AnyRPCMethod(echo), AnyRPCMethod(stream), AnyRPCMethod(heartbeats),
    ]
}
