import Foundation
import ProcessExit
import Testing

@Suite("The holdfast command and TLS", .serialized, .timeLimit(.minutes(2)))
struct CommandTLSTests {
    @Test(
        "Options that need others say which",
        arguments: [
            (["call", "say", "--ca", "a.pem"], "--ca needs --tls"),
            (["call", "say", "--server-name", "a"], "--server-name needs --tls"),
            (["call", "say", "--tls", "--cert", "a.pem"], "--cert needs --key"),
            (["call", "echo", "--tls", "--key", "a.pem", "x"], "--key needs --cert"),
            (["serve", "say", "--tls-cert", "a.pem"], "--tls-cert needs --tls-key"),
            (["serve", "echo", "--tls-key", "a.pem"], "--tls-key needs --tls-cert"),
            (["serve", "say", "--client-ca", "a.pem"], "--client-ca needs --tls-cert and --tls-key"),
        ])
    func incomplete(arguments: [String], complaint: String) async throws {
        let outcome = try await HoldfastCommand(arguments).finish()
        #expect(outcome.status == 64 && outcome.errors.contains(complaint), "\(outcome)")
    }

    #if !TLS
    @Test(
        "A command that was built without TLS says how to build it with",
        arguments: [["call", "say", "--tls"], ["serve", "echo", "--tls-cert", "a.pem", "--tls-key", "a.key"]])
    func withoutTrait(arguments: [String]) async throws {
        let outcome = try await HoldfastCommand(arguments).finish()
        #expect(outcome.status == 64 && outcome.errors.contains("swift build -c release --traits TLS"), "\(outcome)")
    }
    #else
    /// A certificate for localhost that signs itself, so that it is its own authority, and its key.
    private final class Certificate {
        let certificate: String
        let key: String
        private let folder: URL

        init() throws {
            folder = FileManager.default.temporaryDirectory.appendingPathComponent("holdfast-command-tls-\(UUID().uuidString)")
            try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
            certificate = folder.appendingPathComponent("certificate.pem").path
            key = folder.appendingPathComponent("key.pem").path
            let process = Process()
            process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
            process.arguments =
                ["openssl", "req", "-x509", "-nodes", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-days", "3650"]
                + ["-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost", "-keyout", key, "-out", certificate]
            process.standardError = FileHandle.nullDevice
            try process.run()
            #expect(process.waitForExit() == 0)
        }

        deinit {
            try? FileManager.default.removeItem(at: folder)
        }
    }

    @Test("serve and call over TLS: each side proves who it is, and says what it misses")
    func mutual() async throws {
        let files = try Certificate()
        let server = try HoldfastCommand(
            "serve", "say", "--port", "0", "--tls-cert", files.certificate, "--tls-key", files.key, "--client-ca", files.certificate)
        let line = try #require(await server.line(containing: "say listens on 127.0.0.1:"))
        let port = try #require(line.split(separator: ":").last.map(String.init))
        let call = ["call", "say", "--port", port]
        let tls = call + ["--tls", "--ca", files.certificate]
        let known = try await HoldfastCommand(
            tls + ["--server-name", "localhost", "--cert", files.certificate, "--key", files.key]
        ).finish()
        #expect(known.status == 0 && known.output == "[{\"kitty\":\"hello world!\"}]\n", "\(known)")

        let nameless = try await HoldfastCommand(tls).finish()
        #expect(nameless.status == 1 && nameless.errors.contains("127.0.0.1"), "\(nameless)")
        let anonymous = try await HoldfastCommand(tls + ["--host", "localhost"]).finish()
        #expect(anonymous.status == 1 && anonymous.errors.contains("certificate"), "\(anonymous)")
        #expect(await server.errorLine(containing: "no connection with ")?.contains("certificate") == true)
        let distrustful = try await HoldfastCommand(call + ["--tls", "--host", "localhost"]).finish()
        #expect(distrustful.status == 1 && distrustful.errors.contains("does not trust"), "\(distrustful)")
        let plain = try await HoldfastCommand(call).finish()
        #expect(plain.status == 1 && plain.errors.contains("TLS"), "\(plain)")
        server.send(SIGTERM)
        let ended = await server.finish()
        #expect(ended.status == 0)
    }

    @Test("A file that is none is named, on both sides")
    func wrongFile() async throws {
        let calling = try await HoldfastCommand("call", "say", "--tls", "--ca", "/nowhere.pem").finish()
        #expect(calling.status == 64 && calling.errors.contains("/nowhere.pem cannot be read"), "\(calling)")
        let serving = try await HoldfastCommand("serve", "say", "--tls-cert", "/nowhere.pem", "--tls-key", "/nowhere.key").finish()
        #expect(serving.status == 64 && serving.errors.contains("/nowhere.key cannot be read"), "\(serving)")
    }
    #endif
}
