import Disk
package import Domain
package import SystemPackage

#if canImport(FoundationEssentials)
package import FoundationEssentials
#else
package import Foundation
#endif

extension StateLayout {
    /// What the breakers remember.
    package var breaker: FilePath { root.appending("breaker.json") }
}

/// `breaker.json`.
private struct BreakerRecord: Codable {
    var schema = 1
    var breakers: [BreakerMark]
}

extension RunStore {
    /// Writes what the breakers remember; on return it's on disk.
    ///
    /// - Parameters:
    ///   - marks: Of all breakers.
    ///   - now: For the name of a record that is set aside.
    /// - Returns: A sentence where a person had changed the file since it was written; it's set aside.
    /// - Throws: `RunStoreError.disk`.
    @discardableResult
    package func save(_ marks: [BreakerMark], at now: Date) throws(RunStoreError) -> String? {
        try replace(BreakerRecord(breakers: marks), at: layout.breaker, now)
    }

    /// What the breakers remembered.
    ///
    /// - Parameters:
    ///   - now: For the name of a record that is set aside.
    ///   - setsAside: Whether a broken record is moved out of the way.
    /// - Returns: The marks, and a sentence where they can't be read: all breakers are closed then.
    /// - Throws: `RunStoreError.disk`, and `newer`, for such a record must not be written over.
    package func breakerMarks(
        at now: Date,
        setsAside: Bool
    ) throws(RunStoreError) -> (marks: [BreakerMark], problem: String?) {
        do {
            return (try value(BreakerRecord.self, at: layout.breaker)?.breakers ?? [], nil)
        } catch .unreadable(let path, let why) {
            let mend = "no attempt counts as failed just before the start"
            let problem =
                setsAside
                ? setAside(path, why, at: now, mend: mend) : "\(path): \(why), \(mend)"
            return ([], problem)
        } catch {
            throw error
        }
    }
}
