import Agent
import Cron
import Disk
import Domain
import Git
import ProcessTree
import Prompt
import RunStore
import Synchronization
import SystemPackage
import Verification

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// The steps of one attempt, each of which ends it with a result of its own kind when it doesn't succeed.
struct AttemptWork: Sendable {
    let job: AttemptJob
    let folder: FilePath
    let environment: [String: String]
    let time: any TimeSource
    let session: String
    let disk: LocalFileSystem
    let hooks: HookProgress
    let lostTime = LostTime()
    let began: Moment

    init(
        job: AttemptJob,
        folder: FilePath,
        environment: [String: String],
        time: any TimeSource,
        session: String,
        disk: LocalFileSystem
    ) {
        self.job = job
        self.folder = folder
        self.environment = environment
        self.time = time
        self.session = session
        self.disk = disk
        hooks = HookProgress(at: folder.appending(AttemptFile.hooks), on: disk)
        began = time.now()
    }

    /// What is left of the attempt's wall clock.
    var remaining: Duration {
        max(.zero, job.workflow.agent.timeout + lostTime.total - (time.now().uptime - began.uptime))
    }

    func run() async -> AttemptResult {
        do {
            var events = try EventLog(at: folder.appending(AttemptFile.events))
            var result: AttemptResult
            do {
                result = try await steps(&events)
            } catch let end as EarlyEnd {
                result = end.result
            } catch {
                result = failed(.agentFailed, "\(error)")
            }
            return close(result, events)
        } catch {
            return failed(.agentFailed, "\(error)")
        }
    }

    /// Gives a result its hooks and tells the events of it.
    func close(_ ended: AttemptResult, _ log: consuming EventLog) -> AttemptResult {
        var result = ended
        var events = log
        result.hooks = hooks.all
        events.write(
            AttemptEvent(
                at: result.ended,
                step: result.outcome.words + (result.reason.map { ": \($0)" } ?? "")
            )
        )
        events.close()
        return result
    }

    private func steps(_ events: inout EventLog) async throws -> AttemptResult {
        say("worktree \(job.worktree)", &events)
        let worktree = try await makeWorktree()
        let confinement = try confinement(for: worktree)
        try await runHook(before: .afterCreate, in: confinement, &events)
        try await setUp(in: confinement, &events)
        let verdict: AgentVerdict
        do {
            if job.workflow.hooks.command(.afterRun) != nil { try hooks.owe(.afterRun) }
            try await runHook(before: .beforeRun, in: confinement, &events)
            verdict = try await runAgent(on: worktree, in: confinement, &events)
        } catch {
            // What `before_run` began has to be cleaned up; why it failed says more than what came of that.
            let outcome = (error as? EarlyEnd)?.result.outcome ?? .agentFailed
            _ = try? await runHook(after: outcome, in: confinement, &events)
            throw error
        }
        await sayUnheeded(worktree, &events)
        var result = failed(verdict.outcome, verdict.reason)
        result.agent = verdict.report
        let zones = ZoneFiles.system(environment: environment)
        result.retryAt = verdict.retryAt(now: time.now().wall) { reset, now in
            reset.next(after: now, zones: zones, environment: environment)
        }
        let sentBack = try await runHook(
            after: verdict.outcome,
            in: confinement,
            &events
        )
        switch verdict.outcome {
        case .succeeded:
            guard let sentBack else { break }
            result = await kept(worktree, result, &events)
            result.outcome = .verificationFailed
            result.reason = "after_run sent it back: exit 2"
            result.failureOutput = sentBack
            return result
        case .maxTurns, .budgetExceeded:
            // The work is paid for: it's kept where a person finds it.
            return await kept(worktree, result, &events)
        case .noChanges, .verificationFailed, .agentFailed, .timedOut, .stalled, .rateLimited,
            .overloaded, .refused, .authFailed, .misconfigured, .setupFailed, .worktreeFailed,
            .pushFailed, .pushDeclined, .conflict, .cancelled, .lost:
            result.failureOutput = failureOutput(verdict)
            return result
        }
        return try await finish(worktree, result, in: confinement, &events)
    }

