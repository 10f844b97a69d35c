import Agent
import Disk
import Domain
import ProcessTree
import RunStore
import SystemPackage
import Verification

extension AttemptWork {
    /// Runs `hooks.after_create` once a run, and `hooks.before_run` once an attempt.
    ///
    /// - Throws: `EarlyEnd` with `setup_failed` when it failed.
    func runHook(
        before hook: Hook,
        in confinement: Confinement?,
        _ events: inout EventLog
    ) async throws {
        let done = folder.removingLastComponent().appending("\(hook.rawValue).done")
        let isOnce = hook == .afterCreate
        if isOnce, try disk.read(done) != nil { return }
        let timeout = min(job.workflow.hooks.timeout, remaining)
        guard let run = hookRun(hook, timeout: timeout, in: confinement) else { return }
        say(hook.rawValue, &events)
        let end = try await ended(run)
        guard let reason = end.result.reason else {
            if isOnce { try disk.write(Array("\(run.command)\n".utf8), to: done) }
            return
        }
        var failure = self.end(.setupFailed, "\(hook.rawValue): \(reason)")
        failure.result.failureOutput =
            "\(hook.rawValue): \(reason)" + (end.output.isEmpty ? "" : "\n\(end.output)")
        throw failure
    }

    /// Runs `hooks.after_run`, also when the attempt was stopped or its time is up.
    ///
    /// - Parameters:
    ///   - outcome: How the agent did.
    ///   - confinement: The sandbox, which holds for hooks as for the verification.
    ///   - events: Are told.
    /// - Returns: What the agent is to do better, when the hook says so; `nil` otherwise.
    /// - Throws: `EarlyEnd` with `setup_failed` when its log can't be written.
    func runHook(
        after outcome: Outcome,
        in confinement: Confinement?,
        _ events: inout EventLog
    ) async throws -> String? {
        let timeout = job.workflow.hooks.timeout
        guard var run = hookRun(.afterRun, timeout: timeout, in: confinement) else { return nil }
        run.environment["LINECOOK_OUTCOME"] = outcome.rawValue
        say(run.hook.rawValue, &events)
        let hook = run
        let end = try await sheltered { try await ended(hook) }
        guard end.isSentBack else { return nil }
        return end.output.isEmpty ? "\(run.hook.rawValue): exit 2" : end.output
    }

    /// Ends an attempt whose process died: runs the clean-up hook that is due, and no agent.
    func closeLost() async -> AttemptResult {
        var result = failed(.lost, "the attempt's process died without a result")
        do {
            try hooks.recall()
            var events = try EventLog(after: folder.appending(AttemptFile.events))
            if hooks.due == .afterRun {
                do {
                    // Only the sandbox needs to know more of the worktree than where it is.
                    let confinement: Confinement? =
                        job.workflow.agent.sandbox == .none
                        ? nil : try confinement(for: try await makeWorktree())
                    result.failureOutput = try await runHook(
                        after: .lost,
                        in: confinement,
                        &events
                    )
                } catch let end as EarlyEnd {
                    try hooks.add(.notRun(.afterRun, end.result.reason, in: folder))
                }
            }
            result.ended = time.now().wall
            return close(result, events)
        } catch {
            result.reason = "\(result.reason ?? ""); its hooks: \(error)"
            return result
        }
    }

    private func ended(_ run: HookRun) async throws -> HookRun.End {
        let end: HookRun.End
        do {
            end = try await run.run(
                in: job.worktree,
                logsIn: folder,
                named: folder.lastComponent?.string ?? ""
            )
        } catch {
            throw self.end(.setupFailed, "\(error)")
        }
        do { try hooks.add(end.result) } catch { throw self.end(.setupFailed, "\(error)") }
        return end
    }

    private func hookRun(
        _ hook: Hook,
        timeout: Duration,
        in confinement: Confinement?
    ) -> HookRun? {
        let settings = job.workflow.hooks
        guard let command = settings.command(hook) else { return nil }
        let context = AgentContext(
            job: job,
            session: .fresh(session),
            promptFile: folder.appending("prompt.md")
        )
        return HookRun(
            hook,
            command: command,
            timeout: timeout,
            environment: AgentEnvironment.ofHook(
                parent: environment,
                workflow: job.workflow,
                ticket: job.ticket,
                worktree: job.worktree,
                context: context
            ),
            marker: job.id,
            confinement: confinement,
            memory: job.workflow.agent.memory,
            outputLimit: job.workflow.limits.output
        )
    }
}

/// Does work that has to end although the caller was cancelled, and waits for it.
private func sheltered<Value: Sendable>(
    _ work: @escaping @Sendable () async throws -> Value
) async throws -> Value {
    try await Task { try await work() }.value
}

extension CheckResult {
    fileprivate static func notRun(
        _ hook: Hook,
        _ reason: String?,
        in folder: FilePath
    ) -> CheckResult {
        CheckResult(
            check: hook.rawValue,
            passed: false,
            reason: reason ?? "not run",
            seconds: 0,
            log: "\(folder.lastComponent?.string ?? "")/\(hook.log)"
        )
    }
}
