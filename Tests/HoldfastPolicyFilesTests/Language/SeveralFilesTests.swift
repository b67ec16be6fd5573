import Foundation
import HoldfastPolicyFiles
import Testing

@Suite("Several files and directories")
struct SeveralFilesTests {
    private let folder = FileManager.default.temporaryDirectory.appending(path: "holdfast-\(UUID().uuidString)").path

    /// Reads a directory of these files; what is wrong, without the directory's name.
    private func read(_ files: KeyValuePairs<String, String>) throws -> Result<PolicyDocument, DocumentError> {
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        for (name, text) in files { try text.write(toFile: "\(folder)/\(name)", atomically: true, encoding: .utf8) }
        return Result { () throws(DocumentError) in try PolicyDocument(path: folder, environment: [:]) }
    }

    private func message(_ files: KeyValuePairs<String, String>) throws -> String {
        guard case .failure(let error) = try read(files) else { return "no error" }
        return error.description.replacing("\(folder)/", with: "").replacing(folder, with: "the directory")
    }

    @Test("What one file defines, all may use; other files are left alone")
    func together() throws {
        let document = try read([
            "b.json":
                #"{ "version": 1, "policies": { "base": { "pipeline": [{ "timeout": { "after": "1s" } }] } }, "routes": { "*": "say" } }"#,
            "a.json5": #"{ version: 1, policies: { say: { extends: "base", pipeline: [{ throttle: { defaults: "d" } }] } } }"#,
            "c.jsonc": #"{ "version": 1, "policies": {}, "defaults": { "d": { "throttle": { "k": 3 } } } }"#,
            "policy.schema.json": "{}", "README.md": "no JSON", ".hidden.json": "no JSON",
        ]).get()
        #expect(document.elementNames == ["say/throttle", "say/timeout", "base/timeout"])
        #expect(document.routes.map(\.policy) == ["say"])
        #expect(document.file == folder)
    }

    @Test("What stands in two files is an error that names both places")
    func conflicts() throws {
        #expect(
            try message([
                "a.json": #"{ "version": 1, "policies": { "say": {} }, "routes": { "*": "say" } }"#,
                "b.json": #"{ "version": 1, "policies": { "say": {} }, "routes": { "*": "say" } }"#,
            ]) == """
                b.json:1:31: policies.say: the policy "say" is also policies.say in a.json:1:31; keep one, or rename one
                b.json:1:56: routes["*"]: the route "*" is also routes["*"] in a.json:1:56; keep one
                """)
        #expect(
            try message([
                "a.json": #"{ "version": 1, "policies": { "a": { "pipeline": [{ "throttle": { "shared": "t" } }] } } }"#,
                "b.json": #"{ "version": 1, "policies": { "b": { "pipeline": [{ "throttle": { "shared": "t", "k": 3 } }] } } }"#,
            ]) == """
                b.json:1:65: policies.b.pipeline[0].throttle: the settings differ from those of the same shared gate at \
                policies.a.pipeline[0].throttle in a.json:1:65; give both the same
                """)
        #expect(
            try message([
                "a.json": #"{ "version": 1, "policies": {}, "defaults": { "d": { "throttle": {} } } }"#,
                "b.json": #"{ "version": 1, "policies": {}, "defaults": { "d": { "throttle": {} } } }"#,
            ]).hasPrefix(#"b.json:1:47: defaults.d: the defaults "d" are also defaults.d.throttle in a.json:1:66"#))
    }

    @Test("All files' mistakes come in one run, file by file")
    func mistakes() throws {
        #expect(
            try message([
                "a.json": #"{ "version": 2, "policies": { "a": { "pipelin": [] } } }"#, "b.json": #"{ "version": 1, "polices": {} }"#,
            ]) == """
                a.json:1:14: version: version 2 is not one that this program reads; expected 1
                a.json:1:38: policies.a.pipelin: unknown key; did you mean "pipeline"?
                b.json:1:17: polices: unknown key; did you mean "policies"?
                """)
        #expect(try message(["README.md": ""]) == "the directory: there is no file here that ends in .json, .json5 or .jsonc")
    }

    @Test("The ending of a file's name says the same in capitals", arguments: ["x.JSON5", "x.JsonC"])
    func capitals(name: String) throws {
        let text = "{ version: 1, /* none yet */ policies: {}, }"
        _ = try PolicyDocument(file: name, bytes: Array(text.utf8))
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        try text.write(toFile: "\(folder)/\(name)", atomically: false, encoding: .utf8)
        #expect(try PolicyDocument(path: folder).policies.isEmpty)
    }

    @Test("A pipe, a device or a huge file in a directory is refused at once")
    func hostile() throws {
        func message(_ prepare: (String) -> Void) throws -> String {
            try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
            defer { try? FileManager.default.removeItem(atPath: folder) }
            prepare("\(folder)/a.json")
            let error = #expect(throws: DocumentError.self) { try PolicyDocument(path: folder) }
            return "\(error?.diagnostics.first?.message ?? "")"
        }
        #expect(try message { mkfifo($0, 0o600) } == "this is a pipe; expected a regular JSON file")
        #expect(try message { symlink("/dev/zero", $0) } == "this is a device or socket; expected a regular JSON file")
        #expect(
            try message { path in
                _ = FileManager.default.createFile(atPath: path, contents: nil)  // what fails here shows in the message
                truncate(path, 100 << 20)
            } == "the file is larger than 16 MiB")
    }
}
