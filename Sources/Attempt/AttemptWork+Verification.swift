import Agent
import Domain
import Git
import ProcessTree
import SystemPackage
import Verification

extension AttemptWork {
    /// The checks of what the branch holds over its base.
    func changeChecks(_ worktree: Worktree) -> ChangeChecks {
        ChangeChecks(
            worktree.repository,
            settings: job.workflow.verify,
            limits: job.workflow.limits
        )
    }

    /// Checks the commits, before any of them leaves this machine.
    func check(
        _ worktree: Worktree,
        _ result: AttemptResult
    ) async throws -> Verification.Report {
        do {
            let tip = try await worktree.tip()
            return try await changeChecks(worktree).run(
                from: job.baseCommit,
                to: tip,
                history: tip,
                described: DescribedFiles(text: job.workText),
                folder: worktree.path
            )
        } catch {
            throw end(.verificationFailed, "the changes can't be checked: \(error)", result)
        }
    }

    /// Runs the steps of the verification after the checks of the changes, and puts all results into `result`.
    ///
    /// It throws the attempt's end when one of them failed.
    func verify(
        _ worktree: Worktree,
        after checked: Verification.Report,
        in confinement: Confinement?,
        _ result: inout AttemptResult,
        _ events: inout EventLog
    ) async throws {
        var report = checked
        if !job.workflow.verify.steps.isEmpty {
            say("verify", &events)
            report = report.followed(by: try await steps(worktree, in: confinement, result))
        }
        result.verification = report.results
        if remaining == .zero {
            throw end(
                .timedOut,
                "the verification wasn't done after \(job.workflow.agent.timeout.inWords)",
                result
            )
        }
        guard let failed = report.failure else { return }
        var failure = end(
            .verificationFailed,
            "\(failed.check): \(failed.reason ?? "failed")",
            result
        )
        failure.result.failureOutput = report.failureOutput
        throw failure
    }

    private func steps(
        _ worktree: Worktree,
        in confinement: Confinement?,
        _ result: AttemptResult
    ) async throws -> Verification.Report {
        let steps = job.workflow.verify.steps
        guard job.workflow.verify.clean else {
            return try await runSteps(steps, in: confinement, result)
        }
        let repository = worktree.repository
        do {
            return try await repository.withCheckout(
                of: try await worktree.tip(),
                at: FilePath(job.worktree.string + Repository.checkoutEnding)
            ) { folder in
                _ = try repository.copy(job.workflow.repository.copy, to: folder)
                var confinement = confinement
                confinement?.writable.append(folder)
                let setup = job.workflow.repository.setup
                return try await runSteps(
                    steps.after(setup: setup),
                    at: folder,
                    in: confinement,
                    result
                )
            }
        } catch let early as EarlyEnd {
            throw early
        } catch {
            throw end(.verificationFailed, "no clean checkout: \(error)", result)
        }
    }

    /// Runs shell commands of the workflow's, in the worktree or elsewhere.
    func runSteps(
        _ steps: [VerificationSettings.Step],
        at place: FilePath? = nil,
        in confinement: Confinement?,
        _ result: AttemptResult? = nil
    ) async throws -> Verification.Report {
        do {
            return try await Verification(
                environment: stepEnvironment,
                marker: job.id,
                confinement: confinement,
                memory: job.workflow.agent.memory,
                output: job.workflow.limits.output,
                time: time
            ).run(
                steps,
                in: place ?? job.worktree,
                logsIn: folder,
                named: folder.lastComponent?.string ?? "",
                deadline: began.uptime + job.workflow.agent.timeout + lostTime.total
            )
        } catch {
            throw end(.setupFailed, "\(error)", result)
        }
    }

    /// What the steps of the workflow see: what the agent sees, and where they are.
    private var stepEnvironment: [String: String] {
        var allowed = AgentEnvironment.allowed(
            of: environment,
            naming: job.workflow.agent.environment
        )
        allowed["LINECOOK_TICKET"] = job.ticket.key.rawValue
        allowed["LINECOOK_SLOT"] = String(job.slot)
        allowed["CI"] = "true"
        return allowed
    }
}
