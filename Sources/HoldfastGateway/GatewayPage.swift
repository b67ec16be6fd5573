/// A page that a gateway serves as it is, beside its routes.
public struct GatewayPage: Sendable {
    /// The path, without a query.
    public let path: String
    /// The whole page, in HTML and UTF-8. It may load nothing from elsewhere, and ask only the gateway.
    public let html: [UInt8]

    /// Makes a page.
    public init(_ path: String, html: [UInt8]) {
        self.path = path
        self.html = html
    }
}
