import Foundation
import Testing

@testable import HoldfastChaos

#if canImport(FoundationXML)
import FoundationXML
#endif

@Suite("JUnit report")
struct JUnitReportTests {
    /// What a reader of the file finds, by the rules of XML and not by ours.
    private final class Reading: NSObject, XMLParserDelegate {
        var suites: [[String: String]] = []
        var cases: [(attributes: [String: String], endings: [String])] = []

        init(_ xml: String) throws {
            super.init()
            let parser = XMLParser(data: Data(xml.utf8))
            parser.delegate = self
            try #require(parser.parse(), "\(xml)")
        }

        func parser(
            _ parser: XMLParser, didStartElement name: String, namespaceURI: String?, qualifiedName: String?,
            attributes: [String: String]
        ) {
            switch name {
            case "testsuite": suites.append(attributes)
            case "testcase": cases.append((attributes, []))
            case "failure", "skipped", "error": cases[cases.count - 1].endings.append(name)
            default: break
            }
        }
    }

    @Test("A case for each assertion and each fault; what is meant to fail passes when it does")
    func cases() throws {
        let result = try SampleRun.result()
        let reading = try Reading(JUnitReport(result).xml)
        let first = result.variants[0]
        #expect(reading.suites.map { $0["name"] } == result.variants.map { "say-outage.\($0.name)" })
        #expect(reading.suites[0]["tests"] == String(first.assertions.count + first.faults.count))
        #expect(reading.suites.allSatisfy { $0["failures"] == "0" && $0["errors"] == "0" }, "\(reading.suites)")
        #expect(reading.cases.map { $0.attributes["name"] }.prefix(first.assertions.count).elementsEqual(first.assertions.map(\.id)))
    }

    @Test("What failed, what was skipped and what was stopped is told apart, whatever characters it is told with")
    func endings() throws {
        var result = try SampleRun.result()
        result.variants[0].assertions[0].passed = false
        result.variants[0].assertions[0].sentence = "a < b & \"c\"\u{1}"
        result.variants[0].faults[0].obstacle = "no cgroup"
        result.variants[0].faults[1].hits = 0
        result.variants[1].faults[0].isUndone = false
        result.abortReason = "it was interrupted"
        let reading = try Reading(JUnitReport(result).xml)
        let name = result.variants[0].name
        func ending(_ suite: String, _ test: String) -> [String]? {
            reading.cases.first { $0.attributes["classname"] == suite && $0.attributes["name"] == test }?.endings
        }
        #expect(ending("say-outage.\(name)", result.variants[0].assertions[0].id) == ["failure"])
        #expect(ending("say-outage.\(name)", "fault \(result.variants[0].faults[0].id)") == ["skipped"])
        #expect(ending("say-outage.\(name)", "fault \(result.variants[0].faults[1].id)") == ["failure"])
        #expect(ending("say-outage.\(result.variants[1].name)", "fault \(result.variants[1].faults[0].id)") == ["failure"])
        #expect(ending("say-outage", "run") == ["error"])
        #expect(reading.suites[0]["failures"] == "2" && reading.suites[0]["skipped"] == "1")
    }

    @Test("A claim that should have failed and did not is a failure")
    func missingFailure() throws {
        var result = try SampleRun.result()
        let id = try #require(result.variants[1].expectedFailures.first)
        let index = try #require(result.variants[1].assertions.firstIndex { $0.id == id })
        result.variants[1].assertions[index].passed = true
        let reading = try Reading(JUnitReport(result).xml)
        #expect(reading.cases.contains { $0.attributes["name"] == id && $0.endings == ["failure"] })
    }
}
