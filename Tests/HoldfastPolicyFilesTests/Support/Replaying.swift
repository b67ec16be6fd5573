import HoldfastPolicyFiles
import Testing

/// The lines of a trace's replay.
func replay(_ json: String) async throws -> [JSONObject] {
    let trace = try PolicyTrace(file: "trace.json", bytes: Array(json.utf8))
    var lines: [JSONObject] = []
    var failure: (any Error)?
    await trace.replay { line in
        do { lines.append(try JSONObject(line: line)) } catch { failure = error }
    }
    if let failure { throw failure }
    return lines
}

/// What is wrong with a trace, a line for each error, without the file's name.
func traceErrors(_ json: String) -> String {
    do {
        _ = try PolicyTrace(file: "", bytes: Array(json.utf8))
        return ""
    } catch {
        return error.diagnostics.map { "\($0)".dropFirst() }.joined(separator: "\n")
    }
}
