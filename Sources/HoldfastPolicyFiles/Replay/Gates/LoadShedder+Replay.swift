import Holdfast

extension LoadShedder: ReplayedGate {
    var eventSources: [EventSource] { [controller.eventSource, eventSource] }

    /// Makes a shedder whose resources are as short as the trace says.
    convenience init(replaying configuration: Configuration, _ timeSource: TimeSource) {
        let pressures: [Pressure] = [.queueTime, .eventLoopLag, .cpu, .memory]
        let signals = Dictionary(uniqueKeysWithValues: pressures.map { ($0, TracedPressure() as any PressureSignal) })
        self.init("shed", DegradationController("shed", configuration, signals: signals, timeSource: timeSource))
    }

    func control(_ word: String) {
        switch word {
        case "release": controller.release()
        case "holdNone": controller.hold(at: nil)
        case "holdSheddable": controller.hold(at: .sheddable)
        case "holdSheddablePlus": controller.hold(at: .sheddablePlus)
        case "holdCritical": controller.hold(at: .critical)
        default: controller.hold(at: .criticalPlus)
        }
    }

    func press(_ pressures: [Pressure: Double]) {
        for (pressure, reading) in pressures {
            (controller.signal(pressure) as? TracedPressure)?.reading.withLock { $0 = reading }
        }
        // Asking wakes a controller that nobody used.
        _ = controller.sheds(.sheddable)
    }

    func reconfigure(_ subject: TraceSubject) {
        guard case .shed(let configuration) = subject else { return }
        reconfigure(configuration)
    }

    func report(_ call: CallAttributes, into line: inout ReplayLine) {
        line.add("level", controller.level?.rawValue)
        line.add("inFlight", inFlight)
        line.add("explanation", explain())
    }
}

/// A pressure that a trace sets.
private final class TracedPressure: PressureSignal {
    let reading = Locked<Double?>(nil)

    func reading(at now: Instant) -> Double? {
        reading.withLock { $0 }
    }
}
