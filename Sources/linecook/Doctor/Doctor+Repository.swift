import Domain
import Forge
import Git
import HTTP
import SystemPackage
import WorkflowFile

extension Doctor {
    /// A workflow's repository, its remote, and the forge that pull requests go to.
    func repository(_ workflow: Workflow) -> Check {
        Check(name: "repository", workflow: workflow.name) {
            let (settings, limits) = (
                workflow.repository, GitLimits(local: limit, network: limit)
            )
            let environment = installation.context.environment
            let repository: Repository
            do {
                repository = try Repository(
                    settings,
                    environment: environment,
                    time: SystemTime(),
                    limits: limits
                )
            } catch GitError.notCloned(let url, let path) {
                let base = try await Repository.base(
                    at: url,
                    of: settings,
                    environment: environment,
                    time: SystemTime(),
                    limits: limits
                )
                return [
                    finding(
                        base,
                        on: url.rawValue,
                        place: "\(url), which 'linecook run' clones to \(path)",
                        workflow
                    )
                ] + (await forge(workflow) { url.rawValue })
            }
            let unheeded = try await unheeded(of: repository, workflow)
            do {
                let base = try await repository.remoteHead(repository.base)
                return [finding(base, on: repository.remote, place: "\(repository.path)", workflow)]
                    + unheeded + (await forge(workflow, repository.remoteAddress))
            } catch {
                guard !Task.isCancelled, !unheeded.isEmpty else { throw error }
                return [Finding("repository", workflow.name, problem: error)] + unheeded
            }
        }
    }

    /// What somebody set in the repository's configuration and Linecook goes on without.
    private func unheeded(
        of repository: Repository,
        _ workflow: Workflow
    ) async throws -> [Finding] {
        let names = try await repository.unheededSettings()
        guard !names.isEmpty else { return [] }
        let more = names.count > 5 ? " and \(names.count - 5) more" : ""
        return [
            Finding(
                "git settings",
                workflow.name,
                warning:
                    "\(names.prefix(5).joined(separator: ", "))\(more) came into the repository's"
                    + " configuration after Linecook did: not heeded, since an agent may have set it",
                "if a person set that: rm '\(repository.configurationInForce)'"
            )
        ]
    }

    private func finding(
        _ base: String?,
        on remote: String,
        place: String,
        _ workflow: Workflow
    ) -> Finding {
        guard let base else {
            return Finding(
                "repository",
                workflow.name,
                problem: "the remote '\(remote)' has no branch '\(workflow.repository.base)'",
                "set repository.base to one that it has, or push it there first"
            )
        }
        return Finding(
            "repository",
            workflow.name,
            ok: "\(place); '\(workflow.repository.base)' on '\(remote)' is at \(base.prefix(12))"
        )
    }

    private func forge(
        _ workflow: Workflow,
        _ address: () async throws -> String
    ) async -> [Finding] {
        do {
            guard let token = try installation.githubToken() else {
                return [
                    Finding(
                        "forge",
                        workflow.name,
                        ok: "local: 'linecook pulls' lists its pull requests"
                    )
                ]
            }
            let forge = try GitHubForge(
                remote: try await address(),
                endpoint: installation.configuration.github.endpoint,
                token: token,
                transport: HTTPClient(settings: .init(userAgent: "linecook/\(programVersion)")),
                time: SystemTime()
            )
            let access = try await forge.access()
            return [finding(access, forge.repository, workflow)]
        } catch {
            return [Finding("forge", workflow.name, problem: error)]
        }
    }

    private func finding(
        _ access: GitHubAccess,
        _ repository: GitHubRepository,
        _ workflow: Workflow
    ) -> Finding {
        if access.isArchived {
            return Finding(
                "forge",
                workflow.name,
                problem: "\(repository) is archived: nothing can be pushed",
                "unarchive it on GitHub, or set another repository"
            )
        }
        if access.mayPush == false {
            return Finding(
                "forge",
                workflow.name,
                problem: "the token's owner may not write to \(repository)",
                "give the owner write access, or the token access to contents and pull requests"
            )
        }
        if access.lacksScope(isPrivate: access.isPrivate) {
            let held = (access.scopes ?? []).joined(separator: ", ")
            return Finding(
                "forge",
                workflow.name,
                problem:
                    "the token lacks the scope 'repo' (it has: \(held.isEmpty ? "none" : held))",
                "make a token with it, and put it where github.token points"
            )
        }
        let rest =
            access.scopes == nil
            ? "; GitHub tells of such a token only on the first pull request whether it may open one"
            : ""
        return Finding("forge", workflow.name, ok: "\(repository) can be read and written\(rest)")
    }
}
