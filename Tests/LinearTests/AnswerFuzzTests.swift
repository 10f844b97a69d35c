import Domain
import HTTP
import Linear
import TestSupport
import Testing

/// Linear's answers, damaged.
///
/// `LINECOOK_FUZZ=100000 swift test --filter AnswerFuzzTests` reads that many.
@Suite struct AnswerFuzzTests {
    /// What is asked, and the bodies of the answers to it.
    private enum Question: CaseIterable {
        case poll, tickets, states, descriptions, labels, prompt, writes

        var answers: [String] {
            let issue = Fixture.blocked("FRE-1", by: ["OPS-7"])
            let whole = Fixture.issue(
                "FRE-1",
                more:
                    #", "description": "Do it", "inverseRelations": \#(Fixture.relations(["OPS-7"]))"#
            )
            let labels =
                #"{"data": {"issueLabels": {"nodes": [{"id": "l-agent", "name": "agent"}]}}}"#
            let comment = """
                {"id": "c1", "body": "Then blue.", "createdAt": "2026-11-23T10:00:40.500Z",
                "issue": {"id": "id-FRE-8"}, "user": {"name": "Kim", "app": false}, "botActor": null}
                """
            let failure = """
                {"errors": [{"message": "no", "path": ["w0"], "extensions": {"code": "RATELIMITED",
                "statusCode": 400, "meta": {"rateLimitResult": {"reset": 1790000000000}}}}], "data": null}
                """
            switch self {
            case .poll:
                return [
                    """
                    {"data": {\(Fixture.team), "free": \(Fixture.page([Fixture.issue("FRE-2")])),
                    "blocked": \(Fixture.page([issue])),
                    "subIssues": \(Fixture.page([Fixture.subIssue("FRE-5", of: "FRE-1")])),
                    "tracked": \(Fixture.page([Fixture.tracked("FRE-8")])),
                    "replies": \(Fixture.page([comment]))}}
                    """, labels, failure,
                ]
            case .tickets:
                return [
                    """
                    {"data": {"issues": \(Fixture.page([whole])),
                    "subIssues": \(Fixture.page([Fixture.subIssue("FRE-5", of: "FRE-1")]))}}
                    """, labels, failure,
                ]
            case .states, .descriptions:
                return ["{\"data\": {\"issues\": \(Fixture.page([whole]))}}", failure]
            case .labels: return [labels, failure]
            case .prompt:
                return [
                    """
                    {"data": {"issue": {"documents": {"nodes": [{"title": "FRE-1.md", "content": ""}]},
                    "attachments": {"nodes": [{"title": "FRE-1.md",
                    "url": "https://uploads.linear.app/x"}]}}}}
                    """, "Do it.", failure,
                ]
            case .writes:
                return [
                    "{\"data\": {\(Fixture.team)}}",
                    """
                    {"data": {"w0": {"success": true, "issue": \(whole)}, "w1": {"success": true},
                    "w2": {"success": true}}}
                    """, labels, failure,
                ]
            }
        }

        /// Asks, and tells the errors that came.
        func ask(_ client: LinearClient, _ key: TicketKey) async throws -> [LinearError] {
            do throws(LinearError) {
                switch self {
                case .poll:
                    _ = try await client.poll(
                        TicketSelection(team: "FRE", allLabels: ["agent"]),
                        wantsSubIssues: true,
                        tracked: ["id-FRE-8"]
                    )
                case .tickets: _ = try await client.tickets([key])
                case .states: _ = try await client.states(of: [key])
                case .descriptions: _ = try await client.descriptions(of: ["id-FRE-1"])
                case .labels: _ = try await client.missingLabels(among: ["agent"], team: "FRE")
                case .prompt: _ = try await client.writtenPrompt(for: "id-FRE-1", key: key)
                case .writes:
                    let results = await client.perform([
                        .claim(ticket: "id-FRE-1", to: "in progress", team: "FRE"),
                        .move(ticket: "id-FRE-1", to: "in progress", team: "FRE", own: []),
                        .comment(id: "c-1", ticket: "t", body: "b"),
                    ])
                    #expect(results.count == 3)
                    return results.compactMap {
                        if case .failure(let error) = $0 { error } else { nil }
                    }
                }
                return []
            } catch {
                return [error]
            }
        }
    }

    @Test(.timeLimit(.minutes(30)))
    func `each answer gives a value or an error that can be shown, and never an endless wait`()
        async throws
    {
        let key = try #require(TicketKey("FRE-1"))
        let questions = Question.allCases
        let samples = questions.map { $0.answers.map { Array($0.utf8) } }
        let header = Array("1790000000".utf8)
        var mutations = Mutations(of: samples.flatMap { $0 }, seed: 23)
        for number in 0..<Mutations.count() {
            let index = mutations.pick(below: questions.count)
            let broken = mutations.pick(below: samples[index].count)
            var answers = samples[index].dropLast().map { $0 }
            // Either one of its answers is damaged, or Linear refuses first.
            if broken < answers.count {
                answers[broken] = mutations.damaged(answers[broken])
            } else {
                answers.insert(mutations.damaged(samples[index][broken]), at: 0)
            }
            var headers: HTTPHeaders = ["Content-Type": "application/json"]
            for name in [
                "Retry-After", "X-RateLimit-Requests-Limit", "X-RateLimit-Requests-Remaining",
                "X-RateLimit-Requests-Reset",
            ] where mutations.pick(below: 4) == 0 {
                headers[name] = String(decoding: mutations.damaged(header), as: UTF8.self)
            }
            let status = [200, 200, 200, 200, 400, 429, 401, 503][mutations.pick(below: 8)]
            let linear = ScriptedLinear(
                answers.map {
                    .reply(HTTPResponse(status: status, headers: headers, body: $0))
                }
            )
            let time = SleptTime()
            let client = LinearClient(linear, time: time)
            for error in try await questions[index].ask(client, key) {
                let text = "\(error)"
                #expect(text.utf8.count < 4000, "answer \(number): \(text)")
                #expect(
                    text.unicodeScalars.allSatisfy { $0.properties.generalCategory != .control },
                    "answer \(number): \(text)"
                )
            }
            #expect(time.slept < .seconds(7200), "answer \(number)")
            #expect(linear.messages.count < 50, "answer \(number)")
        }
    }
}
