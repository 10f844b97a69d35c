import Disk
package import Domain
package import SystemPackage

#if canImport(FoundationEssentials)
package import FoundationEssentials
#else
package import Foundation
#endif

extension StateLayout {
    package var batches: FilePath { root.appending("batches") }
    /// Holds an empty file for each batch of which something may still come.
    package var openBatches: FilePath { batches.appending("open") }

    package func batch(_ name: String) -> FilePath { batches.appending("\(name).json") }
}

extension RunStore {
    /// Writes a batch's record, and its mark among the open ones.
    ///
    /// The mark is what start-up reads: it's made before the record of a batch that goes on, and removed after
    /// the record of one at its end.
    package func save(_ batch: Batch) throws(RunStoreError) {
        let mark = layout.openBatches.appending(batch.name)
        do {
            if !batch.isAtRest, try fileSystem.read(mark) == nil {
                try fileSystem.write([], to: mark)
            }
            try write(batch, to: layout.batch(batch.name))
            if batch.isAtRest { try fileSystem.remove(mark) }
        } catch let error as DiskError {
            throw .disk(error)
        } catch let error as RunStoreError {
            throw error
        } catch {
            throw .unreadable(layout.batch(batch.name), "\(error)")
        }
    }

    /// A batch's record, or `nil` when there is none.
    package func batch(named name: String) throws(RunStoreError) -> Batch? {
        try value(Batch.self, at: layout.batch(name))
    }

    /// What start-up finds of batches.
    package struct BatchRecovery: Sendable {
        package var batches: [Batch] = []
        /// One sentence for each record that was set aside or refused.
        package var problems: [String] = []
    }

    /// Reads the batches that haven't come to their end.
    ///
    /// - Parameters:
    ///   - now: For the names of what is set aside.
    ///   - setsAside: Whether broken records are moved at all; who only looks leaves them where they are.
    /// - Returns: The batches by workflow and number, and what couldn't be read.
    /// - Throws: `RunStoreError.disk` when the folder can't be listed.
    package func openBatches(
        at now: Date,
        setsAside: Bool
    ) throws(RunStoreError) -> BatchRecovery {
        var recovery = BatchRecovery()
        for name in try names(in: layout.openBatches) where !name.hasPrefix(".") {
            do {
                // A mark without a record: killed between the two, and nothing was begun yet.
                guard let batch = try batch(named: name) else { continue }
                guard !batch.isAtRest else {
                    // Killed between the record and the mark. Should this not succeed, the next start does it.
                    if setsAside { try? fileSystem.remove(layout.openBatches.appending(name)) }
                    continue
                }
                recovery.batches.append(batch)
            } catch .unreadable(let path, let why) {
                recovery.problems.append(
                    setsAside ? setAside(path, why, at: now) : "\(path): \(why)"
                )
            } catch {
                recovery.problems.append("\(error)")
            }
        }
        recovery.batches.sort { ($0.workflow, $0.number) < ($1.workflow, $1.number) }
        return recovery
    }

    /// Names of all batches that have a record: by workflow, oldest first.
    package func batchNames() throws(RunStoreError) -> [(workflow: String, number: Int)] {
        try names(in: layout.batches).compactMap { file in
            // What stands behind the last '-' is the number; a broken record keeps its number too.
            guard let end = file.ranges(of: ".json").last,
                let dash = file[..<end.lowerBound].lastIndex(of: "-"),
                let number = Int(file[..<end.lowerBound][dash...].dropFirst()), number > 0
            else { return nil }
            return (String(file[..<dash]), number)
        }.sorted { $0 < $1 }
    }

    /// The number of each workflow's newest batch.
    package func newestBatches() throws(RunStoreError) -> [String: Int] {
        var newest: [String: Int] = [:]
        for (workflow, number) in try batchNames() { newest[workflow] = number }
        return newest
    }

    private func names(in folder: FilePath) throws(RunStoreError) -> [String] {
        do { return try fileSystem.list(folder) } catch { throw .disk(error) }
    }
}
