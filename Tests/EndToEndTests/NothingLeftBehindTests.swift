import Foundation
import Testing

@Suite("Whatever ends a runner, and whenever, nothing of its run is left", .serialized)
struct NothingLeftBehindTests {
    /// When a signal comes, in milliseconds from the start of the command: by chance, and the same each time.
    private static let moments: [Int] = {
        var state: UInt64 = 20_261_130
        return (0..<5).map { _ in
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return Int(state >> 33) % 6_000
        }
    }()

    @Test(
        "No process, stopped or not, no port, no file but the reports, no control group", .timeLimit(.minutes(5)),
        arguments: [SIGINT, SIGTERM, SIGKILL], moments + [0, 300])
    func signalled(signal: Int32, milliseconds: Int) async throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("holdfast-\(UUID().uuidString)")
        let (output, temporary) = (folder.appendingPathComponent("output"), folder.appendingPathComponent("tmp"))
        try FileManager.default.createDirectory(at: temporary, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let family = Descendants()
        let command = try HoldfastCommand(
            shell: "exec env \"$1\" TMPDIR=\"$2\" \"$0\" chaos run \"$3\" --output \"$4\"", family.mark, temporary.path,
            HoldfastCommand.file("abuse.json"), output.path)
        try await Task.sleep(for: .milliseconds(milliseconds))
        let ports = family.ports
        command.send(signal)
        _ = await command.finish()
        try await family.awaitEnd()
        for port in ports {
            // What was given back may be another test's by now, for as long as that takes.
            for _ in 0..<300 where !Self.isFree(port) { try await Task.sleep(for: .milliseconds(100)) }
            #expect(Self.isFree(port), "port \(port)")
        }
        #expect(Descendants.controlGroups(of: command.processID).isEmpty)
        let files = (try? FileManager.default.contentsOfDirectory(atPath: output.path)) ?? []
        #expect(Set(files).isSubset(of: ["journal.ndjson", "result.json", "report.html", "junit.xml"]))
        #expect(try FileManager.default.contentsOfDirectory(atPath: temporary.path).isEmpty)
    }

    /// Whether somebody can listen on a port.
    private static func isFree(_ port: UInt16) -> Bool {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        defer { close(descriptor) }
        var reuse: Int32 = 1
        setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &reuse, socklen_t(MemoryLayout<Int32>.size))
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = port.bigEndian
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        return withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
                bind(descriptor, address, socklen_t(MemoryLayout<sockaddr_in>.size)) == 0 && listen(descriptor, 1) == 0
            }
        }
    }
}
