import Holdfast
import HoldfastPolicyFiles

extension ScenarioReader {
    /// What a fault of the network is set to, and whom it selects.
    func networkFault(_ kind: NetworkFault.Kind, _ object: ObjectReader) -> FaultKind? {
        var selection: Selection?
        var isReadable = true
        // A fault of the listener hits all who connect.
        if !kind.units.isEmpty, let reader = object.optional("select") {
            selection = networkSelection(reader, kind.units)
            isReadable = selection != nil
        }
        guard let fault = setting(of: kind, in: object), isReadable else { return nil }
        if case .hold(.pingAcks, _) = fault, selection?.per == .stream {
            object.optional("select")?.fail("pings belong to no stream; select per \"connection\"")
        }
        return .network(fault, selection)
    }

    private func networkSelection(_ reader: ValueReader, _ units: [Selection.Unit]) -> Selection? {
        guard let object = reader.object("per and one of probability, nth, every and first") else { return nil }
        defer { object.finish() }
        let per = object.required("per").flatMap { reader -> Selection.Unit? in
            guard let name = reader.string("what is selected") else { return nil }
            let unit = units.first { $0.rawValue == name }
            if unit == nil { reader.fail("expected \(Spelling.list(units.map(\.rawValue))) for this kind of fault, found \(quoted(name))") }
            return unit
        }
        guard let share = share(object), let per else { return nil }
        return Selection(per: per, share: share)
    }

    // MARK: What each is set to

    private func setting(of kind: NetworkFault.Kind, in fault: ObjectReader) -> NetworkFault? {
        if kind == .acceptHang { return .acceptHang }
        let needsMore: Bool =
            switch kind {
            case .latency, .bandwidth, .slice, .limitBytes, .slowClose, .settings, .hold: true
            default: false
            }
        guard let reader = needsMore ? fault.required("with") : fault.optional("with") else {
            return needsMore ? nil : setting(of: kind, nil)
        }
        guard let with = reader.object("what the fault is set to") else { return nil }
        defer { with.finish() }
        return setting(of: kind, with)
    }

    /// - Parameter with: nil for a fault that is set to what it is without being told.
    private func setting(of kind: NetworkFault.Kind, _ with: ObjectReader?) -> NetworkFault? {
        switch kind {
        case .refuse:
            return value(with, "existing", .reset, among: NetworkFault.Existing.self).map { .refuse(existing: $0) }
        case .acceptHang:
            return .acceptHang
        case .blackhole:
            let direction = direction(with, .both)
            let after = duration(with, "after")
            var closeAfter: Duration??
            if let reader = with?.optional("closeAfter") { closeAfter = .some(reader.duration()) }
            guard let direction, let after, closeAfter == nil || closeAfter! != nil else { return nil }
            return .blackhole(direction, after: after, closeAfter: closeAfter ?? nil)
        case .reset:
            return duration(with, "after").map { .reset(after: $0) }
        case .latency:
            let delay = with?.required("delay").flatMap { distribution($0) }
            guard let direction = direction(with, .downstream), let delay else { return nil }
            return .latency(delay, direction)
        case .bandwidth:
            let rate = with?.required("bytesPerSecond")?.integer(in: 1...10_000_000_000)
            guard let direction = direction(with, .downstream), let rate else { return nil }
            return .bandwidth(rate, direction)
        case .slice:
            let size = with?.required("size")?.integer(in: 1...1_048_576)
            let variationReader = with?.optional("variation")
            let variation = variationReader.map { $0.integer(in: 0...1_048_576) } ?? 0
            let delay = duration(with, "delay")
            guard let direction = direction(with, .downstream), let size, let variation, let delay else { return nil }
            if variation >= size { variationReader?.fail("is not below \"size\"; give fewer bytes than \(size)") }
            return .slice(size: size, variation: variation, delay: delay, direction)
        case .limitBytes:
            let bytes = with?.required("bytes")?.integer(in: 0 ... .max)
            let ending = value(with, "then", .close, among: NetworkFault.Ending.self)
            guard let direction = direction(with, .downstream), let bytes, let ending else { return nil }
            return .limitBytes(bytes, direction, then: ending)
        case .halfClose:
            let after = duration(with, "after")
            guard let direction = direction(with, .downstream), let after else { return nil }
            return .halfClose(direction, after: after)
        case .slowClose:
            let delay = with?.required("delay")?.duration(above: .zero)
            guard let direction = direction(with, .downstream), let delay else { return nil }
            return .slowClose(delay, direction)
        case .corrupt:
            let bits = with?.value("bits", default: 1) { $0.integer(in: 1...1_000) } ?? (with == nil ? 1 : nil)
            guard let direction = direction(with, .downstream), let bits else { return nil }
            return .corrupt(bits: bits, direction)
        case .goaway, .rstStream, .settings, .windowStall, .hold, .corruptFrames:
            return frameSetting(of: kind, with)
        }
    }

