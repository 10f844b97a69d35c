import Agent
import Domain
import Git
import Planner
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
            let text =
                job.written?.text
                ?? job.ticket.description.map { "\(job.ticket.title)\n\n\($0)" } ?? job.ticket.title
            return try await changeChecks(worktree).run(
                from: job.baseCommit,
                to: try await worktree.tip(),
                described: DescribedFiles(
                    required: TicketText.work(in: text),
                    named: TicketText.paths(in: text)
                ),
                worktree: worktree
            )
        } catch {
            throw end(.verificationFailed, "the changes can't be checked: \(error)", result)
        }
    }

    /// Runs the steps of the verification after the checks of the changes, and puts all results into `result`.
    ///
    /// It throws the attempt's end when one of them failed.
    func verify(
        after checked: Verification.Report,
        in confinement: Confinement?,
        _ result: inout AttemptResult,
        _ events: inout EventLog
    ) async throws {
        var report = checked
        if !job.workflow.verify.steps.isEmpty {
            say("verify", &events)
            report = report.followed(
                by: try await runSteps(job.workflow.verify.steps, in: confinement, result)
            )
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

    /// Runs shell commands of the workflow's in the worktree.
    func runSteps(
        _ steps: [VerificationSettings.Step],
        in confinement: Confinement?,
        _ result: AttemptResult? = nil
    ) async throws -> Verification.Report {
        do {
            return try await Verification(
                environment: stepEnvironment,
                marker: job.id,
                confinement: confinement,
                time: time
            ).run(
                steps,
                in: job.worktree,
                logsIn: folder,
                named: folder.lastComponent?.string ?? "",
                deadline: began.uptime + job.workflow.agent.timeout
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
