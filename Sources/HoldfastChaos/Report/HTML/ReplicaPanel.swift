/// How the replicas of a service share its work: a line for each, of the attempts a second that it began to work on.
enum ReplicaPanel {
    static func svg(_ replicas: [ReplicaResult], time: TimeAxis) -> String {
        let maximum = replicas.map { marks($0, time).map(\.rate).max() ?? 0 }.max() ?? 0
        let scale = Scale.linear(to: max(maximum, 1)) { Figure.short($0) }
        var plot = Plot(time: time, height: 110)
        plot.drawGround()
        plot.drawGrid(scale.ticks)
        for replica in replicas {
            let points = marks(replica, time).map { mark -> (x: Double, y: Double)? in
                (plot.x((mark.start + mark.end) / 2), plot.y(scale.share(mark.rate)))
            }
            plot.path(points, class: "line \(name(replica))")
        }
        for (index, mark) in marks(replicas[0], time).enumerated() {
            let rates = replicas.map { "\($0.service).\($0.replica) \(Figure.short(marks($0, time)[index].rate))" }
            plot.rectangle(
                from: plot.x(mark.start), to: plot.x(mark.end), top: plot.plotTop, bottom: plot.plotBottom, class: "hover",
                title: "from \(time.label(mark.start)): \(rates.joined(separator: ", ")) attempts a second")
        }
        plot.drawTimeAxis()
        return plot.svg("Attempts a second that each replica began to work on")
    }

    static func legend(_ replicas: [ReplicaResult]) -> [(name: String, label: String)] {
        replicas.map { replica in
            let total = Figure.count(replica.worked.reduce(0, +), "attempt")
            return (name(replica), "\(replica.service).\(replica.replica): \(total), longest queue \(replica.waiting)")
        }
    }

    private static func name(_ replica: ReplicaResult) -> String { "s-\(replica.replica % 4)" }

    private static func marks(_ replica: ReplicaResult, _ time: TimeAxis) -> [(start: Double, end: Double, rate: Double)] {
        stride(from: 0, to: replica.worked.count, by: time.step).map { first in
            let part = replica.worked[first..<min(first + time.step, replica.worked.count)]
            return (Double(first), Double(first + part.count), Double(part.reduce(0, +)) / Double(part.count))
        }
    }
}
