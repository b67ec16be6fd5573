import Holdfast
import SwiftProtobuf

/// The `.proto` files of a server, to be found by their names and by what they declare.
struct DescriptorIndex: Sendable {
    private struct File: Sendable {
        let bytes: [UInt8]
        let imports: [String]
    }

    private struct ExtensionKey: Hashable {
        let type: String
        let number: Int32
    }

    private var files: [String: File] = [:]
    private var filesBySymbol: [String: String] = [:]
    private var filesByExtension: [ExtensionKey: String] = [:]
    private var extensionNumbers: [String: [Int32]] = [:]
    private var types: Set<String> = []

    /// - Parameter sets: serialized `google.protobuf.FileDescriptorSet` messages. A file that is in several counts once.
    init(_ sets: [[UInt8]]) throws(ConfigurationError) {
        for (index, bytes) in sets.enumerated() {
            let field = "fileDescriptorSets[\(index)]"
            guard let set = try? Google_Protobuf_FileDescriptorSet(serializedBytes: bytes), !set.file.isEmpty else {
                throw ConfigurationError(field, "\(bytes.count) bytes", "is no google.protobuf.FileDescriptorSet with files in it")
            }
            for file in set.file where files[file.name] == nil {
                guard let bytes: [UInt8] = try? file.serializedBytes() else {
                    throw ConfigurationError(field, file.name, "cannot be written again")
                }
                add(file, bytes)
            }
            for file in set.file {
                guard let missing = file.dependency.first(where: { files[$0] == nil }) else { continue }
                throw ConfigurationError(
                    field, file.name, "imports \(missing), which is not there; give protoc the option --include_imports")
            }
        }
    }

    private mutating func add(_ file: Google_Protobuf_FileDescriptorProto, _ bytes: [UInt8]) {
        files[file.name] = File(bytes: bytes, imports: file.dependency)
        let package = file.package
        for service in file.service {
            let name = Self.join(package, service.name)
            filesBySymbol[name] = file.name
            for method in service.method { filesBySymbol[Self.join(name, method.name)] = file.name }
        }
        for type in file.messageType { add(type, in: package, file.name) }
        for type in file.enumType { add(type, in: package, file.name) }
        for field in file.extension { add(field, in: package, file.name) }
    }

    private mutating func add(_ type: Google_Protobuf_DescriptorProto, in scope: String, _ file: String) {
        let name = Self.join(scope, type.name)
        filesBySymbol[name] = file
        types.insert(name)
        for field in type.field { filesBySymbol[Self.join(name, field.name)] = file }
        for choice in type.oneofDecl { filesBySymbol[Self.join(name, choice.name)] = file }
        for nested in type.nestedType { add(nested, in: name, file) }
        for nested in type.enumType { add(nested, in: name, file) }
        for field in type.extension { add(field, in: name, file) }
    }

    private mutating func add(_ type: Google_Protobuf_EnumDescriptorProto, in scope: String, _ file: String) {
        filesBySymbol[Self.join(scope, type.name)] = file
        // A value's name stands beside its type's, not within it.
        for value in type.value { filesBySymbol[Self.join(scope, value.name)] = file }
    }

    private mutating func add(_ field: Google_Protobuf_FieldDescriptorProto, in scope: String, _ file: String) {
        filesBySymbol[Self.join(scope, field.name)] = file
        let type = field.extendee.hasPrefix(".") ? String(field.extendee.dropFirst()) : field.extendee
        filesByExtension[ExtensionKey(type: type, number: field.number)] = file
        extensionNumbers[type, default: []].append(field.number)
    }

    private static func join(_ scope: String, _ name: String) -> String {
        scope.isEmpty ? name : "\(scope).\(name)"
    }

    /// The file of that name and all that it needs, each once, itself first; nil when there is none.
    func files(named name: String) -> [[UInt8]]? {
        guard files[name] != nil else { return nil }
        var found: [[UInt8]] = []
        var seen: Set<String> = [name]
        var pending = [name]
        while !pending.isEmpty {
            guard let file = files[pending.removeFirst()] else { continue }
            found.append(file.bytes)
            pending += file.imports.filter { seen.insert($0).inserted }
        }
        return found
    }

    /// The file that declares a symbol, and all that it needs.
    func files(declaring symbol: String) -> [[UInt8]]? {
        filesBySymbol[symbol].flatMap(files(named:))
    }

    /// The file that declares an extension, and all that it needs.
    func files(extending type: String, number: Int32) -> [[UInt8]]? {
        filesByExtension[ExtensionKey(type: type, number: number)].flatMap(files(named:))
    }

    /// The numbers of a message type's extensions; nil when there is no such type.
    func extensions(of type: String) -> [Int32]? {
        types.contains(type) ? (extensionNumbers[type] ?? []).sorted() : nil
    }
}
