import Synchronization
import SystemPackage

/// What this process has written last to the files that nobody else writes.
final class WrittenRecords: Sendable {
    private let fingerprints = Mutex<[FilePath: Int]>([:])

    func note(_ path: FilePath, _ bytes: [UInt8]) {
        let value = Self.fingerprint(of: bytes)
        fingerprints.withLock { $0[path] = value }
    }

    func forget(_ paths: [FilePath]) {
        fingerprints.withLock { known in for path in paths { known[path] = nil } }
    }

    /// Whether the file holds something else than was written; not so where nothing was.
    func isChanged(_ path: FilePath, _ bytes: [UInt8]) -> Bool {
        guard let known = fingerprints.withLock({ $0[path] }) else { return false }
        return known != Self.fingerprint(of: bytes)
    }

    private static func fingerprint(of bytes: [UInt8]) -> Int { bytes.hashValue }
}
