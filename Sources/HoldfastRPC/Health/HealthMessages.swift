import SwiftProtobuf

/// The messages of `grpc.health.v1.Health/Check` as bytes, for those who call it with bytes.
package enum HealthMessages {
    /// A request, of its fields in JSON.
    package static func request(json: String) throws -> [UInt8] {
        try Grpc_Health_V1_HealthCheckRequest(jsonString: json).serializedBytes()
    }

    /// An answer that says whether the service is well.
    package static func answer(isServing: Bool) throws -> [UInt8] {
        try Grpc_Health_V1_HealthCheckResponse.with { $0.status = isServing ? .serving : .notServing }.serializedBytes()
    }

    /// What an answer says.
    package static func isServing(_ answer: [UInt8]) throws -> Bool {
        try Grpc_Health_V1_HealthCheckResponse(serializedBytes: answer).status == .serving
    }
}
