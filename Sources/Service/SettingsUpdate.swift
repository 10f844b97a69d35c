package import Domain
import Logging

/// What holds after files were changed, and what is to be said of it.
package struct SettingsUpdate: Equatable, Sendable {
    /// One fact for the log; each is told once.
    package enum News: Equatable, Sendable {
        case workflowChanged(String, file: String)
        case workflowAdded(String, file: String)
        /// Its runs go on to their end.
        case workflowRemoved(String, file: String)
        case configurationChanged(file: String)
        /// New, or with other errors than before.
        case problem(FileProblem)
        case mended(file: String)
    }
    package var configuration: ServiceConfiguration
    package var workflows: [LoadedWorkflow]
    package var problems: [FileProblem]
    package var news: [News]
}

extension SettingsUpdate.News {
    /// Writes the line of the log.
    func tell(_ log: Logger) {
        switch self {
        case .workflowChanged(let name, let file):
            log.info("workflow changed", metadata: ["workflow": "\(name)", "file": "\(file)"])
        case .workflowAdded(let name, let file):
            log.info("workflow added", metadata: ["workflow": "\(name)", "file": "\(file)"])
        case .workflowRemoved(let name, let file):
            log.info(
                "workflow removed; its runs go on",
                metadata: ["workflow": "\(name)", "file": "\(file)"]
            )
        case .configurationChanged(let file):
            log.info("configuration changed", metadata: ["file": "\(file)"])
        case .problem(let problem):
            let isInstead = problem.inForce != nil
            let message: Logger.Message =
                switch problem.kind {
                case .broken, .nameTaken:
                    isInstead ? "not in force, the version before is" : "not in force"
                case .waitsForStart: "not in force yet"
                case .empty: "workflows are missing"
                }
            log.warning(
                message,
                metadata: ["file": "\(problem.file)", "why": "\(problem.summary)"]
            )
        case .mended(let file): log.info("mended, and in force", metadata: ["file": "\(file)"])
        }
    }
}
