import Disk
import Domain
import RunStore
import Synchronization
import SystemPackage

/// The hooks that an attempt has run and the one that is due, on disk before anything that depends on it.
///
/// A class because the lock has an identity; an attempt runs one hook at a time.
final class HookProgress: Sendable {
    private let path: FilePath
    private let disk: LocalFileSystem
    private let record = Mutex(HookRecord())

    init(at path: FilePath, on disk: LocalFileSystem) {
        self.path = path
        self.disk = disk
    }

    /// Those that have ended, in their order; `nil` when there was none.
    var all: [CheckResult]? { record.withLock { $0.ended.isEmpty ? nil : $0.ended } }

    /// What has to run however the attempt ends.
    var due: Hook? { record.withLock { $0.due } }

    /// Goes on from what a process before this one has written.
    func recall() throws {
        guard let bytes = try disk.read(path) else { return }
        let earlier = try RecordDecoder.value(HookRecord.self, from: bytes)
        record.withLock { $0 = earlier }
    }

    func owe(_ hook: Hook) throws {
        try write(
            record.withLock {
                $0.due = hook
                return $0
            }
        )
    }

    func add(_ result: CheckResult) throws {
        try write(
            record.withLock {
                $0.ended.append(result)
                if $0.due?.rawValue == result.check { $0.due = nil }
                return $0
            }
        )
    }

    private func write(_ record: HookRecord) throws {
        try disk.write(Array(try RecordEncoder.prettyText(of: record).utf8), to: path)
    }
}
