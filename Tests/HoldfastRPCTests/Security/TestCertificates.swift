#if TLS
import Foundation
import ProcessExit

@testable import HoldfastRPC

/// Certificates made by the `openssl` command when the first test asks for them, with elliptic keys, which are made quickly.
///
/// `server` bears localhost and 127.0.0.1 and, as `client` and `client-2`, is signed by the authority `ca`; `stranger` is signed by `other-ca`.
struct TestCertificates: Sendable {
    static let shared = Result { try TestCertificates() }

    private let folder: URL

    func path(_ file: String) -> String { folder.appending(path: file).path() }

    func pem(_ file: String) -> PEMSource { .file(path(file)) }

    func text(_ file: String) throws -> [UInt8] { Array(try Data(contentsOf: folder.appending(path: file))) }

    func identity(_ name: String) -> TLSIdentity {
        TLSIdentity(certificateChain: pem("\(name).pem"), privateKey: pem("\(name).key"))
    }

    func roots(_ authority: String = "ca") -> TrustRoots { .pem(pem("\(authority).pem")) }

    private init() throws {
        folder = FileManager.default.temporaryDirectory.appending(path: "holdfast-tls-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        try write("ca.cnf", Self.authorityConfiguration)
        let (start, end) = ("20200101000000Z", "20990101000000Z")
        for authority in ["ca", "other-ca"] {
            try write("\(authority).index", "")
            try write("\(authority).serial", "01\n")
            try openssl(
                ["req", "-x509", "-nodes", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-days", "3650"]
                    + ["-subj", "/CN=Test \(authority)", "-keyout", "\(authority).key", "-out", "\(authority).pem"])
        }
        let local = "DNS:localhost,IP:127.0.0.1"
        try sign("server", by: "ca", names: local, start, end)
        try sign("client", by: "ca", names: "DNS:client.test,URI:spiffe://test/client,email:client@test,IP:10.1.2.3", start, end)
        try sign("client-2", by: "ca", names: "DNS:client-2.test", start, end)
        try sign("elsewhere", by: "ca", names: "DNS:elsewhere.test,IP:10.1.2.3", start, end)
        try sign("expired", by: "ca", names: local, start, "20200201000000Z")
        try sign("future", by: "ca", names: local, "20980101000000Z", end)
        try sign("stranger", by: "other-ca", names: local, start, end)
        try openssl(["pkey", "-in", "server.key", "-aes128", "-passout", "pass:secret", "-out", "encrypted.key"])
        try openssl(["x509", "-in", "server.pem", "-outform", "der", "-out", "server.der"])
        try write("garbage.pem", "-----BEGIN CERTIFICATE-----\nbm9uZQ==\n-----END CERTIFICATE-----\n")
        try write("garbage.key", "-----BEGIN PRIVATE KEY-----\nbm9uZQ==\n-----END PRIVATE KEY-----\n")
    }

    /// `openssl ca` and not `x509`, since only that can sign certificates of the past and the future.
    private func sign(_ name: String, by authority: String, names: String, _ start: String, _ end: String) throws {
        try openssl(
            ["req", "-new", "-nodes", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-subj", "/CN=\(name)"]
                + ["-keyout", "\(name).key", "-out", "\(name).csr"])
        try write("\(name).ext", "basicConstraints=CA:FALSE\nsubjectAltName=\(names)\n")
        try openssl(
            ["ca", "-batch", "-notext", "-config", "ca.cnf", "-name", authority, "-in", "\(name).csr", "-out", "\(name).pem"]
                + ["-extfile", "\(name).ext", "-startdate", start, "-enddate", end])
    }

    private func write(_ file: String, _ text: String) throws {
        try Data(text.utf8).write(to: folder.appending(path: file))
    }

    private func openssl(_ arguments: [String]) throws {
        let process = Process()
        process.executableURL = URL(filePath: "/usr/bin/env")
        process.arguments = ["openssl"] + arguments
        process.currentDirectoryURL = folder
        process.standardOutput = FileHandle.nullDevice
        let complaints = Pipe()
        process.standardError = complaints
        try process.run()
        let text = complaints.fileHandleForReading.readDataToEndOfFile()
        guard process.waitForExit() == 0 else { throw OpenSSLFailure(text: String(decoding: text, as: UTF8.self)) }
    }

    private static let authorityConfiguration =
        ["ca", "other-ca"].map { name in
            """
            [\(name)]
            database = \(name).index
            serial = \(name).serial
            certificate = \(name).pem
            private_key = \(name).key
            new_certs_dir = .
            default_md = sha256
            policy = any
            unique_subject = no
            """
        }.joined(separator: "\n") + "\n[any]\ncommonName = supplied\n"
}

struct OpenSSLFailure: Error {
    let text: String
}
#endif
