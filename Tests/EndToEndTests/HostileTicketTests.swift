import Dashboard
import Domain
import Forge
import Git
import Prompt
import RunStore
import Sandbox
import Setup
import SystemPackage
import Testing

@testable import Service

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// Whatever a stranger writes into a ticket stays text on its whole way.
@Suite(.serialized, .inTurn) struct HostileTicketTests {
    /// Where a text stands.
    enum Place: CaseIterable {
        case title, description, label, state, comment
    }

    /// One ticket with one hostile text in one place.
    struct Case {
        var place: Place
        var text: String
        var ticket: Ticket

        var message: String { place == .comment ? text : "I did it." }
    }

    private static let start = Date(timeIntervalSince1970: 1_700_000_000)

    private static func cases() throws -> [Case] {
        var cases: [Case] = []
        for place in Place.allCases {
            for text in HostileTexts.all {
                cases.append(try made(place, text, number: cases.count + 1))
            }
        }
        return cases
    }

    private static func made(_ place: Place, _ text: String, number: Int) throws -> Case {
        let state = place == .state ? text : "Todo"
        var ticket = Ticket(
            id: "\(number)",
            key: try #require(TicketKey("ENG-\(number)")),
            title: place == .title ? text : "x",
            description: place == .description ? text : "x",
            url: "https://linear.app/acme/issue/ENG-\(number)",
            created: start,
            updated: start,
            state: TicketState(id: "1", name: state, type: .unstarted)
        )
        ticket.labels = [place == .label ? text : "x"]
        return Case(place: place, text: text, ticket: ticket)
    }

    private static func workflow() -> Workflow {
        Workflow(
            name: "site",
            tickets: TicketSelection(team: "ENG"),
            repository: RepositorySettings(path: "/site/clone"),
            agent: AgentSettings(kind: .command),
            prompt: PromptSettings(file: "ticket.md", text: "")
        )
    }

    private static func run(_ one: Case, _ state: RunState) -> Run {
        var run = Run(
            ticket: one.ticket,
            workflow: workflow(),
            number: 1,
            branch: "linecook/\(one.ticket.key)",
            worktree: "../wt/\(one.ticket.key)",
            comment: "c",
            at: start
        )
        var result = AttemptResult(
            outcome: .agentFailed,
            reason: one.message,
            ended: start.addingTimeInterval(60)
        )
        result.agent = AgentReport(kind: .command)
        result.agent?.lastMessage = one.message
        var attempt = Attempt(number: 1, started: start)
        attempt.finish(with: result)
        run.attempts = [attempt]
        run.enter(state, why: "x", reason: one.message, next: "Nothing.", at: start)
        return run
    }

    @Test func `at least 200 hostile tickets get branches and folders that are theirs alone`()
        throws
    {
        let cases = try Self.cases()
        #expect(cases.count >= 200)
        let branch = try NameTemplate("a/{{ ticket.slug }}-{{ ticket.number }}", place: "branch")
        let folder = try NameTemplate(
            "../wt/{{ ticket.slug }}-{{ ticket.number }}",
            place: "folder"
        )
        var names: Set<String> = []
        for one in cases {
            let (key, title) = (one.ticket.key, one.ticket.title)
            let name = try branch.render(key: key, title: title, repository: "site")
            #expect(throws: Never.self, "\(name)") { try BranchName(name) }
            let isPlain = name.dropFirst(2).utf8.allSatisfy {
                0x61...0x7A ~= $0 || 0x30...0x39 ~= $0 || $0 == 0x2D
            }
            #expect(isPlain, "\(name)")
            #expect(name.utf8.count < 80)
            #expect(names.insert(name.lowercased()).inserted, "\(name)")
            let path = try folder.render(key: key, title: title, repository: "site")
            let whole = FilePath("/site/clone").pushing(FilePath(path)).lexicallyNormalized()
            #expect(whole.removingLastComponent() == "/site/wt", "\(path)")
        }
    }

