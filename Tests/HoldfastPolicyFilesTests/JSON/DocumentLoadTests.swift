import Foundation
import HoldfastPolicyFiles
import Testing

@Suite struct DocumentLoadTests {
    private let folder = FileManager.default.temporaryDirectory.appending(path: "holdfast-\(UUID().uuidString)").path

    private func load(_ prepare: (String) throws -> Void) throws -> Result<[UInt8], DocumentError> {
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let path = "\(folder)/policy.json"
        try prepare(path)
        return Result { () throws(DocumentError) in try DocumentReader.load(path: path) }
    }

    private func message(_ prepare: (String) throws -> Void) throws -> String {
        guard case .failure(let error) = try load(prepare) else { return "no error" }
        return error.description.replacing("\(folder)/", with: "")
    }

    @Test("A regular file is read whole")
    func regularFile() throws {
        let bytes = [UInt8](repeating: 0x20, count: 200_000)
        let result = try load { try Data(bytes).write(to: URL(filePath: $0)) }
        #expect(try result.get() == bytes)
    }

    @Test("What is no readable regular file is refused at once, with the reason")
    func otherFiles() throws {
        #expect(try message { _ in } == "policy.json: cannot open the file: there is no such file")
        #expect(
            try message { try FileManager.default.createDirectory(atPath: $0, withIntermediateDirectories: false) }
                == "policy.json: this is a directory; expected a JSON file")
        #expect(try message { mkfifo($0, 0o600) } == "policy.json: this is a pipe; expected a regular JSON file")
        #expect(
            try message { try FileManager.default.createSymbolicLink(atPath: $0, withDestinationPath: "/dev/zero") }
                == "policy.json: this is a device or socket; expected a regular JSON file")
    }

    @Test("A file above 16 MiB is refused without reading it")
    func largeFile() throws {
        let result = try message { path in
            try Data().write(to: URL(filePath: path))
            truncate(path, 1 << 40)
        }
        #expect(result == "policy.json: the file is larger than 16 MiB")
    }
}
