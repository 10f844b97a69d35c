import ArgumentParser
import Domain
import Forge
import HTTP
import Logging
import ProcessTree
import RunStore
import Sandbox
import Scheduler
import Service
import Synchronization
import SystemPackage
import WebServer
import WorkflowFile

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

struct DemoCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "demo",
        abstract: "The whole way on an embedded sandbox: no account, no key, no agent needed.",
        discussion: """
            linecook demo                  takes about 20 s and cleans up after itself
            linecook demo --keep /tmp/d    leaves everything there to be looked at

            Nine tickets of a small site, worked three at a time by a scripted agent, with a real git \
            repository and a Linear-compatible server on loopback. One fails once, one changes nothing, \
            one hangs. A reviewer merges what comes in, so that blocked tickets follow.
            """
    )

    @Option(help: ArgumentHelp("Leave everything in this folder.", valueName: "dir"))
    var keep: String?

    func run() async throws {
        let folder = try makeFolder()
        let stops = StopSignals()
        do {
            try await play(in: folder, stops: stops)
        } catch {
            if keep == nil { remove(folder) }
            throw error
        }
        if keep == nil { remove(folder) }
        if stops.wasInterrupted { throw Exit.interrupted }
    }

    private func play(in folder: FilePath, stops: StopSignals) async throws {
        let time = SystemTime()
        let began = time.now().uptime
        Console.line("Making a sample repository, its remote and nine tickets in \(folder) …")
        let site = try await DemoFolder.make(at: folder)
        let key = "lin_api_demo"
        let linear = try LinearSandbox(
            seed: DemoTickets.seed(apiKey: key),
            requestsPerHour: 100_000,
            clock: { time.now().wall }
        )
        let answer: WebServer.Handler = { await linear.answer($0) }
        let context = Installation.makeContext()
        let loaded = WorkflowFile.load(site.workflow, in: context, defaults: nil)
        Installation.show(loaded.diagnostics)
        guard let workflow = loaded.value else { throw Exit.usage }
        let runs = try await WebServer().whileRunning(handler: answer) { port in
            let state = folder.appending("state")
            let configuration = ServiceConfiguration(
                state: state,
                workflows: [site.workflow],
                slots: 3,
                linear: .init(endpoint: "http://127.0.0.1:\(port)/graphql", token: nil),
                forge: .local
            )
            let composition = Composition(
                configuration: configuration,
                linearToken: Secret(key),
                githubToken: nil,
                attemptEnvironment: context.environment,
                environment: context.environment
            )
            let demo = Demo(
                composition: composition,
                workflow: LoadedWorkflow(
                    inForce: .init(workflow: workflow, cron: nil),
                    file: site.workflow.string,
                    source: loaded.bytes
                ),
                began: began
            )
            return try await demo.run(stops: stops)
        }
        show(runs, folder, time.now().uptime - began)
    }

    private func show(_ runs: [Run], _ folder: FilePath, _ duration: Duration) {
        Console.line("")
        var table = TextTable(
            ["TICKET", "OUTCOME", "ATTEMPTS", "PULL REQUEST", "WHY"],
            inks: { runs[$0].state.ink }
        )
        for run in runs {
            let pull = run.pullRequest.map { "#\($0.number) \($0.state.rawValue)" } ?? "-"
            let story = run.attempts.compactMap { $0.outcome?.words }.joined(separator: ", then ")
            table.add([
                "\(run.ticket.key)", run.state.words, "\(run.attempts.count)", pull,
                run.reason ?? story,
            ])
        }
        table.show()
        Console.line("")
        Console.line("\(runs.count) tickets in \(duration.inWords).")
        if keep != nil {
            Console.line(
                """

                What to look at:
                  \(folder)/state/runs/FRE-62/latest/run.json   one ticket's story, from top to bottom
                  \(folder)/state/runs/FRE-62/latest/           prompt, output and diff of each attempt
                  git -C \(folder)/portfolio.git log --graph --oneline develop
                """
            )
        } else {
            Console.line(
                "Everything was removed again; `linecook demo --keep DIR` leaves it to be looked at."
            )
        }
        Console.line(
            """

            Your own tickets next, in a folder of their own:
              linecook init
              linecook run --until-idle
            """
        )
    }

    private func makeFolder() throws -> FilePath {
        let files = FileManager.default
        let here = FilePath(files.currentDirectoryPath)
        let path =
            keep.map { here.pushing(FilePath($0)).lexicallyNormalized() }
            ?? FilePath("/tmp").appending("linecook-demo-\(ProcessIdentity.current.pid)")
        if Installation.exists(path), Installation.names(path)?.isEmpty != true {
            throw UsageError("\(path): there is something already; name a new or an empty folder")
        }
        do {
            try files.createDirectory(atPath: path.string, withIntermediateDirectories: true)
        } catch {
            throw UsageError("\(path): the folder can't be made: \(error)")
        }
        return path
    }

    private func remove(_ folder: FilePath) {
        do { try FileManager.default.removeItem(atPath: folder.string) } catch {
            Console.error("linecook: \(folder) couldn't be removed: \(error)")
        }
    }
}

