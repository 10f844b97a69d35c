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
    /// Who asked for a break; `nil` in a file of a version that didn't keep that.
    var providers: [ProviderBreak]?
}

extension RunStore {
    /// Writes what the breakers remember; on return it's on disk.
    ///
    /// - Parameters:
    ///   - marks: Of all breakers.
    ///   - breaks: Those that providers have asked for.
    ///   - now: For the name of a record that is set aside.
    /// - Returns: A sentence where a person had changed the file since it was written; it's set aside.
    /// - Throws: `RunStoreError.disk`.
    @discardableResult
    package func save(
        _ marks: [BreakerMark],
        _ breaks: [ProviderBreak] = [],
        at now: Date
    ) throws(RunStoreError) -> String? {
        try replace(BreakerRecord(breakers: marks, providers: breaks), at: layout.breaker, now)
    }

    /// What the breakers remembered.
    ///
    /// - Parameters:
    ///   - now: For the name of a record that is set aside.
    ///   - setsAside: Whether a broken record is moved out of the way.
    /// - Returns: The marks, the breaks that providers had asked for, and a sentence where that can't be read: all
    ///   breakers are closed then, and every provider may be asked.
    /// - Throws: `RunStoreError.disk`, and `newer`, for such a record must not be written over.
    package func breakerMarks(
        at now: Date,
        setsAside: Bool
    ) throws(RunStoreError) -> (marks: [BreakerMark], breaks: [ProviderBreak], problem: String?) {
        do {
            let record = try value(BreakerRecord.self, at: layout.breaker)
            return (record?.breakers ?? [], record?.providers ?? [], nil)
        } catch .unreadable(let path, let why) {
            let mend = "no attempt counts as failed just before the start"
            let problem =
                setsAside
                ? setAside(path, why, at: now, mend: mend) : "\(path): \(why), \(mend)"
            return ([], [], problem)
        } catch {
            throw error
        }
    }
}
