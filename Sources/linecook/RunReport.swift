import Domain
import Scheduler

/// What `run --once` and `run --until-idle` say at their end: what came out, and what waits for what.
struct RunReport: Encodable {
    var ended: [Run]
    var open: [Run]
    var queue: [WaitNote]

    func show(_ format: FormatOption.Format) throws {
        switch format {
        case .json: try Console.document(self)
        case .text: showText()
        }
    }

    private func showText() {
        let runs = (open + ended).sorted { $0.id < $1.id }
        if runs.isEmpty && queue.isEmpty {
            Console.line("Nothing to do: no ticket is ready.")
            return
        }
        if !runs.isEmpty {
            var table = TextTable(["TICKET", "STATE", "SUMMARY"], inks: { runs[$0].state.ink })
            for run in runs { table.add(["\(run.ticket.key)", run.state.words, run.summary]) }
            table.show()
        }
        let waiting = open.filter(\.state.waitsForPerson)
        if !waiting.isEmpty || !queue.isEmpty {
            Console.line("")
            Console.line("Waiting:")
            for run in waiting {
                Console.line("  \(run.ticket.key)  \(run.next.inOneLine(limit: 200))")
            }
            for note in queue {
                Console.line("  \(note.ticket)  \(note.reason.inOneLine(limit: 200))")
            }
        }
    }
}
