#if TLS
import Foundation
import Holdfast
import Testing

@testable import HoldfastRPC

@Suite("New certificates come into use without a restart")
struct TLSReloadTests {
    private let files: TestCertificates
    private let folder: URL

    init() throws {
        files = try TestCertificates.shared.get()
        folder = FileManager.default.temporaryDirectory.appending(path: "holdfast-reload-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    }

    private var identity: TLSIdentity { TLSIdentity(certificateChain: source("tls.pem"), privateKey: source("tls.key")) }

    private func source(_ file: String) -> PEMSource { .file(folder.appending(path: file).path()) }

    /// Puts a test certificate's file in the place of another, as a whole.
    private func install(_ file: String, as name: String) throws {
        let copy = folder.appending(path: "new")
        try Data(try files.text(file)).write(to: copy)
        try #require(rename(copy.path(), folder.appending(path: name).path()) == 0)
    }

    private func install(_ identity: String) throws {
        try install("\(identity).pem", as: "tls.pem")
        try install("\(identity).key", as: "tls.key")
    }

    @Test("A server shows the new certificate to new connections, and keeps those that run")
    func server() async throws {
        try install("server")
        var options = RPCServer.TLSOptions(identity: identity)
        options.reloadInterval = nil
        try await withTLSServer(options) { server, security in
            let trustsOld = try RPCClient.TransportSecurity.tls(.init(roots: files.roots("ca")))
            let trustsNew = try RPCClient.TransportSecurity.tls(.init(roots: files.roots("other-ca")))
            let old = try RPCClient(host: "127.0.0.1", port: server.port, security: trustsOld)
            try await old.bidirectional(FourKinds.bidirectional) { requests, responses in
                try await requests.write("a")
                #expect(try await responses.next() == "A")
                #expect(await tryCall(port: server.port, security: trustsNew) != nil)

                try install("stranger")
                try security.reload()
                #expect(await tryCall(port: server.port, security: trustsNew) == nil)
                #expect(await tryCall(port: server.port, security: trustsOld) != nil)
                try await requests.write("b")
                #expect(try await responses.next() == "B")
            }
            await old.shutdown()
        }
    }

    @Test("What cannot be used leaves the old in use, and is one error")
    func broken() async throws {
        try install("server")
        var options = RPCServer.TLSOptions(identity: identity)
        options.reloadInterval = nil
        try await withTLSServer(options) { server, security in
            let client = try RPCClient.TransportSecurity.tls(.init(roots: files.roots()))
            try install("garbage.pem", as: "tls.pem")
            let error = #expect(throws: ConfigurationError.self) { try security.reload() }
            #expect(error?.field == "identity.certificateChain")
            #expect(await tryCall(port: server.port, security: client) == nil)
            try install("stranger.pem", as: "tls.pem")
            let mismatch = #expect(throws: ConfigurationError.self) { try security.reload() }
            #expect(mismatch?.field == "identity.privateKey")
            #expect(await tryCall(port: server.port, security: client) == nil)
        }
    }

    @Test("Files that change are noticed; a state that cannot be used is reported once")
    func noticed() async throws {
        try install("server")
        let (reports, continuation) = AsyncStream<ConfigurationError?>.makeStream()
        var options = RPCServer.TLSOptions(identity: identity)
        options.reloadInterval = .milliseconds(2)
        options.onReload = { continuation.yield($0) }
        try await withTLSServer(options) { server, _ in
            var report = reports.makeAsyncIterator()
            try install("stranger.key", as: "tls.key")
            #expect(await report.next()??.field == "identity.privateKey")
            let old = try RPCClient.TransportSecurity.tls(.init(roots: files.roots()))
            #expect(await tryCall(port: server.port, security: old) == nil)
            try install("stranger.pem", as: "tls.pem")
            #expect(await report.next() == .some(nil))
            let new = try RPCClient.TransportSecurity.tls(.init(roots: files.roots("other-ca")))
            #expect(await tryCall(port: server.port, security: new) == nil)
        }
    }

    @Test("A client takes new roots and a new certificate for its next connection")
    func client() async throws {
        try install("stranger")
        try install("other-ca.pem", as: "roots.pem")
        let verification = ClientVerification.required(files.roots())
        try await withTLSServer(.init(identity: files.identity("server"), clientVerification: verification)) { server, _ in
            let (reports, continuation) = AsyncStream<ConfigurationError?>.makeStream()
            var options = RPCClient.TLSOptions(roots: .pem(source("roots.pem")), identity: identity)
            let explicit = try RPCClient.TransportSecurity.tls(options)
            #expect(await tryCall(port: server.port, security: explicit)?.message.contains("does not trust") == true)
            options.reloadInterval = .milliseconds(2)
            options.onReload = { continuation.yield($0) }
            let watching = try RPCClient.TransportSecurity.tls(options)
            try install("ca.pem", as: "roots.pem")
            #expect(await reports.first { _ in true } == .some(nil))
            #expect(
                await tryCall(port: server.port, security: watching)?.message.hasSuffix(
                    "the server does not trust the authority that signed this client's certificate") == true)
            try install("client")
            try explicit.reload()
            #expect(await tryCall(port: server.port, security: explicit) == nil)
        }
    }

    @Test("Whoever lets go of what watches the files ends the watch")
    func released() async throws {
        try install("server")
        weak var context: TLSContext?
        do {
            let options = RPCServer.TLSOptions(identity: identity)
            let strong = try TLSContext(files: options.files, interval: .seconds(3_600), onReload: nil, make: options.makeContext)
            context = strong
            try strong.reload()
        }
        #expect(context == nil)
    }
}
#endif
