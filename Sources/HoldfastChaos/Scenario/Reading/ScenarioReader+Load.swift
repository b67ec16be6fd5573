import Foundation
import Holdfast
import HoldfastPolicyFiles
import HoldfastRPC

extension ScenarioReader {
    /// The most calls that one load may ask for.
    private static let maximumCalls = 5_000_000.0

    func load(_ reader: ValueReader) -> LoadSpec? {
        guard let object = reader.object("name, method, request or payload, deadline and arrival") else { return nil }
        let name = object.required("name")?.identifier()
        let isOfCode = isAllCode && !object.contains("method")
        let server = object.optional("service")
        let target = isOfCode ? ("", "") : object.required("method").flatMap { method($0, server) }
        var payload: [UInt8]?
        var request: RequestTemplate? = RequestTemplate(pieces: [])
        if !isOfCode, let (key, value) = object.exactlyOne(of: ["request", "payload"]) {
            if key == "payload" { payload = self.payload(value) } else { request = self.request(value, of: target?.method) }
        } else if !isOfCode {
            request = nil
        }
        let metadata = object.optional("metadata").flatMap { self.metadata($0) } ?? [:]
        let messages = target.map { self.messages(object, $0.method) } ?? 1
        let deadline = object.required("deadline")?.duration(above: .zero)
        let arrival = object.required("arrival").flatMap { self.arrival($0) }
        let maxOutstanding = object.value("maxOutstanding", default: 2000) { $0.integer(in: 1...100_000) }
        let whenFull = object.value("whenFull", default: .drop) { $0.oneOf(["drop": LoadSpec.WhenFull.drop, "wait": .wait]) }
        if let arrival, case .closed(let users, _) = arrival {
            for key in ["maxOutstanding", "whenFull"] {
                object.optional(key)?.fail("a closed loop has as many calls in flight as it has users, \(users) at most; remove this")
            }
        }
        let clients = object.value("clients", default: 1) { $0.integer(in: 1...10_000) }
        let criticality = isOfCode ? nil : object.optional("criticality")?.oneOf(Criticality.self)
        object.finish()
        guard let name, let target, let request, let deadline, let arrival, let maxOutstanding, let whenFull, let clients else {
            return nil
        }
        var load = LoadSpec(
            name: name, method: target.method, service: target.service, request: request, deadline: deadline, arrival: arrival,
            maxOutstanding: maxOutstanding, whenFull: whenFull, clients: clients)
        load.messages = messages
        load.metadata = metadata
        load.payload = payload
        load.criticality = criticality
        return load
    }

    private static func callable(_ methods: [String]) -> String {
        methods.isEmpty ? "a load of code has no method; remove \"method\" and \"request\"" : "a load can call \(Spelling.list(methods))"
    }

