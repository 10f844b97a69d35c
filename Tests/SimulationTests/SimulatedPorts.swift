import Domain
import Executor
import RunStore
import Service
import SystemPackage

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// Somebody else didn't answer, or didn't answer well.
struct Unavailable: Error, CustomStringConvertible {
    var description = "not available"
}

/// What Linear, the forge and the machine are to one daemon.
///
/// Each call takes its time, and may fail before it does anything, or lose its answer after. What is read may be as
/// old as the call. `@unchecked Sendable`: the simulation has one thread (see `VirtualMachine`).
struct SimulatedPorts: @unchecked Sendable {
    let world: World
    let daemon: Daemon

    private func wait() async throws {
        let isSlow = !world.isCalm && world.chance.isTrue(1, of: 20)
        let duration = world.chance.seconds(isSlow ? 2...90 : 0.01...2)
        try await world.machine.sleep(for: duration)
        guard !daemon.isDead else { throw CancellationError() }
    }

    private func call<Result>(
        _ what: @autoclosure () -> String,
        isDown: Bool = false,
        _ body: () throws -> Result
    ) async throws -> Result {
        try await wait()
        if world.fails(isDown: isDown) {
            world.note("fails: \(what())")
            throw Unavailable()
        }
        guard let result = try daemon.act(what(), body), !daemon.isDead else {
            throw CancellationError()
        }
        try await wait()
        if world.fails(isDown: isDown) {
            world.note("done, but the answer is lost: \(what())")
            throw Unavailable()
        }
        return result
    }
}

extension SimulatedPorts: Tracker {
    var promptsWin: Bool { false }

    func writtenPrompt(_ ticket: String, _ key: TicketKey) async throws -> WrittenPrompt? { nil }

    func poll(
        _ workflow: Workflow,
        candidates: Bool,
        tracked: TrackedQuestion
    ) async throws -> (candidates: [Ticket]?, tracked: [TrackedTicket], notes: [String]) {
        try await call("poll \(workflow.name)", isDown: world.isTrackerDown) {
            // A page may miss a ticket that moved while it was turned.
            let misses = !world.isCalm && world.chance.isTrue(1, of: 8)
            func isSeen() -> Bool { !misses || world.chance.isTrue(1, of: 2) }
            var ready = world.ready(for: workflow).filter { _ in isSeen() }
            var held = tracked.tickets.filter { _ in isSeen() }.map { id in
                world.presence(of: id, tracked.watches.first { $0.ticket == id })
            }
            // Or show one twice.
            if misses, world.chance.isTrue(1, of: 2) {
                ready += ready.suffix(1)
                held += held.suffix(1)
            }
            return (candidates ? ready : nil, held, [])
        }
    }

    func claim(_ ticket: String, for workflow: Workflow) async throws -> Ticket? {
        try await call("claim \(ticket)", isDown: world.isTrackerDown) { world.claim(ticket) }
    }

    func tell(_ run: Run, of workflow: Workflow, folder: String) async throws -> Date? {
        if !daemon.isDead { world.beginTelling(run) }
        var told: Date?
        for step in World.Telling.allCases {
            told = try await call(
                "tell \(run.state.rawValue) of \(run.id)",
                isDown: world.isTrackerDown
            ) {
                world.tell(run, step)
                return world.machine.time
            }
        }
        return told
    }
}

extension SimulatedPorts: Delivery {
    func baseCommit(of workflow: Workflow) async throws -> String {
        try await call("fetch", isDown: world.isForgeDown) { "base" }
    }

    func makeReady(for workflow: Workflow) async throws {}

    func baseMoved(of workflow: Workflow) async {}

    func combine(_ run: Run, of workflow: Workflow) async throws -> Combination {
        try await call("combine for \(run.id)", isDown: world.isForgeDown) {
            world.goesWrong(1, of: 6) ? .conflict("a.swift") : .commit("stack")
        }
    }

    func restack(
        _ run: Run,
        of workflow: Workflow,
        onto stack: [Run.StackedOn]
    ) async throws -> (base: Run.Base, commit: String) {
        try await call("restack \(run.id)", isDown: world.isForgeDown) {
            if world.goesWrong(1, of: 6) {
                throw DeliveryFailure(
                    "conflicts in a.swift",
                    isRetryable: world.chance.isTrue(1, of: 2)
                )
            }
            var base = run.base
            base.stack = stack.isEmpty ? nil : stack
            base.branch = stack.first?.branch ?? workflow.repository.base
            base.commit = "restacked"
            return (base, "restacked")
        }
    }

    func open(_ run: Run, of workflow: Workflow) async throws -> PullRequest {
        try await call("open a pull request for \(run.id)", isDown: world.isForgeDown) {
            if world.goesWrong(1, of: 30) {
                throw DeliveryFailure("the branch is gone", isRetryable: false)
            }
            return world.open(run)
        }
    }

    func pullRequests(of runs: [Run], of workflow: Workflow) async throws -> [RunID: PullRequest] {
        try await call("look at pull requests", isDown: world.isForgeDown) {
            var found: [RunID: PullRequest] = [:]
            for run in runs {
                let pull = world.pulls.last { $0.branch == run.branch }
                if let pull { found[run.id] = pull.pullRequest }
            }
            return found
        }
    }

    func clean(_ run: Run, of workflow: Workflow) async throws -> String {
        try await call("clean up after \(run.id)") {
            world.clean(run)
            return "removed"
        }
    }
}

extension SimulatedPorts: Executor {
    func start(_ folder: FilePath) async throws {
        try await wait()
        if world.fails(isDown: false) { throw ExecutorError("no process") }
        guard try daemon.act("start \(folder)", { try world.start(folder) }) != nil,
            !daemon.isDead
        else { throw CancellationError() }
    }

    func fate(of folder: FilePath) async -> AttemptStanding {
        if let bytes = world.look(at: folder.appending(AttemptFile.result)),
            let result = try? SimulatedAttempt.result(bytes)
        {
            return .ended(result)
        }
        guard let attempt = world.attempts[folder] else { return .notStarted }
        return attempt.isAlive ? .alive : .lost
    }

    func result(of folder: FilePath, job id: String) async throws -> AttemptResult {
        try await world.waitForEnd(of: folder)
        try await wait()
        if case .ended(let result) = await fate(of: folder) {
            return result
        }
        return AttemptResult(
            outcome: .lost,
            reason: "the attempt's process died without a result",
            ended: world.machine.wall
        )
    }

    /// Nothing outlives a simulated attempt.
    func sweepUp(job id: String) async -> Int { 0 }

    func stop(_ folder: FilePath) async {
        _ = daemon.act("stop \(folder)") {
            let wait = world.chance.seconds(0.1...10)
            world.machine.schedule(after: wait) { world.end(folder, .cancelled) }
        }
    }
}
