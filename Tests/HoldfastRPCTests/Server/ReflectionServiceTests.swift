import Holdfast
import SayEcho
import SwiftProtobuf
import Testing

@testable import HoldfastRPC

@Suite("The reflection service")
struct ReflectionServiceTests {
    private typealias Request = Grpc_Reflection_V1_ServerReflectionRequest
    private typealias Response = Grpc_Reflection_V1_ServerReflectionResponse

    private static func reflection() throws -> ReflectionService {
        try ReflectionService(fileDescriptorSets: [SayEchoDescriptors.fileDescriptorSet])
    }

    /// The answers to `questions`, in order.
    private func ask(_ version: String, _ questions: [Request.OneOf_MessageRequest?]) async throws -> [Response] {
        let method = RPCMethod<Request, Response>(
            service: "grpc.reflection.\(version).ServerReflection", name: "ServerReflectionInfo", kind: .bidirectional)
        let server = try await RPCServer.start(
            host: "127.0.0.1", port: 0, security: .plaintext,
            services: [try Self.reflection(), SayService(), EchoService(), HealthService()])
        let answers = try await calling(server) { client in
            try await client.bidirectional(method) { requests, responses in
                for question in questions { try await requests.write(.with { $0.messageRequest = question }) }
                requests.finish()
                return try await responses.reduce(into: []) { $0.append($1) }
            }
        }
        await server.shutdown(grace: .zero)
        return answers
    }

    @Test("The services are those that the server serves, in both versions", arguments: ["v1", "v1alpha"])
    func services(version: String) async throws {
        let answers = try await ask(version, [.listServices("")])
        #expect(
            answers.first?.listServicesResponse.service.map(\.name) == [
                "echoserver.EchoService", "grpc.health.v1.Health", "grpc.reflection.v1.ServerReflection",
                "grpc.reflection.v1alpha.ServerReflection", "grpconepb.grpconepb",
            ])
    }

    private static let files: [(Request.OneOf_MessageRequest, file: String)] = [
        (.fileByFilename("echo.proto"), "echo.proto"),
        (.fileContainingSymbol("echoserver.EchoService"), "echo.proto"),
        (.fileContainingSymbol("echoserver.EchoService.Stream"), "echo.proto"),
        (.fileContainingSymbol("echoserver.Heartbeat.Status"), "echo.proto"),
        (.fileContainingSymbol("echoserver.Heartbeat.status"), "echo.proto"),
        (.fileContainingSymbol("echoserver.Heartbeat.OK"), "echo.proto"),
        (.fileContainingSymbol("grpconepb.Say"), "say.proto"),
        (.fileContainingSymbol("grpc.health.v1.HealthListResponse.StatusesEntry"), "grpc/health/v1/health.proto"),
        (.fileContainingSymbol("grpc.reflection.v1alpha.ServerReflection"), "grpc/reflection/v1alpha/reflection.proto"),
    ]

    @Test("Files are found by their names, and by all that they declare")
    func found() async throws {
        let answers = try await ask("v1", Self.files.map(\.0))
        for ((question, file), answer) in zip(Self.files, answers) {
            let bytes = try #require(answer.fileDescriptorResponse.fileDescriptorProto.first)
            #expect(try Google_Protobuf_FileDescriptorProto(serializedBytes: bytes).name == file)
            #expect(answer.originalRequest.messageRequest == question)
        }
        #expect(answers.count == Self.files.count)
    }

    @Test("What is not there is an error in the answer, and the stream goes on")
    func missing() async throws {
        let answers = try await ask(
            "v1",
            [
                .fileByFilename("no.proto"), .fileContainingSymbol("no.Such"), .allExtensionNumbersOfType("no.Such"),
                .fileContainingExtension(.with { $0.containingType = "grpconepb.Say" }), nil,
                .allExtensionNumbersOfType("grpconepb.Say"),
            ])
        let codes = answers.dropLast().map { Int($0.errorResponse.errorCode) }
        #expect(codes == [5, 5, 5, 5, 3])
        #expect(answers.first?.errorResponse.errorMessage == "there is no file no.proto")
        #expect(answers.last?.allExtensionNumbersResponse.baseTypeName == "grpconepb.Say")
        #expect(answers.last?.allExtensionNumbersResponse.extensionNumber == [])
    }

    @Test("Extensions and imports are found")
    func extensions() throws {
        var base = Google_Protobuf_FileDescriptorProto()
        base.name = "base.proto"
        base.package = "t"
        base.messageType = [.with { $0.name = "Base" }]
        var more = Google_Protobuf_FileDescriptorProto()
        more.name = "more.proto"
        more.dependency = ["base.proto"]
        more.extension = [7, 5].map { (number: Int32) in
            .with {
                $0.name = "field\(number)"
                $0.extendee = ".t.Base"
                $0.number = number
            }
        }
        let set = Google_Protobuf_FileDescriptorSet.with { $0.file = [base, more] }
        let index = try DescriptorIndex([try set.serializedBytes()])
        #expect(index.extensions(of: "t.Base") == [5, 7])
        #expect(index.files(extending: "t.Base", number: 5)?.count == 2)
        #expect(index.files(extending: "t.Base", number: 6) == nil)
        #expect(index.files(declaring: "field7")?.count == 2)

        let incomplete = try Google_Protobuf_FileDescriptorSet.with { $0.file = [more] }.serializedBytes() as [UInt8]
        let error = #expect(throws: ConfigurationError.self) { try ReflectionService(fileDescriptorSets: [incomplete]) }
        #expect(error?.problem == "imports base.proto, which is not there; give protoc the option --include_imports")
    }

    @Test("Bytes that are no descriptions are refused", arguments: [[], [255], [1, 2, 3]])
    func garbage(bytes: [UInt8]) {
        let error = #expect(throws: ConfigurationError.self) { try ReflectionService(fileDescriptorSets: [bytes]) }
        #expect(error?.field == "fileDescriptorSets[0]")
    }
}
