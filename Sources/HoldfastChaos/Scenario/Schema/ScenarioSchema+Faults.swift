import Holdfast
import HoldfastPolicyFiles

extension ScenarioSchema {
    static let fault = SectionShape(
        name: "fault", summary: "What breaks, where, and for how long.",
        members: [
            .required("id", name, "What it is called."),
            .tag(
                FieldShape(
                    key: "kind", shape: .words((kinds + networkKinds).compactMap(\.key)), isRequired: true, fallback: nil,
                    summary: "What it does."),
                kinds + networkKinds),
            .required(
                "target",
                .object(
                    SectionShape(
                        members: [
                            .required("service", name, "The service that it breaks."),
                            .optional("replica", .integer(.atLeast(0)), absent: "all", "The one of its replicas, from 0."),
                        ])), "Where."),
            .required("from", moment, "When it begins: not before the end of the last gate."),
            .required("for", positiveDuration, "How long it is in force; then it is undone."),
        ])

    /// What each kind has besides what all have.
    private static let kinds: [AlternativeShape] = [
        kind(
            "rpc.error",
            [
                select,
                .required(
                    "with",
                    .object(
                        SectionShape(
                            members: [
                                .required("status", .words(StatusCode.allCases.filter { $0 != .ok }.map(\.name)), "The status code."),
                                .defaulted("message", .text, .string("injected by a chaos scenario"), "The status message."),
                                .defaulted(
                                    "when", .words(FaultKind.ErrorMoment.allCases.map(\.rawValue)), .string("trailersOnly"),
                                    "Before work and alone, before work behind headers, or in place of the work's result."),
                            ])), "The error."),
                group, shape,
            ]),
        kind("rpc.hang", [select, group, shape]),
        kind(
            "rpc.latency",
            [
                select,
                .required(
                    "with",
                    .object(
                        SectionShape(
                            members: [
                                .required("delay", distribution, "How long the service waits before it begins."),
                                .defaulted("cancellable", .bool, .bool(true), "Whether the wait, and the work, end when the caller goes."),
                            ])), "The delay."),
                group, shape,
            ]),
        kind(
            "rpc.partial",
            [
                select,
                .optional(
                    "with",
                    .object(
                        SectionShape(
                            members: [
                                .defaulted("messages", .integer(.within(0...1_000_000)), .integer(0), "So many messages come whole."),
                                .defaulted("share", rate, .number(0.5), "The share of the next one's bytes that comes."),
                            ])), absent: "half of the first message", "Where the answer breaks off."),
                group, shape,
            ]),
        kind("rpc.garble", [select, group, shape]),
        kind("rpc.wrongData", [select, group, shape]),
        kind(
            "rpc.slowStream",
            [
                select,
                .required(
                    "with",
                    .object(SectionShape(members: [.required("pause", distribution, "How long each message is held up.")])), "The pause."),
                group, shape,
            ]),
        kind(
            "svc.capacity",
            [
                .required(
                    "with",
                    .object(
                        SectionShape(members: [.required("share", .number(.within(0.001...0.999)), "The share of the speed that is left.")])
                    ),
                    "What is left."),
                shape,
            ]),
        kind(
            "svc.memory",
            [
                .required(
                    "with",
                    .object(SectionShape(members: [.required("mebibytes", .integer(.within(1...16_384)), "How much memory is held.")])),
                    "How much."),
                shape,
            ]),
        kind(
            "proc.kill",
            [
                .optional(
                    "with",
                    .object(
                        SectionShape(
                            members: [
                                .defaulted("signal", .words(FaultKind.KillSignal.allCases.map(\.rawValue)), .string("KILL"), "The signal.")
                            ])), absent: "KILL", "How it dies.")
            ]),
        kind("proc.stop", []),
        kind(
            "proc.restart",
            [
                .optional(
                    "with",
                    .object(
                        SectionShape(
                            members: [
                                .defaulted("signal", .words(["TERM", "KILL"]), .string("TERM"), "What ends it."),
                                .optional("every", positiveDuration, absent: "once", "How often, at least every 100ms."),
                            ])), absent: "TERM, once", "How, and how often.")
            ]),
        kind(
            "proc.cpuQuota",
            [
                .required(
                    "with",
                    .object(SectionShape(members: [.required("cores", .number(.within(0.01...64)), "Cores, or a part of one.")])),
                    "What is left.")
            ]),
    ]

    static func kind(_ name: String, _ members: [MemberShape]) -> AlternativeShape {
        AlternativeShape(key: name, fields: members.flatMap(\.fields))
    }

    static let group = MemberShape.optional(
        "group", name, absent: "none",
        "Faults of one group share one draw, so that each has its share. Without one, of several that hit a call the first acts, after each "
            + "`rpc.latency`.")

    private static let select = MemberShape.required(
        "select",
        .object(
            SectionShape(
                name: "selection", summary: "Which calls a fault hits.",
                members: selection(per: [.request, .attempt]))), "Which calls it hits.")

    /// What is selected, and which of it.
    static func selection(per units: [Selection.Unit]) -> [MemberShape] {
        [
            .required("per", .words(units.map(\.rawValue)), "What is drawn for, or counted, in each replica by itself."),
            .choice([
                .alternative("probability", rate), .alternative("nth", .integer(.atLeast(1))),
                .alternative("every", .integer(.atLeast(1))), .alternative("first", .integer(.atLeast(1))),
            ]),
        ]
    }

    static let shape = MemberShape.optional(
        "shape",
        .object(
            SectionShape(
                name: "shape", summary: "How a fault grows and fades: the share of its probability or magnitude over time.",
                members: [
                    .required("over", .words(FaultShape.Subject.allCases.map(\.rawValue)), "What follows the curve."),
                    .choice([
                        .alternative(
                            "step",
                            .object(SectionShape(members: [.required("at", duration, "When, from the fault's beginning.")] + levels))),
                        .alternative("ramp", .object(SectionShape(members: levels))),
                        .alternative("triangle", .object(SectionShape(members: [period] + levels))),
                        .alternative("sine", .object(SectionShape(members: [period] + levels))),
                        .alternative(
                            "square",
                            .object(
                                SectionShape(
                                    members: [period] + levels
                                        + [.defaulted("share", rate, .number(0.5), "The share of each period at the second level.")]))),
                        .alternative(
                            "points",
                            .someOf(
                                .object(
                                    SectionShape(
                                        members: [
                                            .required("at", duration, "When, from the fault's beginning."),
                                            .required("level", rate, "The level then."),
                                        ])))),
                    ]),
                ])), absent: "all of it, from beginning to end", "How it grows and fades.")

    private static let period = MemberShape.required("period", positiveDuration, "How long one turn takes.")
    private static let levels: [MemberShape] = [
        .defaulted("from", rate, .number(0), "The first level."), .defaulted("to", rate, .number(1), "The second level."),
    ]
}
