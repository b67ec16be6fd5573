import Holdfast

#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif

/// When the calls of an open load are meant to start: nanoseconds from the start of the run, in order.
///
/// A function of the seed and the load's name alone, so that every variant sees the same arrivals. A nonhomogeneous Poisson
/// process is a unit Poisson process whose time is stretched by the inverse of the cumulative rate; the other arrivals are the
/// same with marks that are spaced otherwise.
package struct ArrivalSchedule: Sequence, Sendable {
    private let curve: RateCurve
    private let process: Arrival.Process
    private let seed: UInt64
    private let load: String

    /// The schedule of the load with that name.
    package init(_ process: Arrival.Process, rate: [RatePoint], end: Duration, seed: UInt64, load: String) {
        curve = RateCurve(points: rate, end: end)
        self.process = process
        self.seed = seed
        self.load = load
    }

    /// An iterator from the first arrival on.
    package func makeIterator() -> Iterator {
        let random = KeyedRandom(seed: seed).keyed("arrivals").keyed(load).sequence
        return Iterator(pieces: curve.pieces, process: process, random: random)
    }

    /// Walks through the pieces of the curve, spending expected calls.
    package struct Iterator: IteratorProtocol {
        private let pieces: [RateCurve.Piece]
        private let process: Arrival.Process
        private let random: RandomSource
        private var index = 0
        /// Expected calls of the present piece that are spent.
        private var spent = 0.0
        private var isFirst = true

        fileprivate init(pieces: [RateCurve.Piece], process: Arrival.Process, random: RandomSource) {
            self.pieces = pieces
            self.process = process
            self.random = random
        }

        /// The next intended start; nil after the end of the run.
        package mutating func next() -> Int64? {
            spent += gap()
            // The rounding of sums must not put a mark of a constant rate just before a border that it belongs behind.
            while index < pieces.count, spent >= pieces[index].calls - 1e-9 {
                spent = Swift.max(0, spent - pieces[index].calls)
                index += 1
            }
            guard index < pieces.count else { return nil }
            return Int64(((pieces[index].start + pieces[index].time(ofCalls: spent)) * 1e9).rounded(.down))
        }

        private mutating func gap() -> Double {
            switch process {
            case .poisson:
                return -log(1 - random.uniform())
            case .constant:
                defer { isFirst = false }
                return isFirst ? 0 : 1
            case .uniform:
                return 2 * random.uniform()
            }
        }
    }
}

extension RateCurve.Piece {
    /// The seconds after its start at which the piece has asked for that many calls.
    fileprivate func time(ofCalls calls: Double) -> Double {
        let slope = (endRate - startRate) / (end - start)
        // Of the two forms of the quadratic's root, the one that neither cancels nor divides by a slope of zero.
        let root = max(0, startRate * startRate + 2 * slope * calls).squareRoot()
        let denominator = startRate + root
        return denominator > 0 ? min(2 * calls / denominator, end - start) : 0
    }
}
