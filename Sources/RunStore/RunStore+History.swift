import Disk
package import Domain
import SystemPackage

#if canImport(FoundationEssentials)
package import FoundationEssentials
#else
package import Foundation
#endif

/// One line of `history/2026-11.jsonl`: a finished run in short.
package struct HistoryLine: Codable, Equatable, Sendable {
    package var ticket: TicketKey
    package var run: Int
    package var state: RunState
    package var summary: String
    package var title: String
    package var workflow: String
    package var started: Date
    package var ended: Date?
    package var attempts: Int
    package var seconds: Double
    package var costUSD: Double

    package var id: RunID { RunID(ticket: ticket, number: run) }

    private enum CodingKeys: String, CodingKey {
        case ticket
        case run
        case state
        case summary
        case title
        case workflow
        case started
        case ended
        case attempts
        case seconds
        case costUSD = "cost_usd"
    }

    package init(_ run: Run) {
        ticket = run.ticket.key
        self.run = run.run
        state = run.state
        summary = run.summary
        title = run.ticket.title
        workflow = run.workflow
        started = run.started
        ended = run.ended
        attempts = run.totals.attempts
        seconds = run.totals.seconds
        costUSD = run.totals.costUSD
    }
}

extension RunStore {
    /// The runs that aren't at rest, by ticket, as they are now; nothing is set aside.
    package func openRuns() throws(RunStoreError) -> [Result<Run, RunStoreError>] {
        let names: [String]
        do { names = try fileSystem.list(layout.open) } catch { throw .disk(error) }
        let keys = names.compactMap { name in
            name.hasSuffix(".json") ? TicketKey(String(name.dropLast(5))) : nil
        }
        return keys.sorted().compactMap { key in
            do throws(RunStoreError) {
                guard let entry = try value(OpenEntry.self, at: layout.open(key)),
                    let run = try run(RunID(ticket: key, number: entry.run))
                else { return nil }
                return .success(run)
            } catch {
                return .failure(error)
            }
        }
    }

    /// The open runs and the finished ones, newest first, at most `limit`.
    ///
    /// A torn last line (power cut while it was written) is passed over, and so is a line said twice.
    package func listing(limit: Int) throws(RunStoreError) -> [HistoryLine] {
        var lines: [HistoryLine] = []
        for case .success(let run) in try openRuns() { lines.append(HistoryLine(run)) }
        lines.sort { $0.started > $1.started }
        var seen = Set(lines.map(\.id))
        try readHistory { line in
            guard lines.count < limit else { return false }
            if seen.insert(line.id).inserted { lines.append(line) }
            return true
        }
        return Array(lines.prefix(limit))
    }

    /// What the attempts of finished runs cost since then.
    ///
    /// Only the end of the history is looked at: it's written in the order in which runs come to rest, which for some
    /// is long after their end; and where the clock was set back, a run may have ended before its attempt. A run whose
    /// own records can't be read is counted with what its line says, at its end: money that was spent isn't forgotten
    /// for that.
    package func spendings(since: Date) throws(RunStoreError) -> [Spending] {
        var spendings: [Spending] = []
        var seen: Set<RunID> = []
        let earliest = since.addingTimeInterval(-Self.longestWayToRest.inSeconds)
        try readHistory { line in
            let ended = line.ended ?? line.started
            guard ended > earliest else { return false }
            guard seen.insert(line.id).inserted else { return true }
            if let run = try? run(line.id), let workflow = try? workflow(of: line.id) {
                spendings += run.attempts
                    .compactMap { Spending(of: $0, under: workflow.name, workflow.agent) }
                    .filter { $0.at > since }
            } else if ended > since {
                spendings.append(
                    Spending(
                        workflow: line.workflow,
                        at: ended,
                        usd: line.costUSD,
                        isEstimate: false
                    )
                )
            }
            return true
        }
        return spendings
    }

    /// How long Linear, the forge and the clocks may be at odds with us between the end of a run and its line.
    private static var longestWayToRest: Duration { .seconds(86_400) }

    /// Reads the lines of finished runs, newest first, until `take` has enough; no more of the files than that.
    ///
    /// A line that doesn't parse is torn or edited, and passed over; `run.json` still has the truth.
    func readHistory(_ take: (HistoryLine) -> Bool) throws(RunStoreError) {
        do throws(DiskError) {
            for month in try historyMonths().reversed() {
                let isWhole = try fileSystem.readLinesFromEnd(of: layout.history.appending(month)) {
                    guard let line = try? RecordDecoder.value(HistoryLine.self, from: $0) else {
                        return true
                    }
                    return take(line)
                }
                guard isWhole else { return }
            }
        } catch {
            throw .disk(error)
        }
    }

    /// Names of the history's files, oldest first.
    func historyMonths() throws(DiskError) -> [String] {
        try fileSystem.list(layout.history).filter { $0.hasSuffix(".jsonl") && !$0.hasPrefix(".") }
    }

    /// The file that tells of a run that ended, or was begun, at this time.
    static func historyMonth(of line: HistoryLine) -> String {
        "\(Timestamp.text(of: line.ended ?? line.started).prefix(7)).jsonl"
    }

    /// Adds a run to the history of the month in which it ended.
    func writeHistory(_ run: Run) throws(DiskError) {
        let line = HistoryLine(run)
        guard let text = line.text else { return }
        let month = layout.history.appending(Self.historyMonth(of: line))
        do {
            try fileSystem.appendLine(text, to: month)
        } catch  where error.code == .noSuchFileOrDirectory {
            try fileSystem.makeFolder(layout.history)
            try fileSystem.appendLine(text, to: month)
        }
    }
}

extension HistoryLine {
    /// As it stands in the history; `nil` when JSON has no such number, which no record computes with.
    var text: [UInt8]? {
        // As said above.
        (try? RecordEncoder.node(of: self).lineText).map { Array($0.utf8) }
    }
}
