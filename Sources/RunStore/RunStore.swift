package import Disk
package import Domain
package import SystemPackage

#if canImport(FoundationEssentials)
package import FoundationEssentials
#else
package import Foundation
#endif

/// The run records on disk: written before what they announce is done, read again after a restart.
package struct RunStore: Sendable {
    package let layout: StateLayout
    let fileSystem: any FileSystem
    let written = WrittenRecords()
    private let workflows = ReadWorkflows()

    package init(root: FilePath, disk: any FileSystem) {
        layout = StateLayout(root: root)
        fileSystem = disk
    }

    /// Makes the folders that a daemon needs, and the README that explains them.
    package func prepare() throws(DiskError) {
        for folder in [
            layout.open, layout.runs, layout.openBatches, layout.history, layout.requests,
        ] {
            try fileSystem.makeFolder(folder)
        }
        let text = Array(stateReadme.utf8)
        if try fileSystem.read(layout.readme) != text {
            try fileSystem.write(text, to: layout.readme)
        }
    }

    /// Makes a new run's folder with the workflow that it was started under.
    ///
    /// - Throws: `RunStoreError`.
    package func begin(_ run: Run, workflow: Workflow, source: [UInt8]) throws(RunStoreError) {
        do {
            try fileSystem.makeFolder(layout.run(run.id))
            try fileSystem.write(source, to: layout.workflow(run.id))
            try fileSystem.write(encoded(workflow), to: layout.settings(run.id))
        } catch {
            throw .disk(error)
        }
    }

    /// The workflow that a run was started under.
    package func workflow(of run: RunID) throws(RunStoreError) -> Workflow? {
        guard let bytes = try bytes(at: layout.settings(run)) else { return nil }
        if let known = workflows[bytes] { return known }
        let workflow = try value(Workflow.self, at: layout.settings(run))
        workflows[bytes] = workflow
        return workflow
    }

    /// Writes a run's record, and its entry among the open ones.
    ///
    /// The entry is what start-up reads: it's made before the record of a run that is open and removed
    /// after the record of one at rest, so that no crash between the two writes can hide an open run.
    ///
    /// - Returns: A sentence where a person had changed one of the files since it was written; it's set aside.
    /// - Throws: `RunStoreError.disk`.
    @discardableResult
    package func save(_ run: Run) throws(RunStoreError) -> String? {
        var run = run
        run.refresh()
        let now = run.timeline.last?.at ?? run.started
        let (record, entry) = (layout.record(run.id), layout.open(run.ticket.key))
        var notices: [String?] = []
        do {
            if run.isAtRest {
                notices.append(try put(encoded(run), at: record, now))
                try writeHistory(run)
                try fileSystem.remove(entry)
                written.forget([record, entry])
            } else {
                let text = encoded(OpenEntry(run))
                if try fileSystem.read(entry) != text {
                    notices.append(try put(text, at: entry, now))
                }
                notices.append(try put(encoded(run), at: record, now))
            }
            if run.timeline.count <= 1 {
                try fileSystem.link(layout.latest(run.ticket.key), to: String(run.run))
            }
        } catch {
            throw .disk(error)
        }
        let told = notices.compactMap(\.self)
        return told.isEmpty ? nil : told.joined(separator: "; ")
    }

    /// Writes a record that is this process's alone, and makes its folder where that is gone.
    ///
    /// - Returns: A sentence where the file isn't as it was written last; what a person has made of it is set aside.
    private func put(
        _ bytes: [UInt8],
        at path: FilePath,
        _ now: Date
    ) throws(DiskError) -> String? {
        var notice: String?
        if let found = try fileSystem.read(path), written.isChanged(path, found) {
            notice = setAside(
                path,
                "it was changed while the service was at work",
                at: now,
                mend: "what the service knows stands in its place"
            )
        }
        // What comes of a write that fails isn't known.
        written.forget([path])
        do {
            try fileSystem.write(bytes, to: path)
        } catch  where error.code == .noSuchFileOrDirectory {
            try fileSystem.makeFolder(path.removingLastComponent())
            try fileSystem.write(bytes, to: path)
        }
        written.note(path, bytes)
        return notice
    }

    /// As `put`, for a record of any type.
    func replace(
        _ value: some Encodable,
        at path: FilePath,
        _ now: Date
    ) throws(RunStoreError) -> String? {
        do { return try put(encoded(value), at: path, now) } catch { throw .disk(error) }
    }

    /// The record of a run, or `nil` when there is none.
    package func run(_ id: RunID) throws(RunStoreError) -> Run? {
        try value(Run.self, at: layout.record(id))
    }

    /// Numbers of the runs that a ticket has had, lowest first.
    package func runNumbers(of ticket: TicketKey) throws(RunStoreError) -> [Int] {
        do {
            let numbers = try fileSystem.list(layout.ticket(ticket)).compactMap { Int($0) }.sorted()
            guard let last = numbers.last,
                try !isBegun(layout.run(RunID(ticket: ticket, number: last)))
            else { return numbers }
            return numbers.dropLast()
        } catch {
            throw .disk(error)
        }
    }

    /// Whether a run's folder holds a record, be it a broken one: who was killed before it was written did nothing
    /// yet, and the next run takes that number again.
    private func isBegun(_ folder: FilePath) throws(DiskError) -> Bool {
        try fileSystem.list(folder).contains {
            $0.hasPrefix("run.json") || $0.hasPrefix("attempt-")
        }
    }

    /// What start-up finds: the runs that aren't at rest, and what couldn't be read.
    package struct Recovery: Sendable {
        package var runs: [Run] = []
        /// Open runs whose records can't be read.
        package var unreadable: [RunID] = []
        /// One sentence for each record that was set aside or refused.
        package var problems: [String] = []
    }

    /// Reads the runs that aren't at rest.
    ///
    /// A record that a person broke is set aside as `NAME.broken-TIME` and named; one of a newer program is
    /// left alone and named. In both cases its ticket isn't taken up until a person has looked.
    ///
    /// - Parameters:
    ///   - now: For the names of what is set aside.
    ///   - setsAside: Whether broken records are moved at all; who only looks leaves them where they are.
    /// - Returns: The runs, and what couldn't be read.
    /// - Throws: `RunStoreError.disk` for what the disk refuses; to who only looks, that the folder can't be listed.
    package func recover(
        at now: Date,
        setsAside: Bool = true
    ) throws(RunStoreError) -> Recovery {
        var recovery = Recovery()
        let names: [String]
        do { names = try fileSystem.list(layout.open) } catch { throw .disk(error) }
        for name in names where name.hasSuffix(".json") && !name.hasPrefix(".") {
            guard let key = TicketKey(String(name.dropLast(5))) else { continue }
            do {
                try recover(key, &recovery, at: now, setsAside: setsAside)
            } catch .disk(let error) {
                // Without this run its ticket would be begun anew. What the disk refuses now it may give later.
                if setsAside { throw .disk(error) }
                recovery.problems.append("\(error)")
            } catch .unreadable(let path, let why) {
                recovery.problems.append(
                    setsAside ? setAside(path, why, at: now) : "\(path): \(why)"
                )
            } catch .newer(let path, let schema) {
                recovery.problems.append(
                    "\(RunStoreError.newer(path, schema: schema)); its ticket is left alone"
                )
            }
        }
        if setsAside { removeLeftovers(of: recovery.runs) }
        return recovery
    }

    /// Takes away what was half-written when an earlier daemon, or an attempt, was killed.
    private func removeLeftovers(of runs: [Run]) {
        var folders = [
            layout.root, layout.open, layout.history, layout.requests, layout.openBatches,
            layout.batches, layout.pulls,
        ]
        for run in runs {
            folders.append(layout.run(run.id))
            if let last = run.attempts.last { folders.append(layout.attempt(run.id, last.number)) }
        }
        for folder in folders { fileSystem.removeLeftovers(in: folder) }
    }

    /// Reads the open run of a ticket.
    private func recover(
        _ key: TicketKey,
        _ recovery: inout Recovery,
        at now: Date,
        setsAside: Bool
    ) throws(RunStoreError) {
        let entry = layout.open(key)
        let number: Int
        do throws(RunStoreError) {
            guard let found = try value(OpenEntry.self, at: entry) else { return }
            guard found.ticket == key else {
                throw .unreadable(entry, "it is a copy of \(found.ticket)'s")
            }
            number = found.run
        } catch .unreadable(let path, let why) {
            // It says only what the newest run's own record says better.
            recovery.problems.append(
                setsAside
                    ? setAside(
                        path,
                        why,
                        at: now,
                        mend: "the ticket's newest run tells how it stands"
                    )
                    : "\(path): \(why)"
            )
            guard let run = try newestRun(of: key), !run.isAtRest else { return }
            // Until it's written again, with the run's next change, a crash would hide the run.
            if setsAside { _ = try replace(OpenEntry(run), at: entry, now) }
            recovery.runs.append(run)
            return
        }
        let id = RunID(ticket: key, number: number)
        do throws(RunStoreError) {
            if let run = try run(id) {
                guard run.id == id else {
                    throw .unreadable(layout.record(id), "it is a copy of \(run.id)'s")
                }
                recovery.runs.append(run)
                return
            }
        } catch {
            recovery.unreadable.append(id)
            throw error
        }
        let files: [String]
        do { files = try fileSystem.list(layout.run(id)) } catch { throw .disk(error) }
        if let broken = files.last(where: { $0.hasPrefix("run.json.broken-") }) {
            recovery.unreadable.append(id)
            recovery.problems.append(
                "\(layout.record(id)): set aside as \(broken); \(Self.mendingRun)"
            )
        } else if files.contains(where: { $0.hasPrefix("attempt-") }) {
            recovery.unreadable.append(id)
            recovery.problems.append(
                "\(layout.record(id)): there is no such file any more, and its run isn't at rest;"
                    + " bring it back, or move the ticket to start it anew"
            )
        } else if setsAside {
            // Killed between the entry and the first record: nothing was done outside yet.
            // Should this not succeed, the next start does it.
            try? fileSystem.remove(entry)
        }
    }

    /// The newest run of a ticket, but for copies of another's folder.
    private func newestRun(of ticket: TicketKey) throws(RunStoreError) -> Run? {
        for number in try runNumbers(of: ticket).reversed() {
            let id = RunID(ticket: ticket, number: number)
            if let run = try run(id), run.id == id { return run }
        }
        return nil
    }

    /// Why a ticket isn't to have another run, although none of it is among the open ones: a person has removed the
    /// entry of one that isn't over.
    ///
    /// - Parameter ticket: Its key.
    /// - Returns: A sentence; `nil` where all is well.
    /// - Throws: `RunStoreError`.
    package func hiddenRun(of ticket: TicketKey) throws(RunStoreError) -> String? {
        do {
            guard try fileSystem.read(layout.open(ticket)) == nil else { return nil }
        } catch {
            throw .disk(error)
        }
        guard let run = try newestRun(of: ticket), !run.isAtRest else { return nil }
        let entry = layout.open(ticket)
        return
            "\(entry) is gone, but \(run.id) isn't at rest; the ticket isn't taken up anew: stop the service,"
            + " 'linecook runs reindex' brings it back"
    }

    private static var mendingRun: String {
        "mend it and move it back, or move the ticket to start it anew"
    }

    func setAside(
        _ path: FilePath,
        _ why: String,
        at now: Date,
        mend: String = mendingRun
    ) -> String {
        let name = path.lastComponent?.string ?? "record"
        let stamp = Timestamp.text(of: now).filter { $0 != ":" && $0 != "." && $0 != "-" }
        let folder = path.removingLastComponent()
        do {
            // What was set aside before isn't replaced.
            let others = Set(try fileSystem.list(folder))
            let names = (1...1000).map { "\(name).broken-\(stamp)" + ($0 == 1 ? "" : "-\($0)") }
            let target = folder.appending(names.first { !others.contains($0) } ?? names[0])
            try fileSystem.move(path, to: target)
            return "\(path): \(why); set aside as \(target.lastComponent?.string ?? ""), \(mend)"
        } catch {
            return "\(path): \(why); \(error)"
        }
    }

    /// Writes a record of any type.
    package func write(_ value: some Encodable, to path: FilePath) throws(RunStoreError) {
        do { try fileSystem.write(encoded(value), to: path) } catch { throw .disk(error) }
    }

    /// Makes a folder below the state folder.
    package func makeFolder(_ path: FilePath) throws(RunStoreError) {
        do { try fileSystem.makeFolder(path) } catch { throw .disk(error) }
    }

    /// The bytes of any file, or `nil` when there is none.
    package func bytes(at path: FilePath) throws(RunStoreError) -> [UInt8]? {
        do { return try fileSystem.read(path) } catch { throw .disk(error) }
    }

    /// Reads a record of any type, or `nil` when there is none.
    package func value<Value: Decodable>(
        _ type: Value.Type,
        at path: FilePath
    ) throws(RunStoreError) -> Value? {
        let bytes: [UInt8]?
        do { bytes = try fileSystem.read(path) } catch { throw .disk(error) }
        guard let bytes else { return nil }
        do {
            let schema = try RecordDecoder.value(SchemaOnly.self, from: bytes).schema ?? 1
            guard schema <= newestSchema else {
                throw RunStoreError.newer(path, schema: schema)
            }
            return try RecordDecoder.value(
                type,
                from: bytes,
                completedFrom: try OlderRecord.today(of: type)
            )
        } catch let error as RunStoreError {
            throw error
        } catch {
            throw .unreadable(path, RecordDecoder.explanation(of: error))
        }
    }

    private func encoded(_ value: some Encodable) -> [UInt8] {
        // Encoding fails only for a number that JSON doesn't have, and no record computes with one.
        let text = (try? RecordEncoder.prettyText(of: value)) ?? "null\n"
        return Array(text.utf8)
    }
}

/// The newest form of records that this program knows.
let newestSchema = 1

private struct SchemaOnly: Decodable {
    var schema: Int?
}

/// A record that can't be written or read.
package enum RunStoreError: Error, Equatable, Sendable, CustomStringConvertible {
    case disk(DiskError)
    /// Not JSON, or not the record that the name promises.
    case unreadable(FilePath, String)
    /// Written by a newer program.
    case newer(FilePath, schema: Int)

    package var description: String {
        switch self {
        case .disk(let error): "\(error)"
        case .unreadable(let path, let why): "\(path): \(why)"
        case .newer(let path, let schema):
            "\(path): written by a newer linecook (schema \(schema), this one knows"
                + " \(newestSchema)); install that one again"
        }
    }
}
