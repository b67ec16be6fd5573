public import Holdfast
import SwiftProtobuf

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// The reflection service of gRPC, `grpc.reflection.v1.ServerReflection` and its `v1alpha`: tools such as grpcurl ask it what the
/// server offers, and how the messages look.
///
/// Generated Swift code does not carry the descriptions of its files, so the program brings them along, as protoc writes them:
/// `protoc --include_imports --descriptor_set_out=services.bin *.proto`.
///
/// ```swift
/// let reflection = try ReflectionService(fileDescriptorSets: [SayEchoDescriptors.fileDescriptorSet])
/// let server = try await RPCServer.start(host: "0.0.0.0", port: 50051, security: .plaintext, services: [SayService(), reflection])
/// ```
///
/// It lists the services that the server serves, whether it can describe them or not. Health and reflection it can describe itself.
public struct ReflectionService: RPCService {
    private typealias Request = Grpc_Reflection_V1_ServerReflectionRequest
    private typealias Response = Grpc_Reflection_V1_ServerReflectionResponse

    private let index: DescriptorIndex

    /// The names of the services of one server, known once all are registered.
    private final class ServiceNames: Sendable {
        let names = Locked<[String]>([])
    }

    /// Makes the service.
    /// - Parameter sets: serialized `google.protobuf.FileDescriptorSet` messages, with imports.
    /// - Throws: `ConfigurationError` when one is none, or lacks an imported file.
    public init(fileDescriptorSets sets: [[UInt8]]) throws(ConfigurationError) {
        index = try DescriptorIndex(sets + [RPCDescriptors.fileDescriptorSet])
    }

    /// Adds `ServerReflectionInfo` of both versions to `router`.
    public func register(on router: inout RPCRouter) {
        let services = ServiceNames()
        router.onComplete { router in
            let names = Set(router.methods.map(\.service)).sorted()
            services.names.withLock { $0 = names }
        }
        // The messages of both are the same on the wire.
        for package in ["grpc.reflection.v1", "grpc.reflection.v1alpha"] {
            let method = RPCMethod<Request, Response>(
                service: "\(package).ServerReflection", name: "ServerReflectionInfo", kind: .bidirectional)
            router.bidirectional(method) { requests, responses, _ in
                for try await request in requests { try await responses.write(answer(request, services.names.withLock { $0 })) }
            }
        }
    }

    private func answer(_ request: Request, _ services: [String]) -> Response {
        var response = Response()
        response.validHost = request.host
        response.originalRequest = request
        switch request.messageRequest {
        case .fileByFilename(let name): response.messageResponse = found(index.files(named: name), "file", name)
        case .fileContainingSymbol(let symbol): response.messageResponse = found(index.files(declaring: symbol), "symbol", symbol)
        case .fileContainingExtension(let key):
            let files = index.files(extending: key.containingType, number: key.extensionNumber)
            response.messageResponse = found(files, "extension", "\(key.extensionNumber) of \(key.containingType)")
        case .allExtensionNumbersOfType(let type):
            response.messageResponse =
                index.extensions(of: type).map { numbers in
                    .allExtensionNumbersResponse(
                        .with {
                            $0.baseTypeName = type
                            $0.extensionNumber = numbers
                        })
                } ?? error(.notFound, "there is no message type \(type.printable)")
        case .listServices:
            response.messageResponse = .listServicesResponse(
                .with { $0.service = services.map { name in .with { $0.name = name } } })
        case nil: response.messageResponse = error(.invalidArgument, "the request asks for nothing")
        }
        return response
    }

    private func found(_ files: [[UInt8]]?, _ kind: String, _ name: String) -> Response.OneOf_MessageResponse {
        guard let files else { return error(.notFound, "there is no \(kind) \(name.printable)") }
        return .fileDescriptorResponse(.with { $0.fileDescriptorProto = files.map { Data($0) } })
    }

    private func error(_ code: StatusCode, _ message: String) -> Response.OneOf_MessageResponse {
        .errorResponse(
            .with {
                $0.errorCode = Int32(code.rawValue)
                $0.errorMessage = message
            })
    }
}
