import HoldfastAdmin

/// A chart over the time of a run: it places seconds and values, and draws the frame that all panels share.
struct Plot {
    static let width = 520.0
    static let left = 46.0
    static let right = 44.0

    /// The report's time axis, shared by all panels so that they can be read against each other.
    let time: TimeAxis
    let height: Double
    private let top = 6.0
    private let bottom = 20.0
    private(set) var body = ""

    init(time: TimeAxis, height: Double) {
        self.time = time
        self.height = height
    }

    var plotTop: Double { top }
    var plotBottom: Double { height - bottom }

    func x(_ seconds: Double) -> Double {
        Self.left + (Self.width - Self.left - Self.right) * seconds / time.end
    }

    /// Where a share 0...1 of the height lies, counted from the bottom.
    func y(_ share: Double) -> Double {
        plotBottom - (plotBottom - plotTop) * min(max(share, 0), 1)
    }

    mutating func rectangle(from: Double, to: Double, top: Double, bottom: Double, class name: String, title: String? = nil) {
        let tip = title.map { "<title>\(Markup.escape($0))</title>" } ?? ""
        body += "<rect class=\"\(name)\" x=\"\(n(from))\" y=\"\(n(top))\" width=\"\(n(max(0, to - from)))\" "
        body += "height=\"\(n(max(0, bottom - top)))\">\(tip)</rect>"
    }

    mutating func line(_ x1: Double, _ y1: Double, _ x2: Double, _ y2: Double, class name: String) {
        body += "<line class=\"\(name)\" x1=\"\(n(x1))\" y1=\"\(n(y1))\" x2=\"\(n(x2))\" y2=\"\(n(y2))\"/>"
    }

    mutating func text(_ text: String, x: Double, y: Double, class name: String) {
        body += "<text class=\"\(name)\" x=\"\(n(x))\" y=\"\(n(y))\">\(Markup.escape(text))</text>"
    }

    /// A line through the points; it breaks where a point is missing, and one alone is a dot.
    mutating func path(_ points: [(x: Double, y: Double)?], class name: String) {
        for run in points.split(whereSeparator: { $0 == nil }) {
            let run = run.compactMap(\.self)
            if run.count == 1 {
                body += "<circle class=\"dot \(name)\" cx=\"\(n(run[0].x))\" cy=\"\(n(run[0].y))\" r=\"2\"/>"
            } else {
                body += "<polyline class=\"\(name)\" points=\"\(run.map { "\(n($0.x)),\(n($0.y))" }.joined(separator: " "))\"/>"
            }
        }
    }

    /// The faults' shades, the phases' borders and the reloads of policies, under everything else.
    mutating func drawGround() {
        for shade in time.shades {
            rectangle(from: x(shade.start), to: x(shade.end), top: plotTop, bottom: plotBottom, class: "shade")
        }
        for border in time.borders {
            line(x(border), plotTop, x(border), plotBottom, class: "border")
        }
        for reload in time.reloads { line(x(reload), plotTop, x(reload), plotBottom, class: "reload") }
    }

    /// Labelled lines across the chart, at shares of its height.
    mutating func drawGrid(_ ticks: [(share: Double, label: String)]) {
        for tick in ticks {
            line(Self.left, y(tick.share), Self.width - Self.right, y(tick.share), class: "grid")
            text(tick.label, x: Self.left - 6, y: y(tick.share) + 4, class: "tick end")
        }
    }

    mutating func drawTimeAxis() {
        line(Self.left, plotBottom, Self.width - Self.right, plotBottom, class: "axis")
        for tick in time.ticks {
            text(time.label(tick), x: x(tick), y: plotBottom + 15, class: "tick middle")
        }
    }

    /// The chart as an image with a name for those who do not see it.
    func svg(_ name: String) -> String {
        "<svg viewBox=\"0 0 \(n(Self.width)) \(n(height))\" role=\"img\" aria-label=\"\(Markup.escape(name))\">\(body)</svg>"
    }

    private func n(_ value: Double) -> String { Markup.number(value) }
}
