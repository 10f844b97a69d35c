import Domain
import Git
import Planner
import Scaffold
import SystemPackage

extension AttemptWork {
    /// The code that the prompt holds, as Markdown; `nil` when there is none or the template has no place for it.
    ///
    /// A prompt that a person wrote is taken as it is. What can't be had costs no attempt: the agent can
    /// read the code itself.
    ///
    /// - Throws: `CancellationError`.
    func codeContext(_ events: inout EventLog) async throws -> String? {
        let prompt = job.workflow.prompt
        guard job.written == nil, prompt.mentions("context") else { return nil }
        do {
            let repository = try Repository(
                job.workflow.repository,
                environment: environment,
                time: time
            )
            let text = job.ticket.description ?? ""
            let found = try await CodeContext(
                for: CodeTask(
                    title: job.ticket.title,
                    text: text,
                    paths: TicketText.paths(in: job.ticket.title + "\n\n" + text),
                    verification: job.workflow.verify.steps.map(\.run)
                ),
                settings: prompt.context,
                tree: RepositoryTree(repository, at: job.baseCommit),
                cache: job.cache.map {
                    CodeContext.cache(FilePath($0), for: repository.path)
                },
                disk: disk
            )
            for note in found.notes { say("context: \(note)", &events) }
            return found.markdown.isEmpty ? nil : found.markdown
        } catch is CancellationError {
            throw CancellationError()
        } catch {
            say("no code in the prompt: \(error)", &events)
            return nil
        }
    }
}
