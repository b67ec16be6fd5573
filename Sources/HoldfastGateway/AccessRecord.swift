public import Holdfast
import HoldfastPolicyFiles

/// What became of one request, for the log.
public struct AccessRecord: Sendable {
    /// The request's identity: what `x-request-id` said, or a new one.
    public var id: String
    /// The client: its key's first characters, or its address.
    public var client: String
    /// The method of HTTP; empty when no request was read.
    public var method: String
    /// The path, without the query, in which secrets may stand.
    public var path: String
    /// The route's name; nil when there is none.
    public var route: String?
    /// The status of HTTP; 101 for a WebSocket, 0 when the connection was gone before there was one.
    public var status: Int
    /// How the call ended.
    public var code: StatusCode
    /// What a WebSocket was closed with by the gateway; nil for a request.
    public var closeCode: Int?
    /// What went wrong, with what clients are not told.
    public var failure: String?
    /// The fallback step that answered.
    public var fallback: String?
    /// How many messages were sent.
    public var answers: Int
    /// How long it took.
    public var duration: Duration

    /// The record as a JSON object on one line.
    public var json: String {
        var members: [(String, JSONText)] = [
            ("id", .string(id)), ("client", .string(client)), ("method", .string(method)), ("path", .string(path)),
        ]
        if let route { members.append(("route", .string(route))) }
        members += [("status", .integer(status)), ("code", .string(code.name))]
        if let closeCode { members.append(("closeCode", .integer(closeCode))) }
        if let failure { members.append(("failure", .string(failure))) }
        if let fallback { members.append(("fallback", .string(fallback))) }
        members += [
            ("answers", .integer(answers)), ("milliseconds", .number((duration.seconds * 1e6).rounded() / 1e3)),
        ]
        return JSONText.object(members).text
    }
}
