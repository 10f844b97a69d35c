import Domain
import Prompt
import SystemPackage
import Testing

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

@Suite struct PromptValuesTests {
    @Test func `a prompt knows the ticket, its branch, its attempt and its checks`() throws {
        let text = try render(
            """
            # {{ ticket.key }} ({{ ticket.number }}): {{ ticket.title }}
            {{ ticket.url }} {{ ticket.priority }} {{ ticket.project }} {{ ticket.slug }}
            {{ ticket.labels | join }}; estimate {{ ticket.estimate | default("unknown") }}
            {{ repository.name }} {{ repository.base }} {{ branch }} {{ slot }}
            {{ attempt.number }} of {{ attempt.maximum }}
            {% if attempt.last_failure %}
            {{ attempt.last_failure | fence }}
            {% endif %}
            {% for step in verify.steps %}
            - `{{ step }}`
            {% endfor %}
            {{ ticket.description | quote }}
            """,
            ticket(description: "Do it.\r\nWell.")
        )
        #expect(
            text == """
                # FRE-69 (69): Write the article
                https://linear.app/x/FRE-69 high Portfolio write-the-article
                agent, ui; estimate unknown
                site main linecook/FRE-69 3
                2 of 3
                ```
                lint: exit 1
                ```
                - `npm run build`
                - `npm test`
                > Do it.
                > Well.
                """
        )
    }

    @Test func `hidden characters of a ticket are shown to the agent as what they are`() throws {
        let hostile = ticket(
            title: "Fix\u{202E}\nthis\u{1B}[2J",
            description: "a\u{200B}b\u{E0041}\u{0}"
        )
        #expect(try render("{{ ticket.title }}", hostile) == "Fix<U+202E> this<U+001B>[2J")
        #expect(try render("{{ ticket.description }}", hostile) == "a<U+200B>b<U+E0041><U+0000>")
    }

    @Test func `a description beyond the limit is cut with a note that says where the rest is`()
        throws
    {
        let long = ticket(description: String(repeating: "é", count: 500_000))
        let text = try render("{{ ticket.description }}", long)
        #expect(text.hasPrefix("ééé"))
        #expect(text.utf8.count < PromptValues.textLimit + 300)
        #expect(
            text.hasSuffix(
                "\n\n[The description is cut here: it has 1000000 bytes, and a prompt takes 100000 of them. "
                    + "All of it: https://linear.app/x/FRE-69]"
            )
        )
    }

    @Test func `of a long failure the end is kept`() throws {
        let failure = String(repeating: "noise\n", count: 50_000) + "the error"
        let text = try render("{{ attempt.last_failure }}", ticket(), lastFailure: failure)
        #expect(
            text.hasPrefix("[The output is cut here: these are its last 100000 of 300009 bytes.]\n")
        )
        #expect(text.hasSuffix("noise\nthe error"))
    }

    @Test func `a branch or folder pattern knows safe names only`() throws {
        let key = try #require(TicketKey("FRE-69"))
        let pattern = try NameTemplate(
            "../{{ repository.name }}-{{ ticket.key }}-{{ ticket.slug | truncate(5) }}",
            place: "default.yml"
        )
        let name = try pattern.render(key: key, title: "; rm -rf ../..", repository: "site")
        #expect(name == "../site-FRE-69-rm-rf")
        let error = try #require(throws: TemplateError.self) {
            try NameTemplate("x/{{ ticket.title }}", place: "default.yml")
        }
        #expect(
            error.description
                == "default.yml:1:6: error: no name 'ticket.title' here; there are: "
                + "ticket.key, ticket.number, ticket.slug"
        )
    }

    private func ticket(
        title: String = "Write the article",
        description: String? = nil
    ) -> Ticket? {
        TicketKey("FRE-69").map { key in
            Ticket(
                id: "1",
                key: key,
                title: title,
                description: description,
                url: "https://linear.app/x/FRE-69",
                priority: .high,
                created: Date(timeIntervalSince1970: 0),
                updated: Date(timeIntervalSince1970: 0),
                state: TicketState(id: "s", name: "Todo", type: .unstarted),
                labels: ["agent", "ui"],
                project: "Portfolio"
            )
        }
    }

    private func render(
        _ text: String,
        _ ticket: Ticket?,
        lastFailure: String = "lint: exit 1"
    ) throws -> String {
        let template = try Template(text, file: "ticket.md")
        try template.check(against: PromptValues.names)
        let values = PromptValues(
            ticket: try #require(ticket),
            repository: RepositorySettings(path: "/code/site.git"),
            branch: "linecook/FRE-69",
            attempt: 2,
            maximum: 3,
            lastFailure: lastFailure,
            steps: [
                VerificationSettings.Step(name: "build", run: "npm run build"),
                VerificationSettings.Step(name: "test", run: "npm test"),
            ],
            slot: 3
        )
        return try template.render(values.value)
    }
}
