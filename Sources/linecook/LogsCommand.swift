import Agent
import ArgumentParser
import Attempt
import Disk
import Domain
import RunStore
import SystemPackage

struct LogsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "logs",
        abstract: "What an attempt did and what its agent said, made readable.",
        discussion: """
            linecook logs FRE-69                 the newest attempt
            linecook logs FRE-69 -f              … and what comes, until it ends
            linecook logs FRE-69 --attempt 1     an earlier one

            Works while the service is down, too. The files themselves lie in runs/FRE-69/1/attempt-1.
            """
    )

    @OptionGroup var configuration: ConfigurationOption
    @Argument(help: "The ticket's key, such as FRE-69.")
    var ticket: String
    @Option(name: .customLong("run"), help: "Which run of the ticket; the newest without it.")
    var runNumber: Int?
    @Option(help: "Which attempt of the run; the newest without it.")
    var attempt: Int?
    @Flag(name: [.customShort("f"), .long], help: "Go on with what comes, until the attempt ends.")
    var follow = false
    @OptionGroup var output: FormatOption

    func run() async throws {
        let store = try Installation(configuration, onlyReads: true).store
        let record = try store.find(ticket, run: runNumber)
        guard let newest = record.attempts.last?.number else {
            throw UsageError("\(record.id) has had no attempt yet: \(record.summary)")
        }
        let number = attempt ?? newest
        guard record.attempts.contains(where: { $0.number == number }) else {
            throw UsageError("\(record.id) has no attempt \(number); it has 1 to \(newest)")
        }
        let folder = store.layout.attempt(record.id, number)
        var reader = EventReader(path: folder.appending(AttemptFile.events))
        let time = SystemTime()
        while true {
            let isOver =
                try LocalFileSystem().read(folder.appending(AttemptFile.result)) != nil
            for event in try reader.next() { show(event) }
            if isOver || !follow { break }
            // A file that grows tells nobody; four looks a second cost nothing.
            try await time.sleep(for: .milliseconds(250))
        }
        if let result = try store.value(
            AttemptResult.self,
            at: folder.appending(AttemptFile.result)
        ), let output = result.failureOutput, self.output.format == .text {
            Console.line("")
            Console.line(output.withHiddenCharactersShown)
        }
    }

    private func show(_ event: AttemptEvent) {
        switch output.format {
        case .json:
            if let node = try? RecordEncoder.node(of: event) { Console.line(node.lineText) }
        case .text:
            let time = Timestamp.text(of: event.at).dropFirst(11).prefix(8)
            if let step = event.step {
                Console.line("\(time)  \(Ink.strong.paint(step.inOneLine(limit: 400)))")
            }
            if let line = event.agent?.line {
                for (index, text) in line.split(separator: "\n").enumerated() {
                    Console.line((index == 0 ? "\(time)    " : "            ") + text)
                }
            }
        }
    }
}

/// Reads `events.jsonl` as it grows; a line that isn't whole yet waits for its rest.
struct EventReader {
    let path: FilePath
    private var offset = 0

    init(path: FilePath) { self.path = path }

    mutating func next() throws -> [AttemptEvent] {
        guard let bytes = try LocalFileSystem().read(path) else { return [] }
        guard bytes.count > offset, let end = bytes.lastIndex(of: UInt8(ascii: "\n")), end >= offset
        else { return [] }
        let lines = bytes[offset...end].split(separator: UInt8(ascii: "\n"))
        offset = end + 1
        // A line that doesn't parse is a note of what was left out, or was edited.
        return lines.compactMap { try? RecordDecoder.value(AttemptEvent.self, from: Array($0)) }
    }
}