    /// Says which of the repository's settings aren't heeded, since an agent may have made them.
    private func sayUnheeded(_ worktree: Worktree, _ events: inout EventLog) async {
        // Who can't tell them hasn't heeded them either.
        guard let settings = try? await worktree.repository.unheededSettings(), !settings.isEmpty
        else { return }
        let names = settings.prefix(5).joined(separator: ", ")
        let more = settings.count > 5 ? " and \(settings.count - 5) more" : ""
        say(
            "the repository's configuration has \(names)\(more) since Linecook first came here:"
                + " not heeded; if a person set that, delete"
                + " \(worktree.repository.configurationInForce)",
            &events
        )
    }

    /// From the agent's success on: is there a change, commit, push, verify.
    private func finish(
        _ worktree: Worktree,
        _ agentResult: AttemptResult,
        in confinement: Confinement?,
        _ events: inout EventLog
    ) async throws -> AttemptResult {
        var result = agentResult
        do {
            guard try await worktree.hasChanges(since: job.baseCommit) else {
                result.outcome = .noChanges
                result.reason = noChangesReason("the branch equals its base", agentResult)
                result.ended = time.now().wall
                return result
            }
            say("commit", &events)
            CrashPoint.beforeCommit.reach()
            _ = try await worktree.commitAll(message: commitMessage)
            CrashPoint.afterCommit.reach()
            if let nothing = try await changeChecks(worktree).nothing(
                from: job.baseCommit,
                to: try await worktree.tip()
            ) {
                result.outcome = .noChanges
                result.reason = noChangesReason(nothing, agentResult)
                result.ended = time.now().wall
                return result
            }
            result.changes = try await worktree.summary(since: job.baseCommit)
            try await writeDiff(worktree)
        } catch {
            throw end(.agentFailed, "git: \(error)", result)
        }
        let checked = try await check(worktree, result)
        result.verification = checked.results
        if job.workflow.deliver.push == .beforeVerify, !checked.withholdsPush {
            try await push(worktree, &result, &events)
        }
        try await verify(worktree, after: checked, in: confinement, &result, &events)
        if job.workflow.deliver.push == .afterVerify { try await push(worktree, &result, &events) }
        result.outcome = .succeeded
        result.ended = time.now().wall
        return result
    }

    private func noChangesReason(_ nothing: String, _ result: AttemptResult) -> String {
        let said = result.agent?.lastMessage.map { "the agent said: \($0.inOneLine(limit: 200))" }
        // What it wasn't allowed to do is the likeliest cause.
        return [nothing, result.reason, said].compactMap(\.self).joined(separator: "; ")
    }

    private func push(
        _ worktree: Worktree,
        _ result: inout AttemptResult,
        _ events: inout EventLog
    ) async throws {
        say("push \(job.branch)", &events)
        let outcome: PushOutcome
        do {
            CrashPoint.beforePush.reach()
            outcome = try await worktree.push(lastPushed: lastPushed)
            CrashPoint.afterPush.reach()
        } catch {
            throw end(.pushFailed, "\(error)", result)
        }
        switch outcome {
        case .pushed(let commit), .upToDate(let commit): result.pushed = commit
        case .rejected(let reason): throw end(.pushFailed, reason, result)
        // The next attempt's push would be declined too, after another agent was paid.
        case .declined(let reason): throw end(.pushDeclined, reason, result)
        }
    }

    /// Commits and pushes what an agent at its limit has done, as far as that goes.
    private func kept(
        _ worktree: Worktree,
        _ agentResult: AttemptResult,
        _ events: inout EventLog
    ) async -> AttemptResult {
        var result = agentResult
        do {
            guard try await worktree.hasChanges(since: job.baseCommit) else { return result }
            _ = try await worktree.commitAll(message: "\(commitMessage) (unfinished)")
            result.changes = try await worktree.summary(since: job.baseCommit)
            try await writeDiff(worktree)
            let checked = try await check(worktree, result)
            result.verification = checked.results
            if checked.withholdsPush, let failed = checked.failureThatWithholds {
                throw end(result.outcome, "\(failed.check): \(failed.reason ?? "failed")", result)
            }
            try await push(worktree, &result, &events)
        } catch {
            let why = (error as? EarlyEnd)?.result.reason ?? "\(error)"
            result.reason =
                (result.reason.map { "\($0); " } ?? "") + "the work is in \(job.worktree): \(why)"
        }
        result.ended = time.now().wall
        return result
    }

