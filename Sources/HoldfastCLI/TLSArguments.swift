import ArgumentParser
import Holdfast
import HoldfastRPC

/// How a call's connection is encrypted.
struct ClientTLS: ParsableArguments {
    @Flag(help: "Encrypt the connection with TLS. Like all of this, only in a holdfast that was built with the trait TLS.") var tls = false
    @Option(help: "The authorities that the server's certificate may be signed by, a PEM file; the system's unless given.")
    var ca: String?
    @Option(help: "The client's certificate, a PEM file with its chain, for servers that ask for one.") var cert: String?
    @Option(help: "The private key of that certificate, a PEM file.") var key: String?
    @Option(help: "The name that the server's certificate must bear; the host unless given.") var serverName: String?

    func validate() throws {
        let others = [("--ca", ca), ("--cert", cert), ("--key", key), ("--server-name", serverName)]
        if !tls, let other = others.first(where: { $0.1 != nil }) { throw ValidationError("\(other.0) needs --tls") }
        try TLSArguments.checkPair(("--cert", cert), ("--key", key))
        if tls { try TLSArguments.checkBuild("--tls") }
    }

    func security() throws(ConfigurationError) -> RPCClient.TransportSecurity {
        #if TLS
        if tls {
            return try .tls(
                RPCClient.TLSOptions(
                    roots: ca.map { .pem(.file($0)) } ?? .system, identity: TLSArguments.identity(cert, key), serverName: serverName))
        }
        #endif
        return .plaintext
    }
}

/// How a server's connections are encrypted.
struct ServerTLS: ParsableArguments {
    @Option(help: "Encrypt connections with TLS, and show this certificate, a PEM file with its chain; needs the trait TLS.")
    var tlsCert: String?
    @Option(help: "The private key of that certificate, a PEM file.") var tlsKey: String?
    @Option(help: "Let only clients in whose certificates are signed by these authorities, a PEM file.") var clientCA: String?

    func validate() throws {
        if tlsCert == nil, tlsKey == nil, clientCA != nil { throw ValidationError("--client-ca needs --tls-cert and --tls-key") }
        try TLSArguments.checkPair(("--tls-cert", tlsCert), ("--tls-key", tlsKey))
        if tlsCert != nil { try TLSArguments.checkBuild("--tls-cert") }
    }

    func security() throws(ConfigurationError) -> RPCServer.TransportSecurity {
        #if TLS
        if let identity = TLSArguments.identity(tlsCert, tlsKey) {
            var options = RPCServer.TLSOptions(
                identity: identity, clientVerification: clientCA.map { .required(.pem(.file($0))) } ?? .none)
            options.onHandshakeFailure = { client, reason in Console.complain("no connection with \(client): \(reason)") }
            options.onReload = { error in
                if let error { Console.complain("\(error); what was read before stays in use") }
            }
            return try .tls(options)
        }
        #endif
        return .plaintext
    }
}

private enum TLSArguments {
    static func checkPair(_ one: (name: String, value: String?), _ other: (name: String, value: String?)) throws {
        guard (one.value == nil) != (other.value == nil) else { return }
        let (given, missing) = one.value == nil ? (other.name, one.name) : (one.name, other.name)
        throw ValidationError("\(given) needs \(missing): a certificate and its private key go together")
    }

    /// Refuses `option` where nothing could obey it.
    static func checkBuild(_ option: String) throws {
        #if !TLS
        throw ValidationError("\(option): this holdfast was built without TLS; build it with `swift build -c release --traits TLS`")
        #endif
    }

    #if TLS
    static func identity(_ certificate: String?, _ key: String?) -> TLSIdentity? {
        guard let certificate, let key else { return nil }
        return TLSIdentity(certificateChain: .file(certificate), privateKey: .file(key))
    }
    #endif
}
