extension Duration {
    /// The duration in seconds, as records on disk hold it.
    package var inSeconds: Double {
        let (seconds, attoseconds) = components
        return Double(seconds) + Double(attoseconds) * 1e-18
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
