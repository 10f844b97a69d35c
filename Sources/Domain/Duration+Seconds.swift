extension Duration {
    /// The duration in seconds, as records on disk hold it.
    package var inSeconds: Double {
        let (seconds, attoseconds) = components
        return Double(seconds) + Double(attoseconds) * 1e-18
    }

    /// The nearest duration of at most ten thousand years.
    ///
    /// For seconds that somebody else wrote: `.seconds` ends the program for more than a `Duration` holds, and its
    /// parts have to fit into what counts them.
    package init(inSeconds seconds: Double) {
        self = .seconds(seconds.isNaN ? 0 : min(max(seconds, -3e11), 3e11))
    }

    /// The duration in words of at most two units, such as `45 s`, `14 min` or `1 h 30 min`.
    package var inWords: String {
        let total = inSeconds
        if total < 10 { return "\((total * 10).rounded() / 10) s" }
        let seconds = Int(total.rounded())
        if seconds < 120 { return "\(seconds) s" }
        let minutes = Int((total / 60).rounded())
        if minutes < 60 { return "\(minutes) min" }
        let hours = minutes / 60
        if hours < 48 { return minutes % 60 == 0 ? "\(hours) h" : "\(hours) h \(minutes % 60) min" }
        return hours % 24 == 0 ? "\(hours / 24) d" : "\(hours / 24) d \(hours % 24) h"
    }
}
