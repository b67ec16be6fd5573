import Holdfast

extension PolicyDefinition {
    /// Whether a shedder waits for a signal that nothing but the program reports.
    func lintSignals() -> [PolicyFinding] {
        enabledElements.compactMap { element in
            guard case .shed(let shed) = element.settings, shed.queueTime != nil else { return nil }
            let isOnly = shed.inFlight == nil && shed.eventLoopLag == nil && shed.cpu == nil && shed.memory == nil
            let effect = isOnly ? "never fires" : "never fires by its queueTime"
            let level = isOnly ? PipelineLint.Level.warning : .note
            return PolicyFinding(
                level, element.location.error("\(element.name) \(effect) unless the program reports how long calls queue").as(level),
                rule: "signalNeedsReports",
                explanation:
                    "Nothing measures queues by itself: the program calls report(queueTime:) of the shedder's controller. Where it does not, take "
                    + "inFlight, eventLoopLag, cpu or memory, which are measured.")
        }
    }
}
