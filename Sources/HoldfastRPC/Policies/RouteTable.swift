import Holdfast

/// Which policy applies to which method. The most specific route wins: the method, then its service, then all.
public struct RouteTable: Sendable {
    /// One reference for all of it, since every call takes the table that is in force when it begins.
    private final class Storage: Sendable {
        let methods: ByteTable<RoutePolicy>
        let services: ByteTable<RoutePolicy>
        let rest: RoutePolicy?

        init(methods: [String: RoutePolicy], services: [String: RoutePolicy], rest: RoutePolicy?) {
            self.methods = ByteTable(methods)
            self.services = ByteTable(services)
            self.rest = rest
        }
    }

    /// Nil for no routes.
    private let storage: Storage?

    /// A table without routes: no policy applies to any call.
    public static let empty = RouteTable()

    /// Makes a table.
    /// - Parameters:
    ///   - methods: by path, `/package.Service/Method`.
    ///   - services: by full name, `package.Service`.
    ///   - rest: for all other calls.
    public init(methods: [String: RoutePolicy] = [:], services: [String: RoutePolicy] = [:], rest: RoutePolicy? = nil) {
        let isEmpty = methods.isEmpty && services.isEmpty && rest == nil
        storage = isEmpty ? nil : Storage(methods: methods, services: services, rest: rest)
    }

    /// Whether there is no route.
    public var isEmpty: Bool { storage == nil }

    /// The policy for that method; nil when no route matches.
    /// - Parameter path: `/package.Service/Method`.
    public func policy(for path: String) -> RoutePolicy? {
        guard let storage else { return nil }
        let bytes = path.utf8Span.span
        if let method = storage.methods.value(for: bytes) { return method }
        guard !storage.services.isEmpty, let slash = bytes.indices.last(where: { bytes[$0] == UInt8(ascii: "/") }), slash > 0 else {
            return storage.rest
        }
        return storage.services.value(for: bytes.extracting(1..<slash)) ?? storage.rest
    }

    /// Every policy in the table, each once; routes may share one. Of one name two are different when they are made of different parts.
    public var all: [RoutePolicy] {
        guard let storage else { return [] }
        var seen: Set<[AnyHashable]> = []
        return (storage.methods.values + storage.services.values + (storage.rest.map { [$0] } ?? [])).filter { route in
            seen.insert([route.name] + route.policies.map { ObjectIdentifier($0.eventSource) }).inserted
        }
    }
}
