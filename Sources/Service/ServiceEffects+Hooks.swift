import Agent
import Domain
import Logging
import RunStore
import Scheduler
import SystemPackage
import Verification

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

extension ServiceEffects {
    /// Runs `hooks.on_failure` of a run that has failed, unless its record says that it ran.
    ///
    /// A daemon that dies meanwhile leaves no record of it, so that the next one runs it again.
    ///
    /// - Throws: `CancellationError`.
    func runFailureHook(of run: Run, _ workflow: Workflow) async throws {
        guard run.state == .failed else { return }
        try await runHook(.onFailure, of: run, workflow)
    }

    /// Runs `hooks.before_remove` where a worktree is to go, unless its record says that it ran.
    ///
    /// - Throws: `CancellationError`.
    func runRemovalHook(of run: Run, _ workflow: Workflow) async throws {
        guard workflow.deliver.cleanup != .never else { return }
        try await runHook(.beforeRemove, of: run, workflow)
    }

    private func runHook(_ hook: Hook, of run: Run, _ workflow: Workflow) async throws {
        guard let command = workflow.hooks.command(hook),
            !(run.hooks ?? []).contains(where: { $0.check == hook.rawValue })
        else { return }
        let worktree = workflow.repository.path.pushing(FilePath(run.worktree))
            .lexicallyNormalized()
        let isThere = FileManager.default.fileExists(atPath: worktree.string)
        if !isThere, hook == .beforeRemove { return }
        let last = run.attempts.last
        let folder = service.store.layout.run(run.id)
        var result: CheckResult
        do {
            // Without an attempt there is no job, and nothing of the ticket's is known here.
            guard let number = last?.number,
                let job = try service.store.value(
                    AttemptJob.self,
                    at: service.store.layout.attempt(run.id, number).appending(AttemptFile.job)
                )
            else { return }
            var environment = AgentEnvironment.ofHook(
                parent: service.environment,
                workflow: workflow,
                ticket: job.ticket,
                worktree: worktree,
                context: AgentContext(
                    job: job,
                    session: .fresh(""),
                    promptFile: service.store.layout.attempt(run.id, number)
                        .appending(AttemptFile.prompt)
                )
            )
            environment["LINECOOK_OUTCOME"] = last?.outcome?.rawValue
            result = try await HookRun(
                hook,
                command: command,
                timeout: workflow.hooks.timeout,
                environment: environment,
                marker: job.id,
                memory: workflow.agent.memory,
                outputLimit: workflow.limits.output
            ).run(in: isThere ? worktree : workflow.repository.path, logsIn: folder, named: "")
                .result
        } catch is CancellationError {
            throw CancellationError()
        } catch {
            result = CheckResult(
                check: hook.rawValue,
                passed: false,
                reason: "\(error)",
                seconds: 0,
                log: hook.log
            )
        }
        if let reason = result.reason {
            service.log.warning(
                "hook failed",
                metadata: ["run": "\(run.id)", "hook": "\(hook.rawValue)", "why": "\(reason)"]
            )
        }
        say(.hookEnded(run.id, result))
    }
}
