import Sandbox
import Testing

@Suite struct LinearMutationTests {
    private let client: LinearClient
    private let comment = "11111111-2222-4333-8444-555555555555"

    init() throws {
        client = try LinearClient(
            LinearSeed(
                teams: [
                    .init(key: "ENG", name: "Engineering"), .init(key: "OPS", name: "Operations"),
                ],
                issues: [.init(title: "one", labels: ["bug"]), .init(title: "two")]
            )
        )
    }

    private func state(_ name: String, of team: String = "ENG") async throws -> JSONValue {
        try await client.value(
            "workflowStates.nodes.0.id",
            of: """
                query($name: String!, $team: String!) {
                  workflowStates(filter: { name: { eq: $name }, team: { key: { eq: $team } } }) {
                    nodes { id }
                  }
                }
                """,
            ["name": .string(name), "team": .string(team)]
        )
    }

    private let move = """
        mutation Move($id: String!, $state: String!) {
          issueUpdate(id: $id, input: { stateId: $state }) {
            success issue { state { name } completedAt }
          }
        }
        """

    @Test func `a ticket is moved, and its times follow the state's type`() async throws {
        let done = try await state("Done")
        let moved = try await client.value("issueUpdate", of: move, ["id": "ENG-1", "state": done])
        #expect(moved["success"] == true)
        #expect(moved["issue"]?["state"] == ["name": "Done"])
        #expect(moved["issue"]?["completedAt"] != .null)
        #expect(try await client.sandbox.issue("ENG-1").state == "Done")
    }

    @Test func `another team's state is refused`() async throws {
        let done = try await state("Done", of: "OPS")
        let answer = await client.ask(move, ["id": "ENG-1", "state": done])
        #expect(answer.contains("Discrepancy between issue state and team"))
        #expect(try await client.sandbox.issue("ENG-1").state == "Todo")
    }

    @Test func `a comment whose id is taken conflicts, and an update changes it in place`()
        async throws
    {
        let create = """
            mutation($id: String!) {
              commentCreate(input: { id: $id, issueId: "ENG-1", body: "started" }) { comment { id } }
            }
            """
        let id: JSONValue = ["id": .string(comment)]
        #expect(
            try await client.value("commentCreate.comment.id", of: create, id) == .string(comment)
        )
        #expect(await client.ask(create, id).contains("conflict on insert of Comment"))
        _ = await client.ask(
            "mutation($id: String!) { commentUpdate(id: $id, input: { body: \"done\" }) { success } }",
            id
        )
        #expect(try await client.sandbox.issue("ENG-1").comments == ["done"])
    }

    @Test func `an attachment with the same URL is updated`() async throws {
        for title in ["draft", "ready"] {
            let answer = await client.ask(
                """
                mutation { attachmentLinkURL(issueId: "ENG-1", url: "https://x/1", title: "\(title)") {
                  attachment { title } } }
                """
            )
            #expect(answer.contains(title))
        }
        _ = await client.ask(
            """
            mutation { attachmentCreate(input: { issueId: "ENG-1", url: "https://x/2", title: "log" }) {
              success } }
            """
        )
        let attachments = try await client.sandbox.issue("ENG-1").attachments
        #expect(attachments == ["https://x/1", "https://x/2"])
    }

    @Test func `several changes in one request are done in order up to the one that fails`()
        async throws
    {
        let answer = await client.send(
            """
            mutation Sweep {
              a: issueUpdate(id: "ENG-1", input: { title: "changed" }) { success }
              b: issueUpdate(id: "ENG-99", input: { title: "lost" }) { success }
              c: issueUpdate(id: "ENG-2", input: { title: "never" }) { success }
            }
            """
        )
        #expect(answer.status == 200)
        #expect(answer.body.hasSuffix(#""data":null}"#))
        #expect(await client.sandbox.issues.map(\.title) == ["changed", "two"])
        let mutations = await client.sandbox.mutations
        #expect(mutations.map(\.error) == [nil, "Entity not found: Issue"])
        #expect(mutations.first?.operation == "Sweep")
        #expect(mutations.first?.arguments["id"] == "ENG-1")
    }

    @Test func `labels are added and taken off without touching the others`() async throws {
        try await client.sandbox.label("ENG-1", add: ["infra"])
        #expect(try await client.sandbox.issue("ENG-1").labels == ["bug", "infra"])
        let infra = try await client.value(
            "issueLabels.nodes.0.id",
            of: "{ issueLabels(filter: { name: { eq: \"infra\" } }) { nodes { id } } }"
        )
        _ = await client.ask(
            """
            mutation($label: String!) {
              issueUpdate(id: "ENG-1", input: { removedLabelIds: [$label] }) { success }
            }
            """,
            ["label": infra]
        )
        #expect(try await client.sandbox.issue("ENG-1").labels == ["bug"])
    }

    @Test func `a new ticket gets the team's next number and its default state`() async throws {
        let id = try await client.value(
            "teams.nodes.0.id",
            of: "{ teams(filter: { key: { eq: \"ENG\" } }) { nodes { id } } }"
        )
        let issue = try await client.value(
            "issueCreate.issue",
            of: """
                mutation($team: String!) {
                  issueCreate(input: { teamId: $team, title: "New one!" }) {
                    issue { identifier state { name } branchName }
                  }
                }
                """,
            ["team": id]
        )
        #expect(issue["identifier"] == "ENG-3")
        #expect(issue["state"]?["name"] == "Backlog")
        #expect(issue["branchName"] == "runner.bot/eng-3-new-one")
    }

    @Test func `people make, move, comment on, archive and delete tickets`() async throws {
        let sandbox = client.sandbox
        let key = try await sandbox.create(
            .init(title: "three", state: "Todo", blockedBy: ["ENG-1"])
        )
        #expect(key == "ENG-3")
        try await sandbox.move(key, to: "Canceled")
        try await sandbox.comment(key, "not now")
        try await sandbox.archive(key)
        let issue = try await sandbox.issue(key)
        #expect(issue.state == "Canceled" && issue.comments == ["not now"] && issue.isArchived)
        try await sandbox.delete(key)
        #expect(await client.ask("{ issue(id: \"ENG-3\") { id } }").contains("Entity not found"))
    }
}
