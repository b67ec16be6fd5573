import HoldfastPolicyFiles

/// What the faults of the network have besides what all have.
extension ScenarioSchema {
    static let networkKinds: [AlternativeShape] = NetworkFault.Kind.allCases.map { kind in
        var members: [MemberShape] = kind.units.isEmpty ? [] : [selection(of: kind)]
        let settings = settings(of: kind)
        if !settings.isEmpty {
            let shape = Shape.object(SectionShape(members: settings))
            let isRequired = settings.contains { $0.fields.contains { $0.isRequired } } || kind == .settings
            members.append(
                isRequired
                    ? .required("with", shape, "What it is set to.")
                    : .optional("with", shape, absent: "what stands at each key", "What it is set to."))
        }
        return ScenarioSchema.kind(kind.rawValue, members + (kind.units.isEmpty ? [] : [group, shape]))
    }

    private static func selection(of kind: NetworkFault.Kind) -> MemberShape {
        .optional(
            "select",
            .object(SectionShape(members: selection(per: kind.units))), absent: "all", "Which it hits.")
    }

    private static func settings(of kind: NetworkFault.Kind) -> [MemberShape] {
        switch kind {
        case .refuse: [words("existing", NetworkFault.Existing.self, .reset, "What becomes of the connections that there are.")]
        case .acceptHang: []
        case .blackhole:
            [
                direction(.both), after,
                .optional("closeAfter", duration, absent: "never", "After how long of that the connection is closed."),
            ]
        case .reset: [after]
        case .latency: [.required("delay", distribution, "How much later it is passed on."), direction(.downstream)]
        case .bandwidth:
            [.required("bytesPerSecond", .integer(.within(1...10_000_000_000)), "How much passes."), direction(.downstream)]
        case .slice:
            [
                .required("size", .integer(.within(1...1_048_576)), "The bytes of a piece."),
                .defaulted("variation", .integer(.within(0...1_048_576)), .integer(0), "How many more or fewer; below the size."),
                .defaulted("delay", duration, .string("0s"), "The pause behind each."), direction(.downstream),
            ]
        case .limitBytes:
            [
                .required("bytes", .integer(.atLeast(0)), "How many pass."),
                words("then", NetworkFault.Ending.self, .close, "How the connection ends then."), direction(.downstream),
            ]
        case .halfClose: [direction(.downstream), after]
        case .slowClose: [.required("delay", positiveDuration, "How much later the end is passed on."), direction(.downstream)]
        case .corrupt:
            [.defaulted("bits", .integer(.within(1...1000)), .integer(1), "How many bits are flipped."), direction(.downstream)]
        case .goaway:
            [
                errorCode("NO_ERROR"), .defaulted("refuse", .bool, .bool(false), "Whether the stream that it is told at is refused."),
                after,
            ]
        case .rstStream:
            [errorCode("REFUSED_STREAM"), words("at", NetworkFault.ResetMoment.self, .request, "At which headers.")]
        case .settings:
            [
                limit("headerTableSize", 0...0xFFFF_FFFF), limit("maxConcurrentStreams", 0...0xFFFF_FFFF),
                limit("initialWindowSize", 0...0x7FFF_FFFF), limit("maxFrameSize", 16_384...0xFF_FFFF),
                limit("maxHeaderListSize", 0...0xFFFF_FFFF),
            ]
        case .windowStall: [direction(.both)]
        case .hold:
            [
                .required(
                    "frames", .words(NetworkFault.HeldFrames.allCases.map(\.rawValue)),
                    "Which frames wait. Header blocks stay in order: behind held trailers all later headers of the connection wait, too."),
                direction(.downstream),
            ]
        case .corruptFrames:
            [words("frames", NetworkFault.CorruptedFrames.self, .data, "Which frames it is done to."), direction(.downstream)]
        }
    }

    private static let after = MemberShape.defaulted("after", duration, .string("0s"), "How long it waits before.")

    private static func direction(_ missing: NetworkFault.Direction) -> MemberShape {
        words("direction", NetworkFault.Direction.self, missing, "Which way: to the service, from it, or both.")
    }

    private static func errorCode(_ missing: String) -> MemberShape {
        .defaulted("errorCode", .words(HTTP2ErrorCode.names), .string(missing), "The error code of HTTP/2.")
    }

    private static func limit(_ key: String, _ range: ClosedRange<Int>) -> MemberShape {
        .optional(key, .integer(.within(range)), absent: "the service's own", "What the client is told.")
    }

    private static func words<Value: CaseIterable & RawRepresentable>(
        _ key: String, _ type: Value.Type, _ missing: Value, _ summary: String
    ) -> MemberShape where Value.RawValue == String {
        .defaulted(key, .words(type.allCases.map(\.rawValue)), .string(missing.rawValue), summary)
    }
}
