import Disk
package import Domain
package import SystemPackage

#if canImport(FoundationEssentials)
package import FoundationEssentials
#else
package import Foundation
#endif

extension StateLayout {
    /// How far each schedule has come.
    package var ticks: FilePath { root.appending("ticks.json") }
}

/// `ticks.json`.
private struct TicksRecord: Codable {
    var schema = 1
    var workflows: [TickMark]
}

extension RunStore {
    /// Writes how far the schedules have come; on return it's on disk.
    ///
    /// - Parameter marks: Of all workflows.
    /// - Returns: A sentence where a person had changed the file since it was written; it's set aside.
    /// - Throws: `RunStoreError.disk`.
    @discardableResult
    package func save(_ marks: [TickMark]) throws(RunStoreError) -> String? {
        let sorted = marks.sorted { $0.workflow < $1.workflow }
        let now = marks.map(\.settled).max() ?? .distantPast
        return try replace(TicksRecord(workflows: sorted), at: layout.ticks, now)
    }

    /// How far the schedules had come.
    ///
    /// - Parameters:
    ///   - now: For the name of a record that is set aside.
    ///   - setsAside: Whether a broken record is moved out of the way.
    /// - Returns: The marks, and a sentence where they can't be read: the schedules then go on from now.
    /// - Throws: `RunStoreError.disk`, and `newer`, for such a record must not be written over.
    package func tickMarks(
        at now: Date,
        setsAside: Bool
    ) throws(RunStoreError) -> (marks: [TickMark], problem: String?) {
        do {
            return (try value(TicksRecord.self, at: layout.ticks)?.workflows ?? [], nil)
        } catch .unreadable(let path, let why) {
            let mend = "no tick counts as missed, and the schedules go on from now"
            let problem =
                setsAside
                ? setAside(path, why, at: now, mend: mend) : "\(path): \(why), \(mend)"
            return ([], problem)
        } catch {
            throw error
        }
    }
}
