import Holdfast
package import HoldfastPolicyFiles
import HoldfastRPC

/// The scenario format as a JSON Schema (2020-12).
///
/// A test holds it against what the reader asks for, key by key and word by word.
public enum ScenarioSchema {
    /// The schema, as `Examples/scenario.schema.json` holds it.
    public static var text: String { SchemaPrinter.text(title: "A chaos scenario of Holdfast", document) }

    /// The whole file.
    package static let document = SectionShape(
        name: "document",
        members: [
            .optional("$schema", .text, absent: "none", "The schema's address, for editors."),
            .required("version", .integer(.within(1...1)), "The version of the format."),
            .required("name", name, "What the scenario is called."),
            .optional("title", .text, absent: "the name", "What it shows, in a sentence."),
            .required("seed", .integer(.atLeast(0)), "What all arrivals and draws come from."),
            .required(
                "time", .words(["real", "virtual", "both"]),
                "Whether it runs with processes in real time, with models in virtual time, or with either."),
            .required("services", .someOf(.object(service)), "What is called, and broken."),
            .required("variants", .someOf(.object(variant)), "The policies under test; all variants see the same arrivals and draws."),
            .required("load", .someOf(.object(load)), "Who calls."),
            .required("phases", .someOf(.object(phase)), "The stretches of the run, one after the other."),
            .required("faults", .list(.object(fault)), "What breaks."),
            .required("assertions", .someOf(.object(assertion)), "What is claimed."),
        ])

    private static let service = SectionShape(
        name: "service", summary: "A service of the run.",
        members: [
            .required("name", name, "What the scenario calls it."),
            .required("kind", .words(ServiceKind.allCases.map(\.rawValue)), "Which demo service it is."),
            .defaulted("replicas", .integer(.within(1...100)), .integer(1), "How many of it there are."),
            .defaulted("workers", .integer(.within(1...10_000)), .integer(16), "Calls that it works on at once."),
            .defaulted("serviceTime", distribution, .string("0s"), "How long it works on a call."),
            .optional("queue", .object(queue), absent: "no limit, first come first served", "The line in front of the workers."),
            .defaulted(
                "abandoned", .words(ServiceModel.Abandoned.allCases.map(\.rawValue)), .string("dropped"),
                "What becomes of the calls of those who have gone."),
            .optional("command", .object(command), absent: "the demo service", "Your own program, which serves the methods of that kind."),
            .defaulted("network", distribution, .string("0s"), "How long a request takes there, and an answer back."),
        ])

    private static let command = SectionShape(
        name: "command", summary: "A program that is a service of the run, in real time.",
        members: [
            .required("start", .someOf(.text), "The program and its arguments, in which `{port}` stands for the port."),
            .optional(
                "ready", .object(SectionShape(members: [.required("within", positiveDuration, "How soon it must take connections.")])),
                absent: "10s", "When it is ready."),
            .optional(
                "stop",
                .object(
                    SectionShape(
                        members: [
                            .defaulted("signal", .words(["TERM", "KILL"]), .string("TERM"), "What asks it to end."),
                            .defaulted("within", positiveDuration, .string("5s"), "How long it may take before it is killed."),
                        ])), absent: "TERM, and KILL after 5s", "How it ends."),
        ])

    private static let queue = SectionShape(
        members: [
            .optional("limit", .integer(.within(0...1_000_000)), absent: "none", "The most that wait."),
            .defaulted("order", .words(QueueSpec.Order.allCases.map(\.rawValue)), .string("fifo"), "Who is served first."),
        ])