    private func frameSetting(of kind: NetworkFault.Kind, _ with: ObjectReader?) -> NetworkFault? {
        switch kind {
        case .goaway:
            let code = errorCode(with, "NO_ERROR")
            let refuse = with?.optional("refuse").map { $0.bool() } ?? false
            let after = duration(with, "after")
            guard let code, let refuse, let after else { return nil }
            return .goaway(code: code, refuse: refuse, after: after)
        case .rstStream:
            let code = errorCode(with, "REFUSED_STREAM")
            guard let moment = value(with, "at", .request, among: NetworkFault.ResetMoment.self), let code else { return nil }
            return .rstStream(code: code, at: moment)
        case .settings: return with.flatMap { settings($0) }.map { .settings($0) }
        case .windowStall: return direction(with, .both).map { .windowStall($0) }
        case .hold:
            let framesReader = with?.required("frames")
            let frames = framesReader?.oneOf(NetworkFault.HeldFrames.self)
            let directionReader = with?.optional("direction")
            let direction = directionReader.map { $0.oneOf(NetworkFault.Direction.self) } ?? .downstream
            guard let frames, let direction else { return nil }
            if frames == .trailers, direction != .downstream {
                directionReader?.fail("trailers go to the client; write \"downstream\"")
            }
            return .hold(frames, direction)
        default:
            let frames = value(with, "frames", .data, among: NetworkFault.CorruptedFrames.self)
            guard let direction = direction(with, .downstream), let frames else { return nil }
            return .corruptFrames(frames, direction)
        }
    }

    private func settings(_ with: ObjectReader) -> HTTP2Settings? {
        let limits: KeyValuePairs<String, (WritableKeyPath<HTTP2Settings, UInt32?>, ClosedRange<Int>)> = [
            "headerTableSize": (\.headerTableSize, 0...Int(UInt32.max)),
            "maxConcurrentStreams": (\.maxConcurrentStreams, 0...Int(UInt32.max)),
            "initialWindowSize": (\.initialWindowSize, 0...0x7FFF_FFFF), "maxFrameSize": (\.maxFrameSize, 16_384...0xFF_FFFF),
            "maxHeaderListSize": (\.maxHeaderListSize, 0...Int(UInt32.max)),
        ]
        var settings = HTTP2Settings()
        var isReadable = true
        for (key, (path, range)) in limits {
            guard let reader = with.optional(key) else { continue }
            guard let number = reader.integer(in: range) else {
                isReadable = false
                continue
            }
            settings[keyPath: path] = UInt32(number)
        }
        guard isReadable else { return nil }
        guard !settings.isEmpty else {
            with.reader.fail("names no setting; give at least one of \(Spelling.list(limits.map(\.key)))")
            return nil
        }
        return settings
    }

    // MARK: Parts

    private func direction(_ with: ObjectReader?, _ missing: NetworkFault.Direction) -> NetworkFault.Direction? {
        value(with, "direction", missing, among: NetworkFault.Direction.self)
    }

    private func value<Value: CaseIterable & RawRepresentable>(
        _ with: ObjectReader?, _ key: String, _ missing: Value, among type: Value.Type
    ) -> Value? where Value.RawValue == String {
        guard let reader = with?.optional(key) else { return missing }
        return reader.oneOf(type)
    }

    private func duration(_ with: ObjectReader?, _ key: String) -> Duration? {
        guard let reader = with?.optional(key) else { return .zero }
        return reader.duration()
    }

    private func errorCode(_ with: ObjectReader?, _ missing: String) -> UInt32? {
        guard let reader = with?.optional("errorCode") else { return HTTP2ErrorCode.names.firstIndex(of: missing).map { UInt32($0) } }
        guard let name = reader.string("a code such as \"\(missing)\"") else { return nil }
        if let index = HTTP2ErrorCode.names.firstIndex(of: name) { return UInt32(index) }
        let suggestion = Spelling.nearest(to: name, among: HTTP2ErrorCode.names).map { "did you mean \(quoted($0))?" }
        reader.fail("\(quoted(name)) is no error code of HTTP/2; \(suggestion ?? "expected \(Spelling.list(HTTP2ErrorCode.names))")")
        return nil
    }
}
