import Holdfast
import HoldfastRPC
import NIOPosix
import SayEcho
import SwiftProtobuf

let args = CommandLine.arguments
if args[1] == "serve" {
    let server = try await RPCServer.start(host: "127.0.0.1", port: Int(args[2])!, services: [SayService(), EchoService()],
        eventLoopGroup: MultiThreadedEventLoopGroup(numberOfThreads: 1))
    print("port \(server.port)")
    await server.waitUntilClosed()
} else {
    let port = Int(args[2])!
    let concurrency = Int(args[3])!
    let total = Int(args[4])!
    let client = RPCClient(host: "127.0.0.1", port: port, eventLoopGroup: MultiThreadedEventLoopGroup(numberOfThreads: 1))
    let say = SayClient(client)
    print(try await say.sayHi(name: "kitty", msg: "hello world!"))
    for round in 0..<3 {
        let start = TimeSource.system.now()
        await withTaskGroup(of: Void.self) { group in
            for _ in 0..<concurrency {
                group.addTask {
                    for _ in 0..<(total / concurrency) {
                        do {
                            if args.count > 5 {
                                _ = try await client.unary(SayEchoMethods.sayHi, .with { $0.name = "kitty"; $0.msg = "hello" }, options: CallOptions(timeout: .seconds(5)))
                            } else {
                                _ = try await client.unaryBytes(path: SayEchoMethods.sayHi.path, message: [10, 5, 107, 105, 116, 116, 121, 18, 20] + [UInt8](repeating: 97, count: 20))
                            }
                        } catch { print(error); return }
                    }
                }
            }
        }
        let seconds = Double((TimeSource.system.now() - start).nanoseconds) / 1e9
        print("round \(round): \(Int(Double(total) / seconds)) calls/s")
    }
    await client.shutdown()
}