    private static let variant = SectionShape(
        name: "variant", summary: "One set of policies under test.",
        members: [
            .required("name", name, "What it is called."),
            .optional(
                "policies", .text, absent: "those of the code", "The path of a policy file, from the scenario's folder; code needs none."),
            .optional(
                "reload",
                .list(
                    .object(
                        SectionShape(
                            members: [
                                .required("at", moment, "When."), .required("policies", .text, "The path of the policy file from then on."),
                            ]))), absent: "none", "Policy files that take the place of the first while calls run, in order of time."),
            .optional("disable", .list(.text), absent: "none", "Policy elements that are left out, as `say/fallback`."),
            .optional(
                "expect", .object(SectionShape(members: [.required("fail", .list(.text), "The assertions that this variant fails.")])),
                absent: "nothing", "What a bad variant is expected to fail, and nothing else."),
            .optional(
                "keepalive",
                .object(
                    SectionShape(
                        members: [
                            .required("interval", positiveDuration, "After how long without a byte the server is pinged."),
                            .required("timeout", positiveDuration, "How long the answer may take."),
                        ])), absent: "no pings", "Pings of the variant's clients to silent servers; in real time only."),
            .defaulted(
                "loadBalancing", .words(LoadBalancing.all.map(\.description)), .string("roundRobin"),
                "Which replica of a service gets a call."),
            .optional(
                "outlierDetection", .object(outlierDetection), absent: "never",
                "When a replica that answers badly gets no calls for a while."),
        ])

    private static let outlierDetection = SectionShape(
        name: "outlierDetection", summary: "When a replica gets no calls for a while.",
        members: [
            .defaulted("consecutiveFailures", .integer(.within(1...1_000_000)), .integer(5), "So many failures in a row."),
            .defaulted("failureRate", .number(.within(0.01...1)), .number(0.85), "Such a share of failures in an interval."),
            .defaulted("minimumCalls", .integer(.within(1...1_000_000)), .integer(50), "The rate counts from so many calls on."),
            .defaulted("interval", positiveDuration, .string("10s"), "How often the rate is looked at."),
            .defaulted(
                "baseEjectionTime", positiveDuration, .string("30s"), "How long the first time lasts; each that follows, as much longer."),
            .defaulted("maximumEjectionTime", positiveDuration, .string("300s"), "How long at most."),
            .defaulted("maximumEjected", rate, .number(0.5), "The largest share of the replicas that is left out at once."),
        ])

    private static let phase = SectionShape(
        name: "phase", summary: "A stretch of the run.",
        members: [
            .required("name", name, "What moments call it."),
            .required("for", positiveDuration, "How long it takes."),
            .defaulted("measure", .bool, .bool(true), "Whether its calls count in totals."),
            .defaulted("gate", .bool, .bool(false), "Whether the run ends here, unless its assertions hold."),
        ])

    private static let load = SectionShape(
        name: "load", summary: "Calls offered to a service.",
        members: [
            .required("name", name, "What it is called."),
            .optional(
                "method", .words(methods), absent: "code", "The method, as `package.Service/Method`."),
            .optional("service", name, absent: "the one that serves the method", "The service that is called."),
            .optional(
                "request", .map(.anything, keys: "^"), absent: "`payload`, or code",
                "The request's fields; `${i}` and `${i % N}` stand for the number of the call."),
            .optional(
                "metadata", .map(.text, keys: "^[a-z0-9._-]+$"), absent: "none", "Metadata that each call carries, such as a tenant."),
            .optional(
                "payload",
                .object(
                    SectionShape(
                        members: [.choice([.alternative("base64", .text), .alternative("hex", .text), .alternative("text", .text)])])),
                absent: "`request`", "The request's bytes, whatever they mean."),
            .optional(
                "messages", .integer(.within(1...10_000)), absent: "1",
                "How many messages go each way, in a method that leaves that to the caller."),
            .required("deadline", positiveDuration, "How long a caller waits for its answer."),
            .required("arrival", .object(arrival), "How the calls arrive."),
            .defaulted("maxOutstanding", .integer(.within(1...100_000)), .integer(2000), "The most calls in flight."),
            .defaulted(
                "whenFull", .words(LoadSpec.WhenFull.allCases.map(\.rawValue)), .string("drop"),
                "What becomes of a call while so many are in flight."),
            .defaulted("clients", .integer(.within(1...10_000)), .integer(1), "How many clients there are, each with policies of its own."),
            .optional(
                "criticality", .words(Criticality.allCases.map(\.rawValue)), absent: "that of the route",
                "How much its calls matter when resources run short."),
        ])

    private static let methods = ServiceKind.allCases.flatMap(\.methods).reduce(into: [String]()) { names, name in
        if !names.contains(name) { names.append(name) }
    }