    private func metadata(_ reader: ValueReader) -> Metadata? {
        guard let object = reader.object("texts by key, such as { \"tenant\": \"a\" }") else { return nil }
        var metadata = Metadata()
        for member in object.members {
            guard let value = member.value.string("a text") else { continue }
            // As it is written, not as it would be sent: the policies that name it spell it so too.
            if member.key.utf8.contains(where: { (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains($0) }) {
                member.keyReader.fail("keys of metadata are lower case; write \(quoted(member.key.lowercased()))")
            } else if member.key.hasPrefix("holdfast-") {
                member.keyReader.fail("is a key that the run itself uses; give one that does not begin with \"holdfast-\"")
            } else if let complaint = Metadata.complaint(member.key, value) {
                member.value.fail(complaint)
            }
            metadata.add(value, for: member.key)
        }
        return metadata
    }

    /// How many messages go each way, for a method that leaves that to the caller.
    private func messages(_ object: ObjectReader, _ method: String) -> Int {
        guard let reader = object.optional("messages") else { return 1 }
        guard ServiceKind.conversations.contains(method) else {
            reader.fail(
                "\(quoted(method)) has its own number of messages; remove this, or call \(Spelling.list(ServiceKind.conversations))")
            return 1
        }
        return reader.integer(in: 1...10_000) ?? 1
    }

    /// - Parameter server: names the service, where several serve the method.
    private func method(_ reader: ValueReader, _ server: ValueReader?) -> (method: String, service: String)? {
        let wanted = server?.reference("service", among: written.services.isEmpty ? nil : written.services)
        guard let method = reader.string("a method, such as \"grpconepb.grpconepb/SayHi\""), !services.isEmpty else { return nil }
        guard server == nil || wanted != nil else { return nil }
        let candidates = services.filter { wanted == nil || $0.name == wanted }
        // One that could not be read was reported.
        guard !candidates.isEmpty else { return nil }
        let servers = candidates.filter { $0.kind.methods.contains(method) }
        let methods = candidates.flatMap(\.kind.methods)
        guard let server = servers.first else {
            let suggestion = Spelling.nearest(to: method, among: methods).map { "did you mean \(quoted($0))?" }
            // One of those that could not be read may.
            guard services.count >= written.services.count || wanted != nil else { return nil }
            let nobody = wanted.map { "\(quoted($0)) does not serve" } ?? "no service of the scenario serves"
            reader.fail("\(nobody) \(quoted(method)); \(suggestion ?? Self.callable(methods))")
            return nil
        }
        guard servers.count == 1 else {
            reader.fail(
                "the services \(Spelling.list(servers.map(\.name), or: "and")) both serve \(quoted(method)); name one as \"service\"")
            return nil
        }
        return (method, server.name)
    }

    /// The bytes of a request.
    private func payload(_ reader: ValueReader) -> [UInt8]? {
        guard let object = reader.object("base64, hex or text") else { return nil }
        defer { object.finish() }
        guard let (key, value) = object.exactlyOne(of: ["base64", "hex", "text"]), let text = value.string("the bytes of a request") else {
            return nil
        }
        let bytes: [UInt8]? =
            switch key {
            case "base64": Data(base64Encoded: text).map { Array($0) }
            case "hex": Self.bytes(hex: text)
            default: Array(text.utf8)
            }
        if bytes == nil {
            value.fail(
                key == "hex" ? "is no bytes in hexadecimal; write two digits for each" : "is no base64; check its length and padding")
        }
        return bytes
    }

    private static func bytes(hex: String) -> [UInt8]? {
        let digits = hex.utf8.compactMap { Character(UnicodeScalar($0)).hexDigitValue }
        guard digits.count == hex.utf8.count, digits.count.isMultiple(of: 2) else { return nil }
        return stride(from: 0, to: digits.count, by: 2).map { UInt8(digits[$0] << 4 | digits[$0 + 1]) }
    }

    private func arrival(_ reader: ValueReader) -> Arrival? {
        guard let object = reader.object("one of poisson, constant, uniform, trace and closed") else { return nil }
        defer { object.finish() }
        let processes = Arrival.Process.allCases
        guard let (kind, value) = object.exactlyOne(of: processes.map(\.rawValue) + ["trace", "closed"]) else { return nil }
        if kind == "trace" { return value.string("the path of a file with a time on each line").flatMap { trace(resolved($0), value) } }
        if kind == "closed" {
            guard let parts = value.object("concurrency and think") else { return nil }
            let users = parts.required("concurrency")?.integer(in: 1...10_000)
            let think = parts.value("think", default: .constant(.zero)) { distribution($0) }
            parts.finish()
            guard let users, let think else { return nil }
            return .closed(users: users, think: think)
        }
        guard let process = processes.first(where: { $0.rawValue == kind }), let parts = value.object("rate") else { return nil }
        let rate = parts.required("rate").flatMap { points($0) }
        parts.finish()
        return rate.map { .open(process, rate: $0) }
    }

    /// Reads a file of times.
    private func trace(_ path: String, _ reader: ValueReader) -> Arrival? {
        do {
            let trace = try ArrivalTrace(
                bytes: try DocumentReader.load(path: path, kind: "text"), maximumCount: Int(Self.maximumCalls), end: timeline.end)
            return .trace(trace.times)
        } catch let complaint as ArrivalTrace.Complaint {
            reader.fail("\(path)\(complaint.line.map { ":\($0)" } ?? ""): \(complaint.message)")
        } catch {
            reader.fail((error as? DocumentError)?.diagnostics.first?.description ?? "\(path): \(error)")
        }
        return nil
    }

    /// A path relative to the scenario's folder.
    func resolved(_ path: String) -> String { path.hasPrefix("/") ? path : folder + path }

    private func points(_ reader: ValueReader) -> [RatePoint]? {
        guard let items = reader.array("points such as { \"at\": \"warmup\", \"rps\": 100 }") else { return nil }
        if items.isEmpty { reader.fail("the list is empty; give at least one point") }
        var points: [RatePoint] = []
        for item in items {
            guard let point = point(item, isFirst: points.isEmpty) else { return nil }
            if let last = points.last, point.at.offset <= last.at.offset {
                item.fail("\(quoted(point.at.text)) is not after \(quoted(last.at.text)); give the points in order of time")
            }
            if point.at.offset > timeline.end { item.fail("\(quoted(point.at.text)) is after the end of the last phase") }
            points.append(point)
        }
        let calls = RateCurve(points: points, end: timeline.end).expectedCalls
        if calls > Self.maximumCalls {
            reader.fail("the rate asks for \(Int(calls)) calls; give at most \(Int(Self.maximumCalls))")
        } else if !points.isEmpty, calls < 1 {
            reader.fail("the rate asks for less than one call in the whole run; give a higher one")
        }
        return points
    }

    private func point(_ reader: ValueReader, isFirst: Bool) -> RatePoint? {
        guard let object = reader.object("at and rps") else { return nil }
        let at = object.required("at").flatMap { time($0) }
        let rate = object.required("rps")?.number(in: 0...100_000)
        let shape = object.value("shape", default: .step) { $0.oneOf(["step": RatePoint.Shape.step, "linear": .linear]) }
        object.finish()
        if isFirst, shape == .linear { object.optional("shape")?.fail("the first point has no rate before it to move from; use \"step\"") }
        guard let at, let rate, let shape else { return nil }
        return RatePoint(at: at, callsPerSecond: rate, shape: shape)
    }

    /// A request of a method, of which one is made to see whether it can be.
    private func request(_ reader: ValueReader, of method: String?) -> RequestTemplate? {
        guard let template = template(reader) else { return nil }
        guard let method = methods.first(where: { $0.name == method }), let complaint = Self.complaint(template, method) else {
            return template
        }
        let advice = "write a request such as \(method.exampleRequest)"
        // A field that is wrong by itself is the place to look at; the decoder does not say which one that is.
        let fields = reader.object("the request's fields")?.members ?? []
        var isPlaced = false
        for field in fields {
            var pieces: [RequestTemplate.Piece] = [.text("{\(quoted(field.key, limit: .max)):")]
            guard (try? append(field.value.node, to: &pieces)) != nil else { continue }
            pieces.append(.text("}"))
            guard let complaint = Self.complaint(RequestTemplate(pieces: pieces), method) else { continue }
            field.value.fail("fits no request of \(method.name): \(complaint); \(advice)")
            isPlaced = true
        }
        if !isPlaced { reader.fail("is no request of \(method.name): \(complaint); \(advice)") }
        return nil
    }

    /// Why the first request of a template cannot be made, in words; nil if it can.
    private static func complaint(_ template: RequestTemplate, _ method: DemoMethod) -> String? {
        do {
            _ = try method.encodeRequest(template.json(index: 0))
            return nil
        } catch {
            return PolicyDocument.words(of: error)
        }
    }

    private func template(_ reader: ValueReader) -> RequestTemplate? {
        guard reader.object("the request's fields") != nil else { return nil }
        var pieces: [RequestTemplate.Piece] = []
        do {
            try append(reader.node, to: &pieces)
            return RequestTemplate(pieces: pieces.joiningTexts)
        } catch {
            reader.fail(error.message)
            return nil
        }
    }

    private func append(_ node: JSONNode, to pieces: inout [RequestTemplate.Piece]) throws(RequestTemplate.SyntaxError) {
        switch node.value {
        case .object(let members):
            for (index, member) in members.enumerated() {
                pieces.append(.text("\(index == 0 ? "{" : ",")\(quoted(member.key, limit: .max)):"))
                try append(member.node, to: &pieces)
            }
            pieces.append(.text(members.isEmpty ? "{}" : "}"))
        case .array(let elements):
            pieces.append(.text("["))
            for (index, element) in elements.enumerated() {
                if index > 0 { pieces.append(.text(",")) }
                try append(element, to: &pieces)
            }
            pieces.append(.text("]"))
        case .string:
            // Cut after quoting: a place needs no escapes, and what stands around it keeps its own.
            pieces += try RequestTemplate.pieces(of: node.jsonText)
        case .null, .bool, .number:
            pieces.append(.text(node.jsonText))
        }
    }
}

extension [RequestTemplate.Piece] {
    fileprivate var joiningTexts: [RequestTemplate.Piece] {
        reduce(into: []) { joined, piece in
            if case .text(let text) = piece, case .text(let before)? = joined.last {
                joined[joined.count - 1] = .text(before + text)
            } else {
                joined.append(piece)
            }
        }
    }
}
