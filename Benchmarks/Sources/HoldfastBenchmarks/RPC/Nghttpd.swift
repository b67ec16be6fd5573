import Foundation

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
}
