import Holdfast

extension PolicyExplanation: CustomStringConvertible {
    /// The explanation for a terminal: plain text in lines of at most 80 columns, but for what others word.
    public var description: String {
        ([headline]
            + [stageLines, timeLines, hangLines, failureLines, slowLines, loadLines, breakerLines, viewLines, remarkLines].flatMap {
                $0.isEmpty ? [] : [""] + $0
            }).joined(separator: "\n")
    }

    private var headline: String {
        let whose = routes.isEmpty ? "to which no route leads" : "for \(Words.list(routes, "and"))"
        return "policy \(policy), \(whose) (\(isIdempotent ? "idempotent" : "not idempotent: nothing is sent twice"))"
    }

    private var stageLines: [String] {
        stages.isEmpty ? ["It has no policies: calls go through as they are."] : stages.map(\.description)
    }

    private var timeLines: [String] { callTimeLines + fallbackTimeLines }

    private var callTimeLines: [String] {
        guard let longest else { return ["Worst case: nothing ends a call that hangs, unless its caller brings a deadline."] }
        let isLast = longestFallback == .zero
        let end = "the \(isLast ? "caller" : "pipeline") has an answer or an error after"
        guard let hanging = hang.end, hanging < longest else { return ["Worst case: \(end) \(Words.time(longest))."] }
        return [
            "Worst case: \(end) \(Words.time(longest)), when all attempts",
            "last as long as they may, and so do all waits, those that the service asks for included.",
        ]
    }

    private var fallbackTimeLines: [String] {
        guard let longestFallback else {
            return ["The fallback then takes as long as it likes: only a deadline of the caller ends it."]
        }
        guard longestFallback > .zero else { return [] }
        let total = longest.map { ": the caller has an answer or an error after \(Words.time($0 + longestFallback))" } ?? ""
        return ["The fallback then takes up to \(Words.time(longestFallback)) more\(total)."]
    }

    private var hangLines: [String] {
        guard hang.isComplete else {
            return ["If the service hangs, the call makes \(AttemptCount(hang)) attempts"] + TimelinePicture(hang).lines
        }
        let end = hang.end.map {
            "fails after \(Words.time($0)) and \(Words.count(hang.attempts, "attempt")): \(Self.words(for: hang.error))"
        }
        return ["If the service hangs, the call \(end ?? "never ends")"] + TimelinePicture(hang).lines
    }

    private var failureLines: [String] {
        guard failure.isComplete else {
            return ["If the service fails at once, the call makes \(AttemptCount(failure)) attempts"] + TimelinePicture(failure).lines
        }
        guard let end = failure.end, end > .zero || failure.attempts > 1 else { return [] }
        let code = (failure.error as? any StatusError)?.code
        let cause = code.flatMap { $0 == .unavailable ? nil : " with \($0)" } ?? ""
        let limits = "at most \(Words.time(end)) and \(Words.count(failure.attempts, "attempt"))"
        return ["If the service fails at once\(cause), the call fails after \(limits)"] + TimelinePicture(failure).lines
    }

    private var slowLines: [String] {
        guard let slow, let slowest else { return [] }
        let cause = "If the service takes \(Words.time(slowest)) to answer (p99)"
        guard slow.isComplete, let end = slow.end else {
            return ["\(cause), the call makes \(AttemptCount(slow)) attempts"] + TimelinePicture(slow).lines
        }
        let attempts = Words.count(slow.attempts, "attempt")
        let outcome = slow.error.map { ": \(Self.words(for: $0))" } ?? ""
        let verb = slow.error == nil ? "is answered" : "fails"
        return ["\(cause), the call \(verb) after \(Words.time(end)) and \(attempts)\(outcome)"] + TimelinePicture(slow).lines
    }

    private static func words(for error: (any Error)?) -> String {
        switch error {
        case let timeout as TimeoutError: "\(timeout.code), \(timeout.scope.rawValue) timeout"
        case let status as any StatusError: status.code.name
        default: "an error"
        }
    }

    private var loadLines: [String] {
        let most = load.mostAttempts
        var line = "Load: \(most.isExact ? "at most \(Words.count(most.count, "attempt"))" : "\(most) attempts") for a call"
        if most.count > 1 {
            if let sustained = load.sustained, !most.isExact, sustained >= Double(most.count) {
                line += "; as many for each while all fail for long"
            } else if let sustained = load.sustained {
                line += "; \(Words.number((sustained * 1000).rounded() / 1000)) for each while all fail for long"
            } else {
                line += "; how many for each while all fail for long depends on --rps"
            }
        }
        return [line]
    }

    private var breakerLines: [String] {
        guard !breakers.isEmpty else { return [] }
        var lines: [String] = []
        var last: String?
        for forecast in breakers {
            let heading = "\(forecast.element), when every call that reaches it \(Self.words(for: forecast.cause)):"
            if heading != last { lines.append(heading) }
            last = heading
            let about = forecast.isExact ? "" : "about "
            let cold = forecast.cold.map { "cold after \(about)\(Self.words(for: $0))" } ?? "cold never"
            let healthy =
                forecast.healthy.map { "after \(Words.time(forecast.health)) of health, \(about)\(Self.words(for: $0))" }
                ?? "after \(Words.time(forecast.health)) of health, never"
            lines.append("  at \(Words.number(forecast.callsPerSecond)) calls a second: \(cold); \(healthy)")
        }
        return lines
    }

    private static func words(for cause: BreakerForecast.Cause) -> String {
        switch cause {
        case .failure(.unavailable): "fails"
        case .failure(let code): "fails with \(code)"
        case .slowness(let over): "takes longer than \(Words.time(over))"
        }
    }

    private static func words(for opening: BreakerForecast.Opening) -> String {
        "\(Words.count(opening.calls, "call")), \(Words.time(opening.time))"
    }

    private var viewLines: [String] {
        var lines = ["What a caller sees if"]
        for view in views {
            let pause = view.retryAfter.map { ", try again in up to \(Words.time($0))" } ?? ""
            let end = view.isAnswered ? "the fallback's answer, in place of \(view.code)" : view.code.name
            lines += ["  \(view.situation): \(end)\(view.isAnswered ? "" : pause)", "    \(view.text)"]
        }
        if !fallback.isEmpty {
            lines.append("  The fallback gives \(fallback.joined(separator: "; else ")).")
        }
        return lines
    }

    private var remarkLines: [String] {
        remarks.isEmpty ? [] : ["By the traffic:"] + remarks.map { "  \($0)" }
    }
}
