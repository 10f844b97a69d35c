import Disk
import Domain
import SystemPackage

extension RunStore {
    /// A line of the history, and how it's written.
    struct WrittenLine {
        var line: HistoryLine
        var text: [UInt8]
    }

    /// Rewrites the files of the history, each whole; lines that are written meanwhile wait.
    ///
    /// - Parameter change: Returns the lines that stay of a file, or `nil` to leave it as it is; lines that don't parse
    ///   aren't among them, and stay when the file is left as it is.
    /// - Throws: `RunStoreError.disk`.
    func rewriteHistory(
        _ change: ([WrittenLine]) -> [WrittenLine]?
    ) throws(RunStoreError) {
        do throws(DiskError) {
            for month in try historyMonths() { try rewriteHistory(month, change) }
        } catch {
            throw .disk(error)
        }
    }

    private func rewriteHistory(
        _ month: String,
        _ change: ([WrittenLine]) -> [WrittenLine]?
    ) throws(DiskError) {
        try fileSystem.rewrite(layout.history.appending(month)) { bytes in
            let lines = bytes.split(separator: UInt8(ascii: "\n")).compactMap { text in
                (try? RecordDecoder.value(HistoryLine.self, from: Array(text)))
                    .map { WrittenLine(line: $0, text: Array(text)) }
            }
            guard let left = change(lines) else { return nil }
            return left.reduce(into: []) { $0 += $1.text + [UInt8(ascii: "\n")] }
        }
    }

    /// Makes the history anew from the records of the runs.
    ///
    /// A line whose run's record can't be read stays, and one whose folder is gone goes.
    ///
    /// - Parameter restoresEntries: Whether runs that aren't at rest and have no entry among the open ones get it back;
    ///   for when no daemon is at work here.
    /// - Returns: How many runs the history tells of, and a sentence for each record that can't be read and for each
    ///   entry that was brought back.
    /// - Throws: `RunStoreError`.
    package func reindex(
        restoresEntries: Bool = false
    ) throws(RunStoreError) -> (runs: Int, problems: [String]) {
        var months: [String: [RunID: WrittenLine]] = [:]
        var made: Set<RunID> = []
        var problems: [String] = []
        var newest: [TicketKey: Run] = [:]
        for id in try runIDs() {
            do throws(RunStoreError) {
                guard let run = try run(id), run.id == id else { continue }
                newest[id.ticket] = run
                guard run.isAtRest else { continue }
                let line = HistoryLine(run)
                guard let text = line.text else { continue }
                months[Self.historyMonth(of: line), default: [:]][id] = WrittenLine(
                    line: line,
                    text: text
                )
                made.insert(id)
            } catch {
                problems.append("\(error)")
            }
        }
        for run in newest.values where !run.isAtRest && restoresEntries {
            guard try value(OpenEntry.self, at: layout.open(run.ticket.key)) == nil else {
                continue
            }
            try write(OpenEntry(run), to: layout.open(run.ticket.key))
            problems.append(
                "\(layout.open(run.ticket.key)): it was gone; the next start goes on with \(run.id)"
            )
        }
        var count = 0
        do throws(DiskError) {
            for month in Set(try historyMonths()).union(months.keys).sorted() {
                try rewriteHistory(month) { found in
                    var lines = months[month] ?? [:]
                    for each in found where !made.contains(each.line.id) && hasFolder(each.line.id)
                    {
                        lines[each.line.id] = each
                    }
                    count += lines.count
                    return lines.values.sorted { left, right in
                        (left.line.ended ?? left.line.started, left.line.id)
                            < (right.line.ended ?? right.line.started, right.line.id)
                    }
                }
            }
        } catch {
            throw .disk(error)
        }
        return (count, problems)
    }

    /// All runs that have a folder; a copy of another name is nobody's.
    private func runIDs() throws(RunStoreError) -> [RunID] {
        let names: [String]
        do { names = try fileSystem.list(layout.runs) } catch { throw .disk(error) }
        var found: [RunID] = []
        for key in names.compactMap({ TicketKey($0) }) {
            // A file of such a name is none of ours.
            guard let numbers = try? runNumbers(of: key) else { continue }
            found += numbers.map { RunID(ticket: key, number: $0) }
        }
        return found
    }

    private func hasFolder(_ run: RunID) -> Bool {
        // A folder that can't be looked into is there.
        (try? fileSystem.list(layout.run(run)))?.isEmpty != true
    }
}
