import Holdfast

/// Pauses between two looks at something that must come to its end on every way out, a cancelled run included.
enum Pause {
    /// Pauses even in a cancelled task, whose own sleeps would return at once and leave a loop spinning.
    static func uncancellable(_ duration: Duration, _ timeSource: TimeSource = .system) async {
        await Task.detached(executorPreference: timeSource.taskExecutor) { try? await timeSource.sleep(for: duration) }.value
    }
}
