/// A moment of the run, written in words (`fault`, `fault.end`, `fault + 2s`) and resolved against the phases.
package struct TimeReference: Sendable, Hashable {
    /// As written in the scenario, for reports.
    package var text: String
    /// Time from the start of the run.
    package var offset: Duration

    package init(text: String, offset: Duration) {
        self.text = text
        self.offset = offset
    }
}
