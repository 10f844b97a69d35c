import CProcess

/// A process that cannot be mistaken for a later one with the same pid, nor for one of another boot.
package struct ProcessIdentity: Hashable, Codable, Sendable {
    /// The process's number, which the system gives to another process once this one is gone.
    package let pid: Int32
    /// When the process started, in this platform's units since `bootID`.
    package let startTime: UInt64
    /// The name of the boot that the process belongs to.
    package let bootID: String

    private enum CodingKeys: String, CodingKey {
        case pid
        case startTime = "start_time"
        case bootID = "boot"
    }

    /// An identity from a record; `ProcessIdentity.of(pid:)` is for a process that is alive.
    package init(pid: Int32, startTime: UInt64, bootID: String) {
        self.pid = pid
        self.startTime = startTime
        self.bootID = bootID
    }

    /// The process that asks.
    package static var current: ProcessIdentity {
        let pid = linecook_own_pid()
        return of(pid: pid) ?? ProcessIdentity(pid: pid, startTime: 0, bootID: currentBootID)
    }

    /// The process that has this pid now; `nil` when there is none.
    ///
    /// One that has ended and only waits for its parent to collect it still has its pid.
    package static func of(pid: Int32) -> ProcessIdentity? {
        var startTime: UInt64 = 0
        var hasEnded = false
        guard unsafe linecook_start_time(pid, &startTime, &hasEnded) == 0 else { return nil }
        return ProcessIdentity(pid: pid, startTime: startTime, bootID: currentBootID)
    }

    /// Whether this very process still runs; one that only waits to be collected does not.
    package var isAlive: Bool {
        guard bootID == Self.currentBootID else { return false }
        var startTime: UInt64 = 0
        var hasEnded = false
        guard unsafe linecook_start_time(pid, &startTime, &hasEnded) == 0 else { return false }
        return startTime == self.startTime && !hasEnded
    }

    /// Sends a signal to this very process, never to another that has its pid by now.
    ///
    /// - Returns: `false` when the process is gone, or belongs to somebody else.
    @discardableResult
    package func signal(_ signal: Int32) -> Bool {
        guard bootID == Self.currentBootID else { return false }
        return linecook_signal(pid, startTime, signal) == 0
    }

    /// The name of this boot; a container has that of its host.
    package static let currentBootID: String = {
        var buffer = [CChar](repeating: 0, count: 64)
        guard unsafe linecook_boot_id(&buffer, buffer.count) == 0 else { return "" }
        let bytes = buffer.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }
        return String(decoding: bytes, as: UTF8.self)
    }()
}

extension ProcessIdentity: CustomStringConvertible {
    package var description: String { "process \(pid)" }
}
