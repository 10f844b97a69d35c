import Disk
import Domain
import Executor
import Forge
import Git
import HTTP
import Linear
import Logging
import ProcessTree
import Prompt
import RunStore
import Service
import SystemPackage

/// Puts the service together from its rooms; used by `run` and `demo` alike.
struct Composition {
    let configuration: ServiceConfiguration
    /// `nil` where Linear isn't asked for anything.
    let linearToken: Secret?
    /// `nil` where the local forge is used.
    let githubToken: Secret?
    let attemptEnvironment: [String: String]
    let environment: [String: String]
    let time = SystemTime()
    let http = HTTPClient(settings: .init(userAgent: "linecook/\(programVersion)"))

    var store: RunStore { RunStore(root: configuration.state, disk: LocalFileSystem()) }

    var localForge: LocalForge {
        LocalForge(folder: store.layout.pulls, files: LocalFileSystem(), time: time)
    }

    /// A client of Linear's with a memory of its own; over the HTTP client unless another transport is named.
    func makeLinearClient(through transport: (any LinearTransport)? = nil) -> LinearClient {
        LinearClient(
            endpoint: configuration.linear.endpoint,
            token: linearToken ?? Secret(""),
            transport: transport ?? http,
            time: time,
            randomness: SystemRandomNumberGenerator()
        )
    }

    /// Tickets whole, with what their texts say of files and other tickets, and the keys that Linear has not.
    func planned(
        _ keys: [TicketKey],
        by workflow: Workflow
    ) async throws -> (tickets: [Ticket], missing: [TicketKey]) {
        let client = makeLinearClient()
        let found = try await client.tickets(keys)
        let tickets = try await LinearTracker.complete(found, for: workflow, from: client)
        let missing = keys.filter { key in !found.contains { $0.key == key } }
        return (tickets, missing)
    }

    /// - Parameters:
    ///   - log: Where it says what it does.
    ///   - source: A prompt file and its tracker, in place of Linear's own tickets.
    /// - Returns: The service.
    func makeService(
        log: Logger,
        source: (file: String, tracker: any Tracker)? = nil
    ) -> Service {
        let client = makeLinearClient()
        let (time, http, environment) = (time, http, environment)
        let (githubToken, endpoint) = (githubToken, configuration.github.endpoint)
        let local = localForge
        let state = configuration.state
        let delivery = GitDelivery(
            time: time,
            repository: { workflow in
                try Repository(workflow.repository, environment: environment, time: time)
            },
            clone: { workflow in
                try await Repository.cloneIfMissing(
                    workflow.repository,
                    environment: environment,
                    time: time
                ) { url in
                    log.info(
                        "cloning the repository; tickets are taken up once it's there",
                        metadata: ["workflow": "\(workflow.name)", "url": "\(url)"]
                    )
                }
            },
            forge: { _, repository in
                guard let githubToken else { return local }
                return try GitHubForge(
                    remote: try await repository.remoteAddress(),
                    endpoint: endpoint,
                    token: githubToken,
                    transport: http,
                    time: time
                )
            }
        )
        return Service(
            configuration: configuration,
            version: programVersion,
            promptFile: source?.file,
            store: store,
            tracker: source?.tracker ?? LinearTracker(client: client, time: time),
            delivery: delivery,
            executor: LocalExecutor(
                program: DetachedProcess.ownExecutable,
                environment: attemptEnvironment,
                time: time
            ),
            environment: attemptEnvironment,
            time: time,
            log: log,
            heedsRequests: true,
            prune: { try await StatePruning(state: state, environment: environment).run($0) },
            names: Self.names
        )
    }

    /// Names a ticket's branch and worktree as the workflow says.
    @Sendable static func names(
        _ workflow: Workflow,
        _ ticket: Ticket
    ) -> (branch: String, worktree: String) {
        func render(_ pattern: String, _ key: String) -> String? {
            // The patterns were checked when the file was read.
            try? NameTemplate(pattern, place: "repository.\(key)").render(
                key: ticket.key,
                title: ticket.title,
                repository: workflow.repository.name
            )
        }
        return (
            render(workflow.repository.branch, "branch") ?? "linecook/\(ticket.key)",
            render(workflow.repository.worktree, "worktree")
                ?? "../\(workflow.repository.name)-workspace-\(ticket.key)"
        )
    }

    static func makeLog(_ threshold: LogThreshold) -> Logger {
        Logger(label: "linecook") { _ in ConsoleLog(threshold: threshold) }
    }
}
