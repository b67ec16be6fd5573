/// What answers the calls.
enum ServerKind: String, CaseIterable {
    /// Our server with the Say service.
    case holdfast
    /// The same service on grpc-swift-2; built with the trait `Peers` only.
    case grpcSwift
    /// nghttp2's own server with a small file: what C can do.
    case nghttpd

    var name: String {
        switch self {
        case .holdfast: "Holdfast"
        case .grpcSwift: "grpc-swift-2"
        case .nghttpd: "nghttpd (C), a file"
        }
    }

    /// Whether it can be measured here.
    var isAvailable: Bool {
        switch self {
        case .holdfast: true
        case .grpcSwift: GRPCSwift.isBuilt
        case .nghttpd: Tool.find(Nghttpd.command) != nil
        }
    }
}
