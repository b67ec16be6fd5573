import Foundation

#if canImport(Glibc)
import Glibc
#endif

/// `nghttpd`, nghttp2's server, with a small file to fetch.
enum Nghttpd {
    static let command = "nghttpd"
    static let path = "/file"
    static let fileLength = 38

    static func makeFolder() throws -> URL {
        let folder = FileManager.default.temporaryDirectory.appending(path: "holdfast-benchmark-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        try Data(repeating: 0x66, count: fileLength).write(to: folder.appending(path: path))
        return folder
    }

    /// A port that nobody listens on now.
    static func freePort() -> Int {
        withSocket { descriptor in
            bind(descriptor, port: 0)
            var address = sockaddr_in()
            var length = socklen_t(MemoryLayout<sockaddr_in>.size)
            withUnsafeMutablePointer(to: &address) {
                $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { _ = getsockname(descriptor, $0, &length) }
            }
            return Int(UInt16(bigEndian: address.sin_port))
        }
    }

    /// It says nothing when it is ready: asked until it answers.
    static func waitUntilServed(_ port: Int) throws {
        for _ in 0..<200 {
            if withSocket({ connect($0, port: port) }) { return }
            Thread.sleep(forTimeInterval: 0.02)
        }
        throw BenchmarkError("nghttpd does not answer on port \(port)")
    }

    private static func withSocket<Result>(_ body: (Int32) -> Result) -> Result {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        defer { close(descriptor) }
        return body(descriptor)
    }

    @discardableResult
    private static func bind(_ descriptor: Int32, port: Int) -> Bool {
        withLoopback(port) { Glibc.bind(descriptor, $0, $1) } == 0
    }

    private static func connect(_ descriptor: Int32, port: Int) -> Bool {
        withLoopback(port) { Glibc.connect(descriptor, $0, $1) } == 0
    }

    private static func withLoopback(_ port: Int, _ body: (UnsafePointer<sockaddr>, socklen_t) -> Int32) -> Int32 {
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = UInt16(port).bigEndian
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        return withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { body($0, socklen_t(MemoryLayout<sockaddr_in>.size)) }
        }
    }
}
