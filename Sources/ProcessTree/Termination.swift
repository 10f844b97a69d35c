/// How a process ended.
package enum Termination: Hashable, Sendable, CustomStringConvertible {
    /// By itself, with this code; 0 means that it was content.
    case exited(code: Int32)
    /// By a signal of this number.
    case signaled(Int32)

    init(code: Int32, signal: Int32) {
        self = signal == 0 ? .exited(code: code) : .signaled(signal)
    }

    package var description: String {
        switch self {
        case .exited(let code): "exit \(code)"
        case .signaled(let signal): "signal \(signal)"
        }
    }
}
