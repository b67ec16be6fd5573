import Foundation

/// Scenarios that together have every key of the format.
enum FullScenarios {
    static let all =
        [everything]
        + [
            [#""kind": "say" }"#: #""kind": "say", "serviceTime": { "constant": "1ms" } }"#],
            [#""kind": "say" }"#: #""kind": "say", "serviceTime": { "exponential": { "mean": "1ms" } } }"#],
            [#""kind": "say" }"#: #""kind": "say", "serviceTime": { "normal": { "mean": "1ms", "deviation": "1us" } } }"#],
            [#""kind": "say" }"#: #""kind": "say", "serviceTime": { "uniform": { "from": "1ms", "to": "2ms" } } }"#],
            [
                #""kind": "say" }"#:
                    #""kind": "say", "serviceTime": { "mixture": [ { "share": 0.5, "time": "1ms" }, { "share": 0.5, "time": { "constant": "2ms" } } ] } }"#
            ],
            [
                #""kind": "say" }"#: #""kind": "echo" }"#,
                #""method": "grpconepb.grpconepb/SayHi","#: #""method": "echoserver.EchoService/Echo", "messages": 2, "service": "say","#,
            ],
            [request: #""payload": { "base64": "CgA=" }"#], [request: #""payload": { "hex": "0a00" }"#],
            [request: #""payload": { "text": "hello" }"#],
            [
                ScenarioText.fault: "",
                #""kind": "say" }"#:
                    #""kind": "say", "command": { "start": ["server", "{port}"], "ready": { "within": "5s" }, "stop": { "signal": "TERM", "within": "1s" } } }"#,
            ],
            [#"{ ">=": 0.99 }"#: #"{ "<=": 1 }"#], [#"{ ">=": 0.99 }"#: #"{ ">": 0 }"#], [#"{ ">=": 0.99 }"#: #"{ "<": 1 }"#],
            [#""constant": { "rate": [ { "at": "steady", "rps": 100 } ] }"#: #""poisson": { "rate": [ \#(points) ] }"#],
            [#""constant": { "rate": [ { "at": "steady", "rps": 100 } ] }"#: #""uniform": { "rate": [ \#(points) ] }"#],
            [#""constant": { "rate": [ { "at": "steady", "rps": 100 } ] }"#: #""closed": { "concurrency": 5, "think": "1ms" }"#],
            [#""constant": { "rate": [ { "at": "steady", "rps": 100 } ] }"#: #""trace": "\#(trace)""#],
        ].map(ScenarioText.replacing)
        + [
            #""step": { "at": "1s", "from": 0, "to": 1 }"#, #""ramp": { "from": 0, "to": 1 }"#,
            #""triangle": { "period": "1s", "from": 0, "to": 1 }"#, #""sine": { "period": "1s", "from": 0, "to": 1 }"#,
            #""square": { "period": "1s", "from": 0, "to": 1, "share": 0.5 }"#, #""points": [ { "at": "0s", "level": 1 } ]"#,
        ].map { curve in
            withFaults([
                #""kind": "rpc.latency", \#(select), "with": { "delay": "1ms" }, "shape": { "over": "magnitude", \#(curve) }"#
            ])
        }
        + ["request", "attempt"].flatMap { unit in
            [#""nth": 1"#, #""every": 2"#, #""first": 3"#].map { share in
                withFaults([#""kind": "rpc.latency", "select": { "per": "\#(unit)", \#(share) }, "with": { "delay": "1ms" }"#])
            }
        }

    private static let request = #""request": { "name": "user-${i % 10}" }"#
    private static let points = #"{ "at": "steady", "rps": 9, "shape": "step" }, { "at": "fault", "rps": 5, "shape": "linear" }"#
    private static let trace = BadScenario.folder.appending(path: "Files/arrivals.txt").path
    private static let select = #""select": { "per": "attempt", "probability": 0.5 }"#

    private static let everything = withFaults([
        #""kind": "rpc.error", \#(select), "shape": { "over": "probability", "ramp": {} }, "group": "a", "with": { "status": "INTERNAL", "message": "m", "when": "afterWork" }"#,
        #""kind": "rpc.hang", \#(select), "shape": { "over": "probability", "ramp": {} }, "group": "b""#,
        #""kind": "rpc.latency", \#(select), "shape": { "over": "magnitude", "ramp": {} }, "group": "c", "with": { "delay": { "lognormal": { "median": "1ms", "sigma": 1 } }, "cancellable": false }"#,
        #""kind": "rpc.partial", \#(select), "shape": { "over": "probability", "ramp": {} }, "group": "d", "with": { "messages": 1, "share": 0.1 }"#,
        #""kind": "rpc.garble", \#(select), "shape": { "over": "probability", "ramp": {} }, "group": "e""#,
        #""kind": "rpc.wrongData", \#(select), "shape": { "over": "probability", "ramp": {} }, "group": "f""#,
        #""kind": "rpc.slowStream", \#(select), "shape": { "over": "magnitude", "ramp": {} }, "group": "g", "with": { "pause": "1ms" }"#,
        #""kind": "svc.capacity", "with": { "share": 0.5 }, "shape": { "over": "magnitude", "ramp": {} }"#,
        #""kind": "svc.memory", "with": { "mebibytes": 5 }, "shape": { "over": "magnitude", "ramp": {} }"#,
        #""kind": "proc.kill", "with": { "signal": "TERM" }"#,
        #""kind": "proc.stop""#, #""kind": "proc.restart", "with": { "signal": "KILL", "every": "1s" }"#,
        #""kind": "proc.cpuQuota", "with": { "cores": 0.5 }"#,
        #""kind": "tcp.refuse", "with": { "existing": "keep" }"#, #""kind": "tcp.acceptHang""#,
        #""kind": "tcp.blackhole", \#(perConnection), "with": { "direction": "both", "after": "1s", "closeAfter": "1s" }, "group": "j", "shape": { "over": "probability", "ramp": {} }"#,
        #""kind": "tcp.reset", \#(perConnection), "with": { "after": "1s" }, "group": "k", "shape": { "over": "probability", "ramp": {} }"#,
        #""kind": "tcp.latency", \#(perConnection), "with": { "delay": "1ms", "direction": "upstream" }, "group": "l", "shape": { "over": "probability", "ramp": {} }"#,
        #""kind": "tcp.bandwidth", \#(perConnection), "with": { "bytesPerSecond": 1, "direction": "upstream" }, "group": "m", "shape": { "over": "magnitude", "ramp": {} }"#,
        #""kind": "tcp.slice", \#(perConnection), "with": { "size": 9, "variation": 1, "delay": "1ms", "direction": "both" }, "group": "n", "shape": { "over": "probability", "ramp": {} }"#,
        #""kind": "tcp.limitBytes", \#(perConnection), "with": { "bytes": 9, "then": "reset", "direction": "both" }, "group": "o", "shape": { "over": "probability", "ramp": {} }"#,
        #""kind": "tcp.halfClose", \#(perConnection), "with": { "direction": "both", "after": "1s" }, "group": "p", "shape": { "over": "probability", "ramp": {} }"#,
        #""kind": "tcp.slowClose", \#(perConnection), "with": { "delay": "1s", "direction": "both" }, "group": "q", "shape": { "over": "probability", "ramp": {} }"#,
        #""kind": "tcp.corrupt", \#(perConnection), "with": { "bits": 2, "direction": "both" }, "group": "r", "shape": { "over": "probability", "ramp": {} }"#,
        #""kind": "h2.goaway", \#(perConnection), "with": { "errorCode": "NO_ERROR", "refuse": true, "after": "1s" }, "group": "s", "shape": { "over": "probability", "ramp": {} }"#,
        #""kind": "h2.rstStream", "select": { "per": "stream", "probability": 1 }, "with": { "errorCode": "CANCEL", "at": "response" }, "group": "t", "shape": { "over": "probability", "ramp": {} }"#,
        #""kind": "h2.settings", \#(perConnection), "with": { "headerTableSize": 1, "maxConcurrentStreams": 1, "initialWindowSize": 1, "maxFrameSize": 16384, "maxHeaderListSize": 1 }, "group": "u", "shape": { "over": "probability", "ramp": {} }"#,
        #""kind": "h2.windowStall", \#(perConnection), "with": { "direction": "both" }, "group": "v", "shape": { "over": "probability", "ramp": {} }"#,
        #""kind": "h2.hold", \#(perConnection), "with": { "frames": "pingAcks", "direction": "both" }, "group": "w", "shape": { "over": "probability", "ramp": {} }"#,
        #""kind": "h2.corrupt", \#(perConnection), "with": { "frames": "any", "direction": "both" }, "group": "x", "shape": { "over": "probability", "ramp": {} }"#,
    ])

    private static let perConnection = #""select": { "per": "connection", "probability": 0.5 }"#

    private static let outlierDetection = #"""
        "outlierDetection": { "consecutiveFailures": 5, "failureRate": 0.5, "minimumCalls": 10, "interval": "1s", "baseEjectionTime": "1s",
                              "maximumEjectionTime": "5s", "maximumEjected": 0.5 }
        """#

    /// The base scenario with all that is optional, and these faults.
    private static func withFaults(_ faults: [String]) -> String {
        let list = faults.enumerated().map { index, fault in
            #"{ "id": "f\#(index)", "target": { "service": "say"\#(index == 0 ? #", "replica": 2"# : "") }, "from": "fault", "for": "4s", \#(fault) }"#
        }
        return ScenarioText.replacing([
            ScenarioText.fault: list.joined(separator: ", "),
            #""version": 1"#: #""$schema": "scenario.schema.json", "version": 1"#,
            #""kind": "say" }"#:
                #""kind": "say", "replicas": 3, "workers": 3, "abandoned": "served", "network": "1ms", "queue": { "limit": 5, "order": "lifo" }, "serviceTime": { "lognormal": { "median": "1ms", "sigma": 1 } } }"#,
            #""disable": ["say/fallback"],"#:
                #""reload": [ { "at": "fault", "policies": "other.json" } ], "disable": ["say/fallback"], "keepalive": { "interval": "1s", "timeout": "1s" }, "loadBalancing": "leastRequest", \#(outlierDetection),"#,
            #""deadline": "1s","#:
                #""metadata": { "tenant": "a" }, "deadline": "1s", "maxOutstanding": 5, "whenFull": "wait", "clients": 3, "criticality": "sheddable","#,
            #"{ "at": "steady", "rps": 100 }"#:
                #"{ "at": "steady", "rps": 100, "shape": "step" }, { "at": "steady + 1s", "rps": 50, "shape": "linear" }"#,
            #"{ "name": "fault", "for": "4s" }"#: #"{ "name": "fault", "for": "4s", "measure": true }"#,
            #""metric": "answeredRatio","#: #""metric": "answeredRatio", "load": "users","#,
            #"{ "state": "open", "within": "2s", "after": "fault" }"#:
                #"{ "state": "open", "within": "2s", "after": "fault", "atLeast": 1 }"#,
        ])
    }
}
