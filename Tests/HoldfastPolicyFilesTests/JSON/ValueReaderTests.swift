import HoldfastPolicyFiles
import Testing

@Suite struct ValueReaderTests {
    struct Misfit: Sendable, CustomTestStringConvertible {
        let json: String
        let message: String
        let read: @Sendable (ValueReader) -> Void

        init(_ json: String, _ message: String, _ read: @escaping @Sendable (ValueReader) -> Void) {
            (self.json, self.message, self.read) = (json, message, read)
        }

        var testDescription: String { json }
    }

    @Test(
        "A value that does not fit says what was expected and what was found",
        arguments: [
            Misfit(#""x""#, #"expected an object with policies, found the string "x""#) { _ = $0.object("policies") },
            Misfit("{}", "expected an array of steps, found an object") { _ = $0.array("steps") },
            Misfit("[]", "expected a policy's name, found an array") { _ = $0.string("a policy's name") },
            Misfit(#""""#, #"expected a string, found the string """#) { _ = $0.string() },
            Misfit("null", "expected true or false, found null") { _ = $0.bool() },
            Misfit("200", "expected a whole number from 1 to 100, found the number 200") { _ = $0.integer(in: 1...100) },
            Misfit("1.5", "expected a whole number of at least 1, found the number 1.5") { _ = $0.integer(in: 1 ... .max) },
            Misfit("1e300", "expected a whole number of at most 9223372036854775807, found the number 1e300") { _ = $0.integer() },
            Misfit("1e300", "expected a whole number from 1 to 9223372036854775807, found the number 1e300") {
                _ = $0.integer(in: 1 ... .max)
            },
            Misfit("true", "expected a number from 0.5 to 2, found true") { _ = $0.number(in: 0.5...2) },
            Misfit("1.01", "expected a rate from 0 to 1, found the number 1.01") { _ = $0.rate() },
            Misfit("250", #"expected a duration, such as "250ms", found the number 250"#) { _ = $0.duration() },
            Misfit(#""0s""#, #"expected a duration above 0s, found "0s""#) { _ = $0.duration(above: .zero) },
            Misfit(#""99ms""#, #"expected a duration of at least 100ms, found "99ms""#) { _ = $0.duration(atLeast: .milliseconds(100)) },
            Misfit(#""8761h""#, #"expected a duration of at most 8760h, found "8761h""#) { _ = $0.duration() },
            Misfit(#""0.1ns""#, #"expected a duration in whole nanoseconds, found "0.1ns""#) { _ = $0.duration() },
            Misfit(#""ful""#, #"expected "none" or "full", found "ful"; did you mean "full"?"#) { _ = $0.oneOf(["none": 0, "full": 1]) },
            Misfit(#""x""#, #"expected "none" or "full", found "x""#) { _ = $0.oneOf(["none": 0, "full": 1]) },
            Misfit("3", #"expected "none" or "full", found the number 3"#) { _ = $0.oneOf(["none": 0, "full": 1]) },
        ])
    func misfits(misfit: Misfit) {
        #expect(failure(misfit.json, misfit.read) == "f:1:1: \(misfit.message)")
    }

    @Test(
        "A duration is read exactly",
        arguments: [
            ("0ms", .zero), ("250ms", .milliseconds(250)), ("1.5s", .milliseconds(1500)), ("2m", .seconds(120)), ("1h", .seconds(3600)),
            ("10us", .microseconds(10)), ("7ns", .nanoseconds(7)), ("0.000000001s", .nanoseconds(1)), ("8760h", .seconds(31_536_000)),
        ] as [(String, Duration)])
    func durations(text: String, duration: Duration) throws {
        #expect(try read("\"\(text)\"") { $0.duration() } == duration)
    }

    @Test(
        "A text without a number and a unit is no duration",
        arguments: ["", "5", "5 s", "s", "-5s", "1.s", ".5s", "1.2.3s", "5sec", "5S", "٥s"])
    func malformedDurations(text: String) {
        let expected = #"expected a duration such as "250ms", "1.5s" or "2m" (units ns, us, ms, s, m, h), found "\#(text)""#
        #expect(failure("\"\(text)\"") { _ = $0.duration() } == "f:1:1: \(expected)")
    }

    @Test("A duration is written in the largest unit that keeps it whole")
    func durationText() {
        #expect(
            [Duration.zero, .milliseconds(1500), .seconds(120), .seconds(7200), .nanoseconds(1)].map(DurationText.format) == [
                "0s", "1500ms", "2m", "2h", "1ns",
            ])
    }

    @Test("A warning does not refuse a document, and is handed out when it is accepted")
    func warnings() throws {
        var warnings: [Diagnostic] = []
        let value = try DocumentReader.read(file: "f", bytes: Array(" 1".utf8), warnings: { warnings = $0 }) { reader in
            reader.warn("doubtful")
            return reader.integer()
        }
        #expect(value == 1)
        #expect(warnings.map(\.description) == ["f:1:2: warning: doubtful"])
    }
}
