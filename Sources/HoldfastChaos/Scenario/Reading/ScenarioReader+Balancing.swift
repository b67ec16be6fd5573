import Holdfast
import HoldfastPolicyFiles
import HoldfastRPC

extension ScenarioReader {
    /// How a variant's clients balance among the replicas of a service.
    func balancing(_ variant: ObjectReader) -> (policy: LoadBalancing, outliers: OutlierDetection?) {
        let policyReader = variant.optional("loadBalancing")
        let policy = policyReader.flatMap { reader in
            reader.oneOf(listed: LoadBalancing.all.map { ($0.description, $0) })
        }
        let outliersReader = variant.optional("outlierDetection")
        let outliers = outliersReader.flatMap { outlierDetection($0) }
        if !services.isEmpty, services.count == written.services.count, services.allSatisfy({ $0.replicas == 1 }) {
            for reader in [policyReader, outliersReader] {
                reader?.fail("no service has several replicas to choose among; give one \"replicas\", or remove this")
            }
        }
        return (policy ?? .roundRobin, outliers)
    }

    private func outlierDetection(_ reader: ValueReader) -> OutlierDetection? {
        guard let object = reader.object("consecutiveFailures, failureRate, minimumCalls, interval and the ejection times") else {
            return nil
        }
        defer { object.finish() }
        guard let standard = try? OutlierDetection() else { return nil }
        let row = object.value("consecutiveFailures", default: standard.consecutiveFailures) { $0.integer(in: 1...1_000_000) }
        let rate = object.value("failureRate", default: standard.failureRate) { $0.number(in: 0.01...1) }
        let calls = object.value("minimumCalls", default: standard.minimumCalls) { $0.integer(in: 1...1_000_000) }
        let interval = object.value("interval", default: standard.interval) { $0.duration(above: .zero) }
        let base = object.value("baseEjectionTime", default: standard.baseEjectionTime) { $0.duration(above: .zero) }
        let longest = object.value("maximumEjectionTime", default: max(standard.maximumEjectionTime, base ?? .zero)) {
            $0.duration(above: .zero)
        }
        let share = object.value("maximumEjected", default: standard.maximumEjected) { $0.rate() }
        guard let row, let rate, let calls, let interval, let base, let longest, let share else { return nil }
        guard longest >= base else {
            object.optional("maximumEjectionTime")?.fail("is below \"baseEjectionTime\"; give a time that is not")
            return nil
        }
        return try? OutlierDetection(
            consecutiveFailures: row, failureRate: rate, minimumCalls: calls, interval: interval, baseEjectionTime: base,
            maximumEjectionTime: longest, maximumEjected: share)
    }
}
