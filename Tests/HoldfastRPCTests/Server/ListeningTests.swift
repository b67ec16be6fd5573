import Foundation
import Holdfast
import HoldfastRPC
import Testing

@Suite("Where a server listens")
struct ListeningTests {
    /// Runs `body` with a path in a folder of its own.
    private func withPath(_ body: (String) async throws -> Void) async throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "hf-\(UInt32.random(in: 0...(.max)))")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        try await body(folder.appending(path: "s").path())
    }

    private func answers(_ client: RPCClient) async throws {
        #expect(try await client.unary(FourKinds.unary, "x").message == "X")
        await client.shutdown()
    }

    @Test("An address of IPv6", .enabled(if: FileManager.default.fileExists(atPath: "/proc/net/if_inet6")))
    func version6() async throws {
        let peers = Locked<[String]>([])
        let note: ServerInterceptor = { call, next in
            peers.withLock { $0 += [call.peerHost, call.peer] }
            try await next()
        }
        try await serving([FourKindsService()], interceptors: [note], host: "::1") { server in
            try await answers(RPCClient(host: "::1", port: server.port, security: .plaintext))
        }
        let seen = peers.withLock { $0 }
        #expect(seen.first == "::1" && seen.last?.hasPrefix("[::1]:") == true)
    }

    @Test("A Unix domain socket, whose file goes with the server")
    func unixSocket() async throws {
        try await withPath { path in
            let note: ServerInterceptor = { call, next in
                #expect(call.peer == "unix")
                try await next()
            }
            let server = try await RPCServer.start(
                unixSocket: path, security: .plaintext, services: [FourKindsService()], interceptors: [note])
            #expect(server.host == path && server.port == 0)
            try await answers(RPCClient(unixSocket: path, security: .plaintext))
            await server.shutdown(grace: .zero)
            #expect(!FileManager.default.fileExists(atPath: path))
        }
    }

    @Test("A file that nobody listens on any more is removed, one that somebody does is not")
    func staleSocket() async throws {
        try await withPath { path in
            let first = try await RPCServer.start(unixSocket: path, security: .plaintext, services: [FourKindsService()])
            let error = await #expect(throws: ServerStartError.self) {
                try await RPCServer.start(unixSocket: path, security: .plaintext, services: [])
            }
            #expect(error?.description == "\(path) is already in use: stop what listens there, or choose another path")
            try await answers(RPCClient(unixSocket: path, security: .plaintext))
            // A second name keeps the file when the server removes the first: as if the server had been killed.
            try FileManager.default.linkItem(atPath: path, toPath: path + "2")
            await first.shutdown(grace: .zero)
            let second = try await RPCServer.start(unixSocket: path + "2", security: .plaintext, services: [FourKindsService()])
            try await answers(RPCClient(unixSocket: path + "2", security: .plaintext))
            await second.shutdown(grace: .zero)
        }
    }

    @Test("A path that cannot be listened on is one clear error")
    func badPaths() async throws {
        try await withPath { path in
            #expect(FileManager.default.createFile(atPath: path, contents: nil))
            for (bad, problem) in [
                (path, "\(path) is no socket: give another path, or remove what is there"),
                (String(repeating: "x", count: 104), "is no path of a socket: give one of 1 to 103 bytes"),
                ("", "is no path of a socket: give one of 1 to 103 bytes"),
                ("/nowhere/s", "cannot listen on /nowhere/s: No such file or directory"),
            ] {
                let error = await #expect(throws: ServerStartError.self) {
                    try await RPCServer.start(unixSocket: bad, security: .plaintext, services: [])
                }
                #expect(error?.description.hasSuffix(problem) == true, "\(error?.description ?? "")")
            }
            #expect(FileManager.default.fileExists(atPath: path))
        }
    }
}
