import Foundation
import HoldfastChaos
import Testing

@Suite("HTML report")
struct HTMLReportTests {
    @Test("The verdict and the command to replay come before everything else")
    func order() throws {
        let html = try HTMLReport(SampleRun.result()).html()
        if let path = ProcessInfo.processInfo.environment["HOLDFAST_SAMPLE_REPORT"] {
            try Data(html.utf8).write(to: URL(filePath: path))
        }
        let verdict = try #require(html.range(of: "class=\"verdict passed\""))
        let replay = try #require(html.range(of: "holdfast chaos run Examples/say-outage.json"))
        let panels = try #require(html.range(of: "<svg"))
        #expect(verdict.lowerBound < replay.lowerBound)
        #expect(replay.lowerBound < panels.lowerBound)
    }

    @Test("The page refers to nothing outside itself")
    func selfContained() throws {
        let html = try HTMLReport(SampleRun.result()).html()
        for reference in ["http://", "https://", "src=", "href=", "url(", "@import"] {
            #expect(!html.contains(reference), "\(reference)")
        }
    }

    @Test("Text of the scenario cannot become markup or end the data's script")
    func escaping() throws {
        var result = try SampleRun.result()
        result.title = "</script><script>alert(1)</script> & \"more\""
        result.variants[0].name = "<b>full</b>"
        let html = try HTMLReport(result).html()
        #expect(!html.contains("<script>alert"))
        #expect(!html.contains("<b>full</b>"))
        #expect(html.components(separatedBy: "</script>").count == 2)
    }

    @Test("The embedded data is the result")
    func embeddedData() throws {
        let result = try SampleRun.result()
        let html = try HTMLReport(result).html()
        let start = try #require(html.range(of: "id=\"result\">"))
        let end = try #require(html.range(of: "</script>"))
        let json = Data(html[start.upperBound..<end.lowerBound].utf8)
        #expect(try RunResult(json: json) == result)
    }
}
