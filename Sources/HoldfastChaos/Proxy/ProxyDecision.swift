package import Holdfast
import HoldfastPolicyFiles

/// What a proxy did to a connection, or to its listener.
package struct ProxyDecision: Sendable, Hashable {
    package var at: Instant
    /// The id of the fault.
    package var fault: String
    /// The number of the connection, from 1; nil for the listener.
    package var connection: Int?
    /// What of the connection; nil for all of it.
    package var part: ConnectionPart?
    /// What was done, in a few words.
    package var what: String

    /// It as an object of JSON, on one line.
    package var json: String {
        var members: [(String, JSONText)] = [("fault", .string(fault))]
        if let connection { members.append(("connection", .integer(connection))) }
        switch part {
        case .chunk(let flow, let number): members += [("direction", .string(flow.rawValue)), ("chunk", .integer(number))]
        case .stream(let number): members.append(("stream", .integer(Int(number))))
        case nil: break
        }
        members.append(("what", .string(what)))
        return JSONText.object(members).text
    }
}
