import Holdfast
import HoldfastPolicyFiles

extension ScenarioReader {
    /// A fault that a proxy is given by itself: without a target and a time.
    ///
    /// - Parameters:
    ///   - others: those that are in force, of which some may be in its group.
    ///   - time: since the proxy started; a shape begins then.
    func proxyFault(_ object: ObjectReader, others: [FaultSpec], at time: Duration) -> FaultSpec? {
        let id = object.required("id")?.identifier()
        let kind = object.required("kind").flatMap { proxyFaultKind($0) }
        guard let kind else { return nil }
        let group = kind.units.isEmpty ? nil : object.optional("group")?.identifier()
        let fault = networkFault(kind, object)
        var shape: FaultShape?
        if !kind.units.isEmpty, let reader = object.optional("shape") {
            shape = self.shape(reader, of: fault, nil, hasMagnitude: kind.hasMagnitude)
            if case .ramp = shape?.curve { reader.fail("a fault that has no end cannot be reached by a ramp; give \"points\"") }
        }
        object.finish()
        guard let id, let fault else { return nil }
        let start = TimeReference(text: "start", offset: time)
        let spec = FaultSpec(id: id, kind: fault, service: "", from: start, duration: .zero, group: group, shape: shape)
        if let group {
            var shares = GroupShares()
            for other in others where other.group == group { shares.add(other, object.reader) }
            shares.add(spec, object.reader)
        }
        return spec
    }

    private func proxyFaultKind(_ reader: ValueReader) -> NetworkFault.Kind? {
        if case .string(let name) = reader.node.value, let kind = NetworkFault.Kind(toxic: name) {
            reader.fail("\(quoted(name)) is Toxiproxy's name for it; here it is \(quoted(kind.rawValue))")
            return nil
        }
        return reader.oneOf(listed: NetworkFault.Kind.allCases.map { ($0.rawValue, $0) })
    }
}

extension NetworkFault.Kind {
    /// The kind that does what a toxic of Toxiproxy does; nil for a name that is none.
    init?(toxic: String) {
        switch toxic {
        case "latency": self = .latency
        case "bandwidth": self = .bandwidth
        case "slow_close": self = .slowClose
        case "timeout": self = .blackhole
        case "reset_peer": self = .reset
        case "slicer": self = .slice
        case "limit_data": self = .limitBytes
        case "down": self = .refuse
        default: return nil
        }
    }
}
