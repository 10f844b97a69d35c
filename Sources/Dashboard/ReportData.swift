package import Domain
package import RunStore

#if canImport(FoundationEssentials)
package import FoundationEssentials
#else
package import Foundation
#endif

/// What a report tells, read from the state folder; nothing is changed or set aside there.
package struct ReportData: Equatable, Sendable {
    /// A batch and its runs, as far as they have records.
    package struct Part: Encodable, Equatable, Sendable {
        package var batch: Batch
        package var runs: [Run]
    }
    /// The batches that are drawn, newest first.
    package private(set) var parts: [Part] = []
    /// Runs that aren't at rest and belong to no batch, by ticket.
    package private(set) var loose: [Run] = []
    /// The batches before, newest first.
    package private(set) var earlier: [Batch] = []
    /// One sentence for each record that can't be read.
    package private(set) var problems: [String] = []

    /// How many batches before the newest are read of each workflow.
    private static let history = 30

    /// Reads one batch.
    ///
    /// - Parameters:
    ///   - name: The batch's, such as `portfolio-1`; `nil` when there is none of that name.
    ///   - store: Where to read.
    /// - Throws: `RunStoreError` when the folder or the batch's record can't be read.
    package init?(batch name: String, in store: RunStore) throws(RunStoreError) {
        // A name from a command line becomes a path only when a listing has it.
        guard try store.batchNames().contains(where: { "\($0.workflow)-\($0.number)" == name }),
            let batch = try store.batch(named: name)
        else { return nil }
        parts = [read(batch, store)]
    }

    /// Reads the newest batches of each workflow, and those that go on.
    ///
    /// - Parameters:
    ///   - workflow: The only one that is told of; all when `nil`.
    ///   - store: Where to read.
    ///   - now: The time of reading.
    /// - Throws: `RunStoreError.disk` when a folder can't be listed.
    package init(workflow: String?, in store: RunStore, at now: Date) throws(RunStoreError) {
        var batches: [String: Batch] = [:]
        let open = try store.openBatches(at: now, setsAside: false)
        problems = open.problems
        for batch in open.batches where workflow == nil || batch.workflow == workflow {
            batches[batch.name] = batch
        }
        var counts: [String: Int] = [:]
        for (owner, number) in try store.batchNames().reversed()
        where workflow == nil || owner == workflow {
            let name = "\(owner)-\(number)"
            guard counts[owner, default: 0] <= Self.history else { continue }
            counts[owner, default: 0] += 1
            guard batches[name] == nil else { continue }
            do throws(RunStoreError) {
                batches[name] = try store.batch(named: name)
            } catch {
                note(error)
            }
        }
        let order = batches.values.sorted {
            ($0.started, $0.workflow, $0.number) > ($1.started, $1.workflow, $1.number)
        }
        let drawn = ReportPage.drawn(of: order)
        for batch in order {
            if drawn.contains(batch.name) {
                parts.append(read(batch, store))
            } else {
                earlier.append(batch)
            }
        }
        for line in try store.openRuns() {
            switch line {
            case .success(let run):
                if run.batch == nil, workflow == nil || run.workflow == workflow {
                    loose.append(run)
                }
            case .failure(let error): note(error)
            }
        }
    }

    private mutating func note(_ error: RunStoreError) {
        let problem = "\(error)"
        if !problems.contains(problem) { problems.append(problem) }
    }

    private mutating func read(_ batch: Batch, _ store: RunStore) -> Part {
        var runs: [Run] = []
        for member in batch.tickets {
            guard let number = member.run else { continue }
            do throws(RunStoreError) {
                if let run = try store.run(RunID(ticket: member.ticket, number: number)) {
                    runs.append(run)
                }
            } catch {
                note(error)
            }
        }
        return Part(batch: batch, runs: runs)
    }

    /// The page that shows it, in which an attempt that runs reaches to `now`.
    package func page(at now: Date) -> ReportPage {
        ReportPage(
            batches: parts.map(\.batch) + earlier,
            runs: parts.flatMap(\.runs) + loose,
            at: now
        )
    }
}
