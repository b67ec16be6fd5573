import Foundation

/// `h2load`, the load generator in C that comes with nghttp2: what a server can do for a client that costs little.
struct H2Load: RPCLoad {
    static let command = "h2load"
    static let advice = "h2load is not installed (Debian: nghttp2-client, macOS: nghttp2); its rows are left out"

    let port: Int
    /// The message to send; nil to fetch a file instead.
    let message: SayMessage?

    static var isInstalled: Bool { Tool.find(command) != nil }

    var cpuTime: Double { CPUTime.children }

    /// It counts calls, not time: about as many as are made in that time on a laptop.
    func run(concurrent: Int, seconds: Double) async throws -> RPCLoadResult {
        let calls = Int(seconds * (concurrent > 1 ? 100_000 : 10_000))
        var arguments = ["-n", "\(calls)", "-c", "1", "-m", "\(concurrent)", "--connection-inactivity-timeout", "10"]
        let body = FileManager.default.temporaryDirectory.appending(path: "holdfast-benchmark-\(UUID().uuidString)")
        defer { try? FileManager.default.removeItem(at: body) }
        if let message {
            try Data(message.requestBody()).write(to: body)
            arguments += ["-d", body.path, "-H", "content-type: application/grpc", "-H", "te: trailers"]
        }
        arguments.append("http://127.0.0.1:\(port)\(message == nil ? Nghttpd.path : SayPolicies.path)")
        guard let result = try Tool.run(Self.command, arguments), result.succeeded,
            let rate = result.output.firstMatch(of: /finished in .*?, ([0-9.]+) req\/s/).flatMap({ Double($0.1) }),
            let succeeded = result.output.firstMatch(of: /, ([0-9]+) succeeded/).flatMap({ Int($0.1) }),
            let bytes = result.output.firstMatch(of: /\(([0-9]+)\) data/).flatMap({ Int($0.1) })
        else { throw BenchmarkError("h2load failed, or printed something unknown") }
        // HTTP says 200 for a failed call too, but then no message comes.
        let answered = bytes / (try message?.responseBodyLength() ?? Nghttpd.fileLength)
        guard succeeded == calls, answered == calls else {
            throw BenchmarkError("h2load: of \(calls) calls \(succeeded) ended well and \(answered) were answered")
        }
        return RPCLoadResult(calls: calls, callsPerSecond: rate, latency: nil)
    }
}
