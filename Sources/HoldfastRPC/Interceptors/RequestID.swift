package import Holdfast

/// Gives every call an identity that its attempts and its servers' logs share.
public enum RequestID {
    /// The metadata key.
    public static let key = "x-request-id"

    /// Puts a random `x-request-id` of 32 hexadecimal digits into the metadata of calls that have none.
    public static let interceptor: ClientInterceptor = { call, next in
        guard call.options.metadata[key] == nil else { return try await next(call) }
        var call = call
        call.options.metadata[key] = make(RandomSource.system)
        try await next(call)
    }

    /// A new one.
    package static func make(_ random: RandomSource) -> String {
        [random.next(), random.next()].map { half in
            let digits = String(half, radix: 16)
            return String(repeating: "0", count: 16 - digits.count) + digits
        }.joined()
    }
}
