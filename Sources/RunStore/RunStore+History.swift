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
    /// Only the end of the history is looked at: it's written in the order in which runs end. A run whose own records
    /// can't be read is counted with what its line says, at its end: money that was spent isn't forgotten for that.
    package func spendings(since: Date) throws(RunStoreError) -> [Spending] {
        var spendings: [Spending] = []
        var seen: Set<RunID> = []
        try readHistory { line in
            let ended = line.ended ?? line.started
            guard ended > since else { return false }
            guard seen.insert(line.id).inserted else { return true }
            if let run = try? run(line.id), let workflow = try? workflow(of: line.id) {
                spendings += run.attempts.compactMap { Spending(of: $0, under: workflow) }
                    .filter { $0.at > since }
            } else {
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

    /// Reads the lines of finished runs, newest first, until `take` has enough.
    ///
    /// A line that doesn't parse is torn or edited, and passed over; `run.json` still has the truth.
    private func readHistory(_ take: (HistoryLine) -> Bool) throws(RunStoreError) {
        let lineEnd = UInt8(ascii: "\n")
        do {
            for month in try fileSystem.list(layout.history).reversed()
            where month.hasSuffix(".jsonl") {
                guard let bytes = try fileSystem.read(layout.history.appending(month)) else {
                    continue
                }
                var rest = bytes[...]
                while !rest.isEmpty {
                    let start = rest.dropLast().lastIndex(of: lineEnd).map { $0 + 1 }
                    let text = Array(rest[(start ?? rest.startIndex)...].prefix { $0 != lineEnd })
                    rest = rest[..<(start ?? rest.startIndex)]
                    guard let line = try? RecordDecoder.value(HistoryLine.self, from: text) else {
                        continue
                    }
                    guard take(line) else { return }
                }
            }
        } catch {
            throw .disk(error)
        }
    }

    /// Adds a run to the history of the month in which it ended.
    func writeHistory(_ run: Run) throws(DiskError) {
        guard let text = try? RecordEncoder.node(of: HistoryLine(run)).lineText else { return }
        let month = Timestamp.text(of: run.ended ?? run.started).prefix(7)
        try fileSystem.append(
            Array((text + "\n").utf8),
            to: layout.history.appending("\(month).jsonl")
        )
    }
}
