package import WebServer

#if canImport(FoundationEssentials)
package import FoundationEssentials
#else
package import Foundation
#endif

/// A Linear of one's own: the part of its API that a tracker client needs, over a workspace in memory.
///
/// It refuses what Linear refuses, as far as its schema goes: unknown fields, arguments and filter keys,
/// wrong types, wrong credentials, states of another team, ids that are taken.
package actor LinearSandbox {
    /// What a client asked for, for tests that count.
    package struct Request: Equatable, Sendable {
        package var operation: String?
        package var status: Int
        /// Why it was refused or failed.
        package var errors: [String]
    }

    /// A ticket as it stands.
    package struct Issue: Equatable, Sendable {
        package var id: String
        package var key: String
        package var title: String
        package var state: String
        package var labels: [String]
        package var isArchived: Bool
        /// The bodies, oldest first.
        package var comments: [String]
        /// The URLs, oldest first.
        package var attachments: [String]
    }

    /// Everything that was asked, in order.
    package private(set) var requests: [Request] = []
    /// Everything that was to be changed, in order.
    package private(set) var mutations: [LinearMutation] = []

    private let schema: GraphQLSchema
    private let clock: @Sendable () -> Date
    private let requestsPerHour: Int
    private var world: LinearWorld
    /// The time of each request of the last hour, by credential.
    private var recent: [String: [Date]] = [:]

    /// - Parameters:
    ///   - seed: what the workspace holds.
    ///   - requestsPerHour: of one credential; above it the answer is `RATELIMITED`. Linear gives 2,500.
    ///   - chance: the seed of all ids.
    ///   - clock: the wall clock.
    /// - Throws: when the seed names what isn't there.
    package init(
        seed: LinearSeed = LinearSeed(),
        requestsPerHour: Int = 2500,
        chance: UInt64 = 1,
        clock: @escaping @Sendable () -> Date
    ) throws {
        schema = try LinearSchema.make()
        world = try LinearWorld(seed, chance: chance, clock: clock)
        self.requestsPerHour = requestsPerHour
        self.clock = clock
    }

    /// Answers `POST /graphql`.
    package func answer(_ request: WebRequest) -> WebResponse {
        guard request.path == "/graphql" else { return .text("Not found\n", status: 404) }
        guard request.method == "POST" else { return .text("Method not allowed\n", status: 405) }
        let now = clock()
        let credential = request.headers["Authorization"] ?? ""
        guard let actor = world.credentials[credential] else { return unauthorized(credential) }
        var times = recent[credential, default: []].filter { now.timeIntervalSince($0) < 3600 }
        let headers = { [requestsPerHour] (used: Int) in
            let reset = Int((now.timeIntervalSince1970 + 3600) * 1000)
            return [
                "X-RateLimit-Requests-Limit": "\(requestsPerHour)",
                "X-RateLimit-Requests-Remaining": "\(requestsPerHour - used)",
                "X-RateLimit-Requests-Reset": "\(reset)",
            ]
        }
        guard times.count < requestsPerHour else {
            return rateLimited(headers(times.count))
        }
        times.append(now)
        recent[credential] = times
        let outcome = carryOut(request, actor: actor, now: now)
        requests.append(
            Request(
                operation: outcome.operation,
                status: outcome.status,
                errors: outcome.errors.map(\.message)
            )
        )
        var members: [JSONValue.Member] = []
        if !outcome.errors.isEmpty {
            members.append(.init(name: "errors", value: .array(outcome.errors.map(\.json))))
        }
        if let data = outcome.data { members.append(.init(name: "data", value: data)) }
        return respond(.object(members), status: outcome.status, headers: headers(times.count))
    }

    // MARK: What people do

    /// Makes a ticket.
    ///
    /// - Returns: its key.
    package func create(_ issue: LinearSeed.Issue) throws -> String {
        try world.createIssue(issue)["identifier"].text ?? ""
    }

    /// Moves a ticket to the state of this name.
    package func move(_ key: String, to state: String) throws {
        let issue = try world.need("Issue", .string(key))
        let state = try world.named(state, "WorkflowState", team: issue["teamId"].text)
        _ = try world.updateIssue(.string(key), ["stateId": .string(state.id)])
    }

    /// Puts labels on a ticket, and takes others off.
    package func label(_ key: String, add: [String] = [], remove: [String] = []) throws {
        let team = try world.need("Issue", .string(key))["teamId"].text
        let added = try world.labelIDs(add, team: team)
        let removed = try world.labelIDs(remove, team: team)
        _ = try world.updateIssue(
            .string(key),
            ["addedLabelIds": .array(added), "removedLabelIds": .array(removed)]
        )
    }

    /// Writes a ticket's description anew.
    package func edit(_ key: String, description: String) throws {
        _ = try world.updateIssue(.string(key), ["description": .string(description)])
    }

    /// Puts a ticket into the archive.
    package func archive(_ key: String) throws {
        world.archive(try world.need("Issue", .string(key)), trashing: false)
    }

    /// Deletes a ticket for good.
    package func delete(_ key: String) throws {
        world.remove(try world.need("Issue", .string(key)))
    }

    /// Writes a comment as a person of the workspace, or as the app whose token Linecook may use.
    package func comment(_ key: String, _ body: String, asApp: Bool = false) throws {
        let app = world.all("User").first { $0["app"] == true }?.id
        _ = try world.comment(
            ["issueId": .string(key), "body": .string(body)],
            by: asApp ? app ?? world.personID : world.personID
        )
    }

    /// A ticket as it stands.
    package func issue(_ key: String) throws -> Issue {
        describe(try world.need("Issue", .string(key)))
    }

    /// All tickets, by key.
    package var issues: [Issue] {
        world.all("Issue").sorted { ($0["number"].double ?? 0) < ($1["number"].double ?? 0) }
            .map(describe)
    }

    private func describe(_ issue: LinearWorld.Record) -> Issue {
        func texts(_ type: String, _ field: String) -> [String] {
            world.all(type).filter { $0["issueId"].text == issue.id }
                .sorted { ($0["createdAt"].text ?? "") < ($1["createdAt"].text ?? "") }
                .compactMap { $0[field].text }
        }
        return Issue(
            id: issue.id,
            key: issue["identifier"].text ?? "",
            title: issue["title"].text ?? "",
            state: world.record("WorkflowState", issue["stateId"].text)?["name"].text ?? "",
            labels: issue["labelIds"].items.compactMap {
                world.record("IssueLabel", $0.text)?["name"].text
            },
            isArchived: issue["archivedAt"] != .null,
            comments: texts("Comment", "body"),
            attachments: texts("Attachment", "url")
        )
    }

    // MARK: One request

    private struct Outcome {
        var operation: String?
        var status: Int
        var errors: [GraphQLError] = []
        var data: JSONValue?
    }

    private func carryOut(_ request: WebRequest, actor: String, now: Date) -> Outcome {
        let type = request.headers["Content-Type"]?.split(separator: ";").first.map(String.init)
        // A body that isn't JSON is answered like one that is missing.
        let body = type == "application/json" ? try? JSONValue(parsing: request.body) : nil
        let name = body?["operationName"]?.text
        guard let body, let text = body["query"]?.text, !text.allSatisfy(\.isWhitespace) else {
            let message = "POST body missing, invalid Content-Type, or JSON object has no keys."
            return Outcome(status: 400, errors: [GraphQLError(message: message, kind: .request)])
        }
        do throws(GraphQLError) {
            let document = try GraphQLParser.document(text)
            let errors = GraphQLValidation.errors(in: document, schema: schema)
            guard errors.isEmpty else {
                return Outcome(operation: name, status: 400, errors: errors)
            }
            let wanted = document.operations.filter { name == nil || $0.name == name }
            guard wanted.count == 1, let operation = wanted.first else {
                throw GraphQLError(
                    message: "Unknown operation named \"\(name ?? "")\".",
                    kind: .operation
                )
            }
            let variables = try GraphQLValues(schema: schema)
                .variables(body["variables"] ?? [:], for: operation)
            var execution = GraphQLExecution(
                document,
                schema: schema,
                variables: variables,
                resolver: LinearResolver(
                    world: world,
                    actor: actor,
                    operation: operation.name,
                    now: now
                )
            )
            let data = execution.run(operation)
            world = execution.resolver.world
            mutations += execution.resolver.mutations
            return Outcome(
                operation: operation.name,
                status: 200,
                errors: execution.errors,
                data: data
            )
        } catch {
            return Outcome(operation: name, status: 400, errors: [error])
        }
    }

    private func respond(
        _ json: JSONValue,
        status: Int,
        headers: [String: String] = [:]
    ) -> WebResponse {
        var response = WebResponse.json(json.serialized, status: status)
        for (name, value) in headers { response.headers[name] = value }
        return response
    }

    private func refuse(
        _ message: String,
        status: Int,
        _ extensions: JSONValue,
        headers: [String: String] = [:]
    ) -> WebResponse {
        requests.append(Request(operation: nil, status: status, errors: [message]))
        let error: JSONValue = ["message": .string(message), "extensions": extensions]
        return respond(["errors": [error]], status: status, headers: headers)
    }

    private func unauthorized(_ credential: String) -> WebResponse {
        guard !credential.hasPrefix("Bearer lin_api_") else {
            let message =
                "It looks like you're trying to use an API key as a Bearer token. "
                + "Remove the Bearer prefix from the Authorization header."
            return refuse(
                message,
                status: 400,
                [
                    "type": "invalid input", "code": "INPUT_ERROR", "statusCode": 400,
                    "userError": true, "userPresentableMessage": .string(message),
                    "http": ["status": 400],
                ]
            )
        }
        return refuse(
            "Authentication required, not authenticated",
            status: 401,
            [
                "type": "authentication error", "code": "AUTHENTICATION_ERROR", "statusCode": 401,
                "userPresentableMessage": "You need to authenticate to access this operation.",
            ]
        )
    }

    private func rateLimited(_ headers: [String: String]) -> WebResponse {
        let message =
            "Rate limit exceeded. Only \(requestsPerHour) requests are allowed per 1 hour."
        return refuse(
            message,
            status: 400,
            [
                "type": "ratelimited", "code": "RATELIMITED", "statusCode": 429,
                "userError": true, "userPresentableMessage": .string(message),
                "http": ["status": 400],
            ],
            headers: headers
        )
    }
}
