/// How soon a metric must be good again after an event, and for how long without a break.
package struct Recovery: Sendable, Hashable {
    package var after: TimeReference
    /// The good stretch begins no later than this after the event.
    package var within: Duration
    package var sustained: Duration

    package init(after: TimeReference, within: Duration, sustained: Duration) {
        self.after = after
        self.within = within
        self.sustained = sustained
    }
}