/// The service and a reviewer who merges what comes in, until nothing is left to do.
private struct Demo: Sendable {
    let composition: Composition
    let workflow: LoadedWorkflow
    let began: Duration

    func run(stops: StopSignals) async throws -> [Run] {
        let log = Composition.makeLog(LogThreshold(.error, .text))
        let service = composition.makeService(log: log)
        let (reviews, feed) = AsyncStream<Int>.makeStream()
        let steps = ShownSteps()
        let observe: @Sendable (Run) -> Void = { run in
            if steps.isNew(run) { show(run) }
            if run.state == .inReview, let pull = run.pullRequest, pull.state == .open {
                feed.yield(pull.number)
            }
        }
        return try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask {
                var seen: Set<Int> = []
                for await number in reviews where seen.insert(number).inserted {
                    // One that waits for another is seen again when it was aimed anew.
                    if try await !review(number) { seen.remove(number) }
                }
            }
            var end = ServiceEnd.stopped(working: 0)
            repeat {
                end = try await service.run(
                    [workflow],
                    mode: .untilIdle,
                    signals: stops.makeStream(),
                    generator: SystemRandomNumberGenerator(),
                    observe: observe
                )
                // Idle only because the reviewer was still reading: what is open gets its review.
            } while try await isReviewing(end)
            feed.finish()
            try await group.waitForAll()
            return try runs()
        }
    }

    private func isReviewing(_ end: ServiceEnd) async throws -> Bool {
        guard case .finished(_, let open, _) = end, open.contains(where: { $0.state == .inReview })
        else { return false }
        try await composition.time.sleep(for: .milliseconds(300))
        return true
    }

    /// - Returns: Whether it was decided upon.
    private func review(_ number: Int) async throws -> Bool {
        // A person reads before merging; without the pause the states would only flash by.
        try await composition.time.sleep(for: .milliseconds(400))
        let reviewer = LocalReviewer(
            store: composition.store,
            forge: composition.localForge,
            environment: composition.environment,
            time: composition.time
        )
        switch try await reviewer.merge(number, by: "the demo's reviewer") {
        case .merged(let pull, let commit):
            say("reviewer", "merged", .good, "#\(number) \(pull.head) as \(commit.prefix(8))")
        case .conflict(let pull, let files):
            say("reviewer", "conflict", .bad, "\(pull.head): \(files.joined(separator: ", "))")
        case .stacked: return false
        }
        return true
    }

    private func show(_ run: Run) {
        guard let step = run.timeline.last else { return }
        let text = step.state == .queued ? run.ticket.title : step.why
        say("\(run.ticket.key)", step.state.words, step.state.ink, text)
    }

    private func say(_ who: String, _ what: String, _ ink: Ink, _ text: String) {
        let tenths = Int(((composition.time.now().uptime - began).inSeconds * 10).rounded())
        let clock = "\(tenths / 10).\(tenths % 10)"
        let time = String(repeating: " ", count: max(0, 5 - clock.count)) + clock
        func column(_ text: String, _ width: Int) -> String {
            text + String(repeating: " ", count: max(1, width - text.count))
        }
        let line = "\(time) s  \(column(who, 9))"
        let room = (Console.outputIsTerminal ? Console.width : 120) - line.count - 15
        Console.line(
            line + ink.paint(column(what, 13)) + "  " + text.inOneLine(limit: max(20, room))
        )
    }

    private func runs() throws -> [Run] {
        try composition.store.listing(limit: 100).compactMap { line in
            try composition.store.run(RunID(ticket: line.ticket, number: line.run))
        }.sorted { $0.id < $1.id }
    }
}

/// How many steps of each run were shown, so that a record saved twice is told of once.
private final class ShownSteps: Sendable {
    private let counts = Mutex<[RunID: Int]>([:])

    func isNew(_ run: Run) -> Bool {
        counts.withLock { counts in
            let isNew = counts[run.id, default: 0] < run.timeline.count
            counts[run.id] = run.timeline.count
            return isNew
        }
    }
}