    private static let arrival = SectionShape(
        members: [
            .choice(
                Arrival.Process.allCases.map { process in
                    .alternative(
                        process.rawValue, .object(SectionShape(members: [.required("rate", .someOf(.object(ratePoint)), "The rate.")])))
                } + [
                    .alternative("trace", .text),
                    .alternative(
                        "closed",
                        .object(
                            SectionShape(
                                members: [
                                    .required("concurrency", .integer(.within(1...10_000)), "How many users there are."),
                                    .defaulted(
                                        "think", distribution, .string("0s"),
                                        "How long each pauses between its calls; 1 ms in virtual time, if the call took no time either."),
                                ]))),
                ])
        ])

    private static let ratePoint = SectionShape(
        members: [
            .required("at", moment, "When."),
            .required("rps", .number(.within(0...100_000)), "Calls a second from then on."),
            .defaulted("shape", .words(["step", "linear"]), .string("step"), "How the rate gets there from the point before."),
        ])
}

extension ScenarioSchema {
    /// A name that can stand in references, file names and on a terminal line.
    static let name = Shape.matching("^[A-Za-z0-9_-]{1,64}$")
    /// A moment of the run: `fault`, `fault.end`, `fault + 2s`.
    static let moment = Shape.matching(#"^ *[A-Za-z0-9_-]+(\.end)? *(\+ *[0-9]+(\.[0-9]+)?(ns|us|ms|s|m|h) *)?$"#)
    static let duration = Shape.duration(.atLeast(.zero))
    static let positiveDuration = Shape.duration(.above(.zero))
    static let rate = Shape.number(.within(0...1))

    /// A time, or what times are drawn from.
    static let distribution = Shape.anyOf([
        duration,
        .object(
            SectionShape(
                name: "distribution", summary: "What times are drawn from.",
                members: [
                    .choice([
                        .alternative("constant", duration),
                        .alternative(
                            "lognormal",
                            .object(
                                SectionShape(
                                    members: [
                                        .required("median", positiveDuration, "Half of the times are shorter."),
                                        .required("sigma", .number(.within(0...4)), "The deviation of the logarithm."),
                                    ]))),
                        .alternative("exponential", .object(SectionShape(members: [.required("mean", positiveDuration, "The mean.")]))),
                        .alternative(
                            "normal",
                            .object(
                                SectionShape(
                                    members: [
                                        .required("mean", positiveDuration, "The mean."),
                                        .required("deviation", duration, "The standard deviation."),
                                    ]))),
                        .alternative(
                            "uniform",
                            .object(
                                SectionShape(
                                    members: [.required("from", duration, "The shortest."), .required("to", duration, "The longest.")]))),
                        .alternative(
                            "mixture",
                            .list(
                                .object(
                                    SectionShape(
                                        members: [
                                            .required("share", rate, "The share of the calls; all sum to 1."),
                                            .required(
                                                "time", .anyOf([duration, .object(SectionShape(name: "distribution", members: []))]),
                                                "Their time."),
                                        ])))),
                    ])
                ])),
    ])
}

extension MemberShape {
    static func required(_ key: String, _ shape: Shape, _ summary: String) -> MemberShape {
        .field(.init(key: key, shape: shape, isRequired: true, fallback: nil, summary: summary))
    }

    static func defaulted(_ key: String, _ shape: Shape, _ standard: JSONText, _ summary: String) -> MemberShape {
        .field(.init(key: key, shape: shape, isRequired: false, fallback: .value(standard), summary: summary))
    }

    static func optional(_ key: String, _ shape: Shape, absent meaning: String, _ summary: String) -> MemberShape {
        .field(.init(key: key, shape: shape, isRequired: false, fallback: .words(meaning), summary: summary))
    }
}

extension AlternativeShape {
    /// A key that chooses, and others that go with it.
    static func alternative(_ key: String, _ shape: Shape, and members: [MemberShape] = []) -> AlternativeShape {
        AlternativeShape(
            key: key,
            fields: [FieldShape(key: key, shape: shape, isRequired: true, fallback: nil, summary: "")] + members.flatMap(\.fields))
    }
}
