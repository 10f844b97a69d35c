import Domain
import Logging
import Synchronization

/// Which lines are logged and in which form; can be changed while the program runs.
final class LogThreshold: Sendable {
    private struct Values {
        var level: ServiceConfiguration.LogLevel
        var format: ServiceConfiguration.LogFormat
    }
    private let values: Mutex<Values>

    init(_ level: ServiceConfiguration.LogLevel, _ format: ServiceConfiguration.LogFormat) {
        values = Mutex(Values(level: level, format: format))
    }

    convenience init(_ configuration: ServiceConfiguration) {
        self.init(configuration.logLevel, configuration.logFormat)
    }

    var level: Logger.Level {
        switch values.withLock({ $0.level }) {
        case .debug: .debug
        case .info: .info
        case .warning: .warning
        case .error: .error
        }
    }

    var format: ServiceConfiguration.LogFormat { values.withLock { $0.format } }

    func set(_ level: ServiceConfiguration.LogLevel, _ format: ServiceConfiguration.LogFormat) {
        values.withLock { $0 = Values(level: level, format: format) }
    }
}
