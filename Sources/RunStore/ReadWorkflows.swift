import Domain
import Synchronization

/// Workflows that were read just now, by the bytes of their records: many runs are begun under the same one.
final class ReadWorkflows: Sendable {
    private let workflows = Mutex<[[UInt8]: Workflow]>([:])
    /// More are seldom in use at once.
    private static let limit = 16

    subscript(record: [UInt8]) -> Workflow? {
        get { workflows.withLock { $0[record] } }
        set {
            workflows.withLock { known in
                if known.count >= Self.limit { known = [:] }
                known[record] = newValue
            }
        }
    }
}