    func makeWorktree() async throws -> Worktree {
        do {
            let repository = try Repository(
                job.workflow.repository,
                environment: environment,
                time: time
            )
            CrashPoint.beforeWorktree.reach()
            let worktree = try await repository.worktree(
                at: job.worktree,
                branch: try BranchName(job.branch),
                from: job.baseCommit
            )
            CrashPoint.afterWorktree.reach()
            let missing = try repository.copy(job.workflow.repository.copy, to: worktree.path)
            if let first = missing.first {
                throw EarlyEnd(
                    failed(
                        .worktreeFailed,
                        "\(repository.path.appending(first)): repository.copy names this file, but"
                            + " it isn't there"
                    )
                )
            }
            return worktree
        } catch let end as EarlyEnd {
            throw end
        } catch {
            throw end(.worktreeFailed, "\(error)")
        }
    }

    /// Runs `repository.setup` once a run.
    private func setUp(in confinement: Confinement?, _ events: inout EventLog) async throws {
        guard let setup = job.workflow.repository.setup else { return }
        let done = folder.removingLastComponent().appending("setup.done")
        guard try disk.read(done) == nil else { return }
        say("setup", &events)
        let report = try await runSteps(
            [.init(name: "setup", run: setup, timeout: remaining)],
            in: confinement
        )
        if let failed = report.failure {
            var failure = end(.setupFailed, failed.reason)
            failure.result.failureOutput = report.failureOutput
            throw failure
        }
        try disk.write(Array("\(setup)\n".utf8), to: done)
    }

    /// Writes the workflow's own prompt.
    func writePrompt(_ events: inout EventLog) async throws -> FilePath {
        do {
            let template = try Template(job.workflow.prompt)
            let context = try await codeContext(&events)
            guard let rest = try continuation() else {
                return try writePrompt([template], context: context)
            }
            return try writePrompt([template, rest], context: context)
        } catch let error as TemplateError {
            throw end(.misconfigured, "\(error)")
        }
    }

    /// Writes what all templates make of this attempt, one after the other.
    func writePrompt(_ templates: [Template], context: String?) throws -> FilePath {
        let path = folder.appending(AttemptFile.prompt)
        let values = PromptValues(job: job, context: context, story: story).value
        let text = try templates.map { try $0.render(values) }.joined(separator: "\n")
        try disk.write(Array(text.utf8), to: path)
        return path
    }

    private func writeDiff(_ worktree: Worktree) async throws {
        let diff = try await worktree.diff(since: job.baseCommit, limitInBytes: 1 << 20)
        try disk.write(diff, to: folder.appending(AttemptFile.changes))
    }

    private var commitMessage: String {
        "\(job.ticket.key): \(job.ticket.title.inOneLine(limit: 100))"
    }

    /// What an attempt before this one of the same run pushed.
    private var lastPushed: String? {
        for number in (1..<max(job.attempt, 1)).reversed() {
            if let pushed = result(ofAttempt: number)?.pushed { return pushed }
        }
        return nil
    }

    private func failureOutput(_ verdict: AgentVerdict) -> String? {
        // The agent's last words, when it had any, say more than its exit code.
        verdict.report.lastMessage
    }

    func checkCancelled(_ result: AttemptResult? = nil) throws {
        if Task.isCancelled { throw end(.cancelled, nil, result) }
    }

    func end(_ outcome: Outcome, _ reason: String?, _ result: AttemptResult? = nil) -> EarlyEnd {
        var ended = result ?? failed(outcome, reason)
        ended.outcome = Task.isCancelled ? .cancelled : outcome
        ended.reason = Task.isCancelled ? nil : reason
        ended.ended = time.now().wall
        return EarlyEnd(ended)
    }

    func failed(_ outcome: Outcome, _ reason: String?) -> AttemptResult {
        AttemptResult(outcome: outcome, reason: reason, ended: time.now().wall)
    }

    func say(_ step: String, _ events: inout EventLog) {
        events.write(AttemptEvent(at: time.now().wall, step: step))
    }
}

/// Time of the wall clock in which the machine stood still, and which is nobody's fault.
final class LostTime: Sendable {
    private let sum = Mutex(Duration.zero)

    var total: Duration { sum.withLock { $0 } }

    func add(_ time: Duration) { sum.withLock { $0 += time } }
}

/// Ends an attempt with the result that its step came to.
struct EarlyEnd: Error {
    var result: AttemptResult

    init(_ result: AttemptResult) { self.result = result }
}
