import Holdfast

/// Turns what a codec throws into the status of the call.
enum Codec {
    static func encode<Value>(_ value: Value, _ encode: (Value) throws -> [UInt8], _ method: String) throws(RPCError) -> [UInt8] {
        do {
            return try encode(value)
        } catch {
            throw .local(.internalError, "a message of \(method) could not be encoded: \(error)")
        }
    }

    /// Decodes a response.
    static func decode<Value>(_ bytes: [UInt8], _ decode: ([UInt8]) throws -> Value, _ method: String) throws(RPCError) -> Value {
        do {
            return try decode(bytes)
        } catch {
            throw .local(.internalError, "a response of \(method) is no valid \(Value.self): \(error)")
        }
    }

    /// Decodes a request, on the server. What is no message is INTERNAL, as in gRPC's list of status codes, and not the handler's word
    /// INVALID_ARGUMENT.
    static func decodeRequest<Value>(
        _ bytes: [UInt8], _ decode: ([UInt8]) throws -> Value, _ method: String
    ) throws(RPCError) -> Value {
        do {
            return try decode(bytes)
        } catch {
            throw RPCError(.internalError, "a request of \(method) is no valid \(Value.self): \(error)")
        }
    }
}
