import Holdfast

/// Calls per second over the time of a run: straight pieces, one after the other.
package struct RateCurve: Sendable, Hashable {
    /// A stretch of time in which the rate holds or moves in a straight line; seconds from the start of the run, calls per second.
    package struct Piece: Sendable, Hashable {
        let start: Double
        let end: Double
        let startRate: Double
        let endRate: Double

        var calls: Double { (end - start) * (startRate + endRate) / 2 }
    }

    /// The pieces in order of time; between them, and outside, the rate is 0.
    package let pieces: [Piece]

    /// Joins rate points to a curve that ends with the run.
    ///
    /// - Parameters:
    ///   - points: In order of time.
    ///   - end: When the run ends.
    package init(points: [RatePoint], end: Duration) {
        var pieces: [Piece] = []
        for (index, point) in points.enumerated() {
            let start = point.at.offset.seconds
            let next = index + 1 < points.count ? points[index + 1] : nil
            let stop = min(next?.at.offset.seconds ?? end.seconds, end.seconds)
            guard stop > start else { continue }
            let endRate = next?.shape == .linear ? next?.callsPerSecond ?? point.callsPerSecond : point.callsPerSecond
            pieces.append(Piece(start: start, end: stop, startRate: point.callsPerSecond, endRate: endRate))
        }
        self.pieces = pieces
    }

    /// How many calls the curve asks for in all; an expectation, not a count.
    package var expectedCalls: Double {
        pieces.reduce(0) { $0 + $1.calls }
    }
}