    @Test func `a prompt holds each text as fenced data and nothing of it as template`() throws {
        let template = try Template(ShippedFiles.template, file: "ticket.md")
        for one in try Self.cases() {
            let prompt = try template.render(Self.values(one, reply: one.message))
            let plain = try Self.made(.state, "Todo", number: one.ticket.key.number)
            let expected = try template.render(
                Self.values(plain, reply: one.message.isEmpty ? "" : "I did it.")
            )
            let label = one.ticket.labels[0].inOneLine(limit: 500)
            #expect(
                Self.outsideFences(prompt)
                    == Self.outsideFences(expected).map { line in
                        guard line.hasPrefix("- Labels: ") else { return line }
                        return "- Labels: \(label.isEmpty ? "none" : label)"
                    },
                "\(one.place): \(one.text.prefix(100))"
            )
            Self.expectPlain(prompt)
            switch one.place {
            case .title: #expect(prompt.contains(one.text.inOneLine(limit: 500)))
            case .description where one.text.utf8.count < PromptValues.textLimit:
                #expect(prompt.contains(one.text.withHiddenCharactersShown))
            case .description: #expect(prompt.contains("[The description is cut here"))
            case .label, .state, .comment: break
            }
        }
    }

    private static func values(_ one: Case, reply: String) -> TemplateValue {
        PromptValues(
            ticket: one.ticket,
            repository: workflow().repository,
            branch: "linecook/x",
            attempt: 2,
            maximum: 3,
            lastFailure: reply,
            steps: [],
            slot: 0,
            replies: [reply]
        ).value
    }

    /// The lines that stand in no code fence, by CommonMark's rules.
    private static func outsideFences(_ text: String) -> [String] {
        var fence: Int?
        var lines: [String] = []
        for line in text.split(separator: "\n") {
            let ticks = line.utf8.prefix { $0 == 0x60 }.count
            if let open = fence {
                if ticks >= open, line.utf8.count == ticks { fence = nil }
            } else if ticks >= 3 {
                fence = ticks
            } else {
                lines.append(String(line))
            }
        }
        if fence != nil { lines.append("a fence is open") }
        return lines
    }

    @Test func `a pull request mentions nobody, closes nothing and holds no markup of a ticket`()
        throws
    {
        for one in try Self.cases() {
            let proposal = PullRequestProposal(
                run: Self.run(one, .delivering),
                delivery: DeliverySettings(),
                headCommit: "0123456789abcdef"
            )
            #expect(proposal.title.split(whereSeparator: { $0.isNewline }).count == 1)
            #expect(proposal.title.unicodeScalars.count <= 256)
            // A squash takes both into the commit's message.
            let text = proposal.title + "\n\n" + proposal.body
            Self.expectPlain(text)
            // The ticket's own link is ours.
            let rest = text.replacing("](\(one.ticket.url))", with: "")
            for live in [
                #/(?:^|[^A-Za-z0-9_])@[A-Za-z0-9]/#, ##/#[0-9]/##,
                ##/&(?:#|[A-Za-z])[A-Za-z0-9]*;/##,
                #/<[A-Za-z/!?]/#, #/!\[/#, #/(?i)\[(?:skip ci|ci skip)\]/#,
                #/(?i)https?:\/\/[^ ]*\/issues\//#,
                #/(?i)(?:fix|close|resolve)(?:s|d|es)? [a-z]+\\?-[0-9]/#,
            ] {
                #expect(rest.firstMatch(of: live) == nil, "\(one.place): \(rest.prefix(600))")
            }
        }
    }

    @Test func `a comment on a ticket holds each text as plain words or in a fence`() throws {
        for one in try Self.cases() {
            let comment = TicketComment.body(for: Self.run(one, .failed), folder: "state")
            Self.expectPlain(comment.replacing("\\@\u{2060}", with: "@"))
            let outside = Self.outsideFences(comment)
            #expect(outside.first?.hasPrefix("**Linecook:** Failed after") == true)
            #expect(outside.last == "Branch `linecook/\(one.ticket.key)`; the whole story: `state`")
            #expect(outside.count == (one.message.isEmpty ? 3 : 4), "\(outside)")
            for line in outside {
                #expect(line.firstMatch(of: #/@[A-Za-z0-9]|(?:^|[^\\])[<\[]/#) == nil, "\(line)")
            }
        }
    }

    @Test func `a page and a line of a terminal show what can't be seen and run nothing`() throws {
        let texts = try Self.cases().filter { $0.place == .title || $0.place == .comment }
        for one in texts {
            let line = one.text.inOneLine(limit: 200)
            #expect(line.split(whereSeparator: { $0.isNewline }).count <= 1)
            Self.expectPlain(line)
            Self.expectPlain(one.text.withHiddenCharactersShown)
        }
        let page = ReportPage(
            batches: [],
            runs: texts.map { Self.run($0, .failed) },
            at: Self.start
        )
        .html
        Self.expectPlain(page)
        for markup in [
            "<script", "<img", "<iframe", "<!-- hidden", "</title></svg>", "href=\"java",
        ] {
            #expect(!page.contains(markup), "\(markup)")
        }
        #expect(page.contains("&lt;script&gt;touch()"))
    }

    @Test(.timeLimit(.minutes(5)))
    func `hostile tickets become a branch and a pull request each, and touch nothing else`()
        async throws
    {
        let tickets = HostileTexts.families.map { _, texts in
            // Linear has no ticket without a title, and none with one of a megabyte.
            let title = texts[0].allSatisfy(\.isWhitespace) ? "." : String(texts[0].prefix(300))
            return LinearSeed.Issue(
                title: title,
                description: texts.last,
                labels: [String(title.prefix(80))]
            )
        }
        let agent = "cat > /dev/null; echo \"$LINECOOK_TICKET\" > work"
        try await Site.with(tickets, agent: agent) { site in
            try site.write("workflows/prompt.md", ShippedFiles.template)
            try await site.shell(
                "sed -i 's/^name: site/name: site\\nslots: { total: 6 }/' workflows/site.yml"
            )
            let listing = """
                find . -path ./clone/.git -prune -o -path ./state -prune -o -path ./wt -prune \
                    -o -path ./remote.git -prune -o -print | LC_ALL=C sort
                """
            let before = try await site.shellOutput(listing)
            let (told, code) = try await site.linecook("run", "--until-idle")
            #expect(code == 0, "\(told)")
            HostileTicketTests.expectPlain(told)
            #expect(try await site.shellOutput(listing) == before)

            var branches = ["develop"]
            for number in tickets.indices.map({ $0 + 1 }) {
                let run = try site.run(of: number)
                #expect(run.state == .inReview, "\(number): \(run.reason ?? "")")
                #expect(run.attempts.map(\.outcome) == [.succeeded])
                #expect(try await site.linear.issue("ENG-\(number)").attachments.count == 1)
                branches.append(run.branch)
            }
            let refs = "git -C remote.git for-each-ref --format='%(refname)'"
            let found = try await site.shellOutput(refs).split(separator: "\n").map(String.init)
            #expect(found.sorted() == branches.map { "refs/heads/\($0)" }.sorted())
            let folders = try await site.shellOutput("ls -A wt").split(separator: "\n")
            #expect(
                Set(folders.map(String.init)) == Set(tickets.indices.map { "ENG-\($0 + 1)" })
            )
            let pulls = try await site.linecook("pulls").text
            #expect(pulls.split(separator: "\n").count == tickets.count + 1, "\(pulls)")
            for command in [["runs"], ["status"], ["pulls"], ["report"]] {
                HostileTicketTests.expectPlain(try await site.linecook(command).text)
            }
            HostileTicketTests.expectPlain(try site.text("state/report.html"))
        }
    }

    /// Visible characters and line ends, and the joiners that scripts and emoji need.
    private static func expectPlain(
        _ text: String,
        sourceLocation: SourceLocation = #_sourceLocation
    ) {
        let hidden = text.unicodeScalars.filter { scalar in
            // Most of a long text; a category takes long to look up.
            if 0x20...0x7E ~= scalar.value || ["\n", "\t"].contains(scalar) { return false }
            switch scalar.properties.generalCategory {
            case .control, .format, .lineSeparator, .paragraphSeparator:
                return scalar != "\u{200D}" && scalar != "\u{200C}"
            default: return false
            }
        }
        #expect(
            hidden.isEmpty,
            "\(Set(hidden.map(\.value))) in \(text.prefix(300))",
            sourceLocation: sourceLocation
        )
    }
}
