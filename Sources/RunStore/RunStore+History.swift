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
        let disk = fileSystem
        var lines: [HistoryLine] = []
        do {
            for case .success(let run) in try openRuns() { lines.append(HistoryLine(run)) }
            lines.sort { $0.started > $1.started }
            var seen = Set(lines.map { RunID(ticket: $0.ticket, number: $0.run) })
            for month in try disk.list(layout.history).reversed() where month.hasSuffix(".jsonl") {
                if lines.count >= limit { break }
                guard let bytes = try disk.read(layout.history.appending(month)) else { continue }
                for line in bytes.split(separator: UInt8(ascii: "\n")).reversed() {
                    if lines.count >= limit { break }
                    // A line that doesn't parse is torn or edited; `run.json` still has the truth.
                    guard let entry = try? RecordDecoder.value(HistoryLine.self, from: Array(line)),
                        seen.insert(RunID(ticket: entry.ticket, number: entry.run)).inserted
                    else { continue }
                    lines.append(entry)
                }
            }
        } catch let error as RunStoreError {
            throw error
        } catch let error as DiskError {
            throw .disk(error)
        } catch {
            throw .unreadable(layout.history, "\(error)")
        }
        return Array(lines.prefix(limit))
    }

    /// What the attempts of finished runs cost since then, as far as it's on record.
    ///
    /// Only the end of the history is looked at: it's written in the order in which runs end.
    package func spendings(since: Date) throws(RunStoreError) -> [Spending] {
        let disk = fileSystem
        var spendings: [Spending] = []
        var seen: Set<RunID> = []
        do {
            for month in try disk.list(layout.history).reversed() where month.hasSuffix(".jsonl") {
                guard let bytes = try disk.read(layout.history.appending(month)) else { continue }
                var rest = bytes[...]
                while !rest.isEmpty {
                    let start =
                        rest.dropLast().lastIndex(of: UInt8(ascii: "\n")).map { $0 + 1 }
                        ?? rest.startIndex
                    let line = Array(rest[start...].drop { $0 == UInt8(ascii: "\n") })
                    rest = rest[..<start]
                    // A line that doesn't parse is torn or edited; its run isn't counted.
                    guard let entry = try? RecordDecoder.value(HistoryLine.self, from: line) else {
                        continue
                    }
                    guard (entry.ended ?? entry.started) > since else { return spendings }
                    let id = RunID(ticket: entry.ticket, number: entry.run)
                    guard seen.insert(id).inserted, let run = try run(id),
                        let workflow = try workflow(of: id)
                    else { continue }
                    spendings += run.attempts.compactMap { Spending(of: $0, under: workflow) }
                        .filter { $0.at > since }
                }
            }
        } catch let error as RunStoreError {
            throw error
        } catch let error as DiskError {
            throw .disk(error)
        } catch {
            throw .unreadable(layout.history, "\(error)")
        }
        return spendings
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
