import Agent
import ArgumentParser
import Attempt
import Disk
import Domain
import ProcessTree
import RunStore
import SystemPackage

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

struct LogsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "logs",
        abstract: "What an attempt did and what its agent said, made readable.",
        discussion: """
            linecook logs FRE-69                 the newest attempt
            linecook logs FRE-69 -f              … and what comes, attempt after attempt, until a person \
            is needed or all is done
            linecook logs FRE-69 --attempt 1     an earlier one

            Works while the service is down, too. Times are UTC. The files themselves lie in \
            runs/FRE-69/1/attempt-1. With --format json, one event is on each line.
            """
    )

    @OptionGroup var configuration: ConfigurationOption
    @Argument(help: "The ticket's key, such as FRE-69.")
    var ticket: String
    @Option(name: .customLong("run"), help: "Which run of the ticket; the newest without it.")
    var runNumber: Int?
    @Option(help: "Which attempt of the run; the newest without it.")
    var attempt: Int?
    @Flag(
        name: [.customShort("f"), .long],
        help: "Go on with what comes: of the attempt that is named, else of those after it, too."
    )
    var follow = false
    @OptionGroup var output: FormatOption

    func run() async throws {
        let store = try Installation(configuration, onlyReads: true).store
        var record = try store.find(ticket, run: runNumber)
        var number = try chosen(in: record)
        while true {
            try await show(record.id, number, store)
            guard follow, attempt == nil else { return }
            guard let next = try await next(after: record.id, number, store) else { return }
            record = next
            number = next.attempts.last?.number ?? 1
        }
    }

    private func chosen(in record: Run) throws -> Int {
        guard let newest = record.attempts.last?.number else {
            throw UsageError("\(record.id) has had no attempt yet: \(record.summary)")
        }
        let number = attempt ?? newest
        guard record.attempts.contains(where: { $0.number == number }) else {
            throw UsageError("\(record.id) has no attempt \(number); it has 1 to \(newest)")
        }
        return number
    }

    /// Shows an attempt, when following until its end.
    private func show(_ run: RunID, _ number: Int, _ store: RunStore) async throws {
        let folder = store.layout.attempt(run, number)
        let job = try store.value(AttemptJob.self, at: folder.appending(AttemptFile.job))
        var page = LogPage(worktree: job?.worktree.string ?? "", format: output.format)
        page.begin(run, number)
        var reader = EventReader(path: folder.appending(AttemptFile.events))
        while true {
            let isOver = try isOver(folder)
            for event in try reader.next() { page.show(event) }
            if isOver, !Installation.exists(folder.appending(AttemptFile.events)) {
                try await showKept(folder, &reader, &page)
            }
            if isOver || !follow { break }
            // A file that grows tells nobody; four looks a second cost nothing.
            try await SystemTime().sleep(for: .milliseconds(250))
        }
        let result = try store.value(
            AttemptResult.self,
            at: folder.appending(AttemptFile.result)
        )
        let isDead = try result == nil && isOver(folder)
        page.end(result, isDead: isDead)
    }

    /// Shows what retention has left of an attempt's events.
    private func showKept(
        _ folder: FilePath,
        _ reader: inout EventReader,
        _ page: inout LogPage
    ) async throws {
        let file = folder.appending("\(AttemptFile.events).gz")
        guard Installation.exists(file) else {
            note("Its log was removed, as 'retention' says; what stays is in \(folder).")
            return
        }
        guard let gzip = Gzip(ProcessInfo.processInfo.environment) else {
            throw UsageError("\(file): it's compressed, and there is no gzip here; install it")
        }
        var pieces: [UInt8] = []
        try await gzip.read(file) { pieces += $0 }
        for event in reader.take(pieces) { page.show(event) }
    }

    /// Whether nothing more will come: it has ended, or its process has died without a word.
    private func isOver(_ folder: FilePath) throws -> Bool {
        let disk = LocalFileSystem()
        let lock = folder.appending(AttemptFile.lock)
        // Held before anything is written; so one that is there and free is a dead one's, or its end's.
        let isFree = try disk.read(lock) != nil && !FileLock.isHeld(at: lock)
        return try disk.read(folder.appending(AttemptFile.result)) != nil || isFree
    }

    /// The run with the next attempt, once there is one; `nil` when none is to be waited for.
    private func next(after run: RunID, _ number: Int, _ store: RunStore) async throws -> Run? {
        var told: String?
        while true {
            let record = try store.find(ticket, run: runNumber)
            if let newest = record.attempts.last?.number, record.id != run || newest > number {
                return record
            }
            let story = "\(record.summary) \(record.next)"
            if record.state.isFinal || record.state.waitsForPerson {
                note(story)
                return nil
            }
            // A lock that can't be looked at isn't there: nobody runs.
            guard (try? FileLock.isHeld(at: store.layout.lock)) ?? false else {
                note("The service isn't running; 'linecook run' goes on from here.")
                return nil
            }
            if told != story, record.liveAttempt == nil { note(story) }
            told = story
            try await SystemTime().sleep(for: .milliseconds(250))
        }
    }

    private func note(_ text: String) {
        guard output.format == .text else { return }
        for line in text.inOneLine(limit: 600).wrapped(to: LogPage.width) { Console.line(line) }
    }
}

/// Reads `events.jsonl` as it grows; a line that isn't whole yet waits for its rest.
struct EventReader {
    let path: FilePath
    private var offset: Int64 = 0
    private var rest: [UInt8] = []

    init(path: FilePath) { self.path = path }

    mutating func next() throws -> [AttemptEvent] {
        try read()
        return wholeLines()
    }

    /// As if the file held these bytes next.
    mutating func take(_ bytes: [UInt8]) -> [AttemptEvent] {
        rest += bytes
        return wholeLines()
    }

    private mutating func wholeLines() -> [AttemptEvent] {
        guard let end = rest.lastIndex(of: UInt8(ascii: "\n")) else { return [] }
        let lines = rest[...end].split(separator: UInt8(ascii: "\n"))
        // A line that doesn't parse is a note of what was left out, or was edited.
        let events = lines.compactMap {
            try? RecordDecoder.value(AttemptEvent.self, from: Array($0))
        }
        rest.removeFirst(end + 1)
        return events
    }

    private mutating func read() throws {
        let file: FileDescriptor
        do {
            file = try FileDescriptor.open(path, .readOnly, options: .closeOnExec)
        } catch Errno.noSuchFileOrDirectory {
            return
        }
        let (start, kept) = (offset, rest)
        (offset, rest) = try file.closeAfter {
            var (offset, bytes) = (start, kept)
            while true {
                let piece = try [UInt8](unsafeUninitializedCapacity: 1 << 16) { buffer, count in
                    count = try file.read(
                        fromAbsoluteOffset: offset,
                        into: UnsafeMutableRawBufferPointer(buffer)
                    )
                }
                if piece.isEmpty { return (offset, bytes) }
                offset += Int64(piece.count)
                bytes += piece
            }
        }
    }
}
