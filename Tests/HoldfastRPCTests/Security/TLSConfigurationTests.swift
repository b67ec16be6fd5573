#if TLS
import Holdfast
import Testing

@testable import HoldfastRPC

@Suite("What TLS cannot be set up with is refused, with the file and what would be right")
struct TLSConfigurationTests {
    private let files: TestCertificates

    init() throws {
        files = try TestCertificates.shared.get()
    }

    struct Case: Sendable, CustomTestStringConvertible {
        let field: String
        let file: String
        let problem: String
        var testDescription: String { "\(field): \(file)" }
    }

    private static let cases: [Case] = [
        Case(
            field: "identity.certificateChain", file: "missing.pem",
            problem: "cannot be read: No such file or directory; give a PEM file that this process may read"),
        Case(
            field: "identity.certificateChain", file: "",
            problem: "cannot be read: Is a directory; give a PEM file that this process may read"),
        Case(
            field: "identity.certificateChain", file: "server.der",
            problem: "is no PEM; give certificates that begin with -----BEGIN CERTIFICATE-----"),
        Case(
            field: "identity.certificateChain", file: "server.key",
            problem: "holds no certificate, but something else; give one that begins with -----BEGIN CERTIFICATE-----"),
        Case(
            field: "identity.certificateChain", file: "garbage.pem",
            problem: "holds a damaged certificate; `openssl x509 -in FILE -text` should show it"),
        Case(
            field: "identity.privateKey", file: "server.pem",
            problem: "holds no private key in PEM; give one that begins with -----BEGIN PRIVATE KEY-----"),
        Case(
            field: "identity.privateKey", file: "garbage.key",
            problem: "holds a damaged private key; `openssl pkey -in FILE -noout` should accept it"),
        Case(
            field: "identity.privateKey", file: "encrypted.key",
            problem: "is encrypted; give a key without passphrase (`openssl pkey -in FILE`)"),
        Case(field: "roots", file: "garbage.pem", problem: "holds a damaged certificate; `openssl x509 -in FILE -text` should show it"),
    ]

    @Test("Files", arguments: cases)
    func file(_ test: Case) throws {
        var identity = files.identity("server")
        var roots = files.roots()
        switch test.field {
        case "identity.certificateChain": identity.certificateChain = files.pem(test.file)
        case "identity.privateKey": identity.privateKey = files.pem(test.file)
        default: roots = .pem(files.pem(test.file))
        }
        let expected = ConfigurationError(test.field, files.path(test.file), test.problem)
        #expect(throws: expected) { try RPCClient.TransportSecurity.tls(.init(roots: roots, identity: identity)) }
        guard test.field != "roots" else { return }
        #expect(throws: expected) { try RPCServer.TransportSecurity.tls(.init(identity: identity)) }
    }

    @Test("A key that belongs to another certificate")
    func mismatch() throws {
        let identity = TLSIdentity(certificateChain: files.pem("server.pem"), privateKey: files.pem("client.key"))
        let expected = ConfigurationError(
            "identity.privateKey", files.path("client.key"),
            "is not the key of the first certificate in \(files.path("server.pem"))")
        #expect(throws: expected) { try RPCServer.TransportSecurity.tls(.init(identity: identity)) }
        #expect(throws: expected) { try RPCClient.TransportSecurity.tls(.init(identity: identity)) }
    }

    @Test("A text that is a secret is not repeated in errors")
    func secret() throws {
        let identity = TLSIdentity(certificateChain: files.pem("server.pem"), privateKey: .bytes(Array("swordfish".utf8)))
        let error = #expect(throws: ConfigurationError.self) { try RPCServer.TransportSecurity.tls(.init(identity: identity)) }
        #expect(error?.value == "the PEM text given")
    }

    @Test(
        "Names that no certificate can bear",
        arguments: ["", "10.0.0.1", "::1", "a b", "\u{FC}ber.test", String(repeating: "a", count: 256)])
    func serverName(_ name: String) throws {
        let error = #expect(throws: ConfigurationError.self) { try RPCClient.TransportSecurity.tls(.init(serverName: name)) }
        #expect(error?.field == "serverName")
    }

    @Test(
        "The name to ask for is the authority's, unless that is an address",
        arguments: [
            ("say.test:443", "say.test"), ("say.test", "say.test"), ("say.test.:443", "say.test"), ("localhost", "localhost"),
            ("127.0.0.1:443", nil), ("[::1]:443", nil), ("[::1]", nil),
        ])
    func authority(_ authority: String, _ name: String?) throws {
        #expect(try TLSServerName.of(authority: authority) == name)
    }

    @Test("Times that are none", arguments: [Duration.zero, .seconds(-1)])
    func times(_ time: Duration) throws {
        var client = RPCClient.TLSOptions(roots: files.roots())
        client.reloadInterval = time
        #expect(throws: ConfigurationError("reloadInterval", time, "is not above zero")) {
            try RPCClient.TransportSecurity.tls(client)
        }
        var server = RPCServer.TLSOptions(identity: files.identity("server"))
        server.reloadInterval = time
        #expect(throws: ConfigurationError("reloadInterval", time, "is not above zero")) {
            try RPCServer.TransportSecurity.tls(server)
        }
        server.reloadInterval = nil
        server.handshakeTimeout = time
        #expect(throws: ConfigurationError("handshakeTimeout", time, "is not above zero")) {
            try RPCServer.TransportSecurity.tls(server)
        }
    }
}
#endif
