/// Which requests, attempts, or parts of connections a fault hits.
package struct Selection: Sendable, Hashable, Codable {
    /// What is counted and drawn for.
    package enum Unit: String, Sendable, Hashable, Codable {
        /// A call: all of its attempts share its fate.
        case request
        /// Each attempt of a call on its own.
        case attempt
        /// Each connection through a proxy.
        case connection
        /// Each read of a connection, one way; for frames each frame.
        case chunk
        /// Each stream of an HTTP/2 connection.
        case stream
    }

    package enum Share: Sendable, Hashable, Codable {
        /// Each with this probability, 0...1.
        case probability(Double)
        /// The one that comes nth, from 1.
        case nth(Int)
        /// Each one whose number, from 1, is a multiple.
        case every(Int)
        /// The first so many.
        case first(Int)
    }

    package var per: Unit
    package var share: Share

    package init(per: Unit, share: Share) {
        self.per = per
        self.share = share
    }
}
