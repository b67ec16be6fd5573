import ArgumentParser
import HoldfastRPC

/// Where a service is, as `HOST:PORT` on the command line; an address of IPv6 stands in brackets.
struct ServiceAddress: ExpressibleByArgument, CustomStringConvertible {
    let host: String
    let port: Int

    init(host: String, port: Int) {
        self.host = host
        self.port = port
    }

    /// Where this process reaches a server of its own that listens on `host`.
    init(reaching host: String, port: Int) {
        let here = ["0.0.0.0": "127.0.0.1", "::": "::1"]
        self.init(host: here[host] ?? host, port: port)
    }

    init?(argument: String) {
        guard let colon = argument.lastIndex(of: ":"), let port = Int(argument[argument.index(after: colon)...]),
            (1...65_535).contains(port)
        else { return nil }
        var host = argument[..<colon]
        if host.hasPrefix("["), host.hasSuffix("]") {
            host = host.dropFirst().dropLast()
        } else if host.contains(":") {
            return nil
        }
        guard !host.isEmpty else { return nil }
        self.init(host: String(host), port: port)
    }

    var description: String { Endpoint.tcp(host: host, port: port).description }
}
