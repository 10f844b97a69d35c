import Domain
import ProcessTree
import Sandbox
import Testing

/// The checks alone, and in a clean checkout, with the real program.
// Each site runs several programs at once: more would only wait for the processor.
@Suite(.serialized, .inTurn) struct VerifyTests {
    private static let agent = """
        cat > /dev/null; echo '*.log' > .gitignore; echo junk > junk.log; echo 'a()' > page.js
        """

    private var ticket: LinearSeed.Issue {
        var ticket = LinearSeed.Issue(title: "Page")
        ticket.description = "File to create: `page.js`"
        return ticket
    }

    @Test(.timeLimit(.minutes(5)))
    func
        `a folder is checked as it is, a branch as it is committed, and both say so by their exit`()
        async throws
    {
        let steps = "verify: { steps: [{ name: page, run: \"test -f page.js && pwd\" }] }"
        try await Site.with([ticket], agent: Self.agent, workflow: steps) { site in
            try await site.linecook("run", "--until-idle")
            let run = try site.run(of: 1)
            #expect(run.state == .inReview)
            let checks = run.attempts.first?.verification.map(\.check)
            #expect(checks == ["debug_statements", "touch", "forbid_paths", "secrets", "page"])

            let good = try await site.linecook(
                "verify",
                "wt/ENG-1",
                "--ticket",
                "ENG-1",
                "--format",
                "json"
            )
            #expect(good.code == 0, "\(good.text)")
            #expect(good.text.contains("\"check\": \"touch\""))

            try await site.shell("echo debugger > wt/ENG-1/more.js && rm wt/ENG-1/page.js")
            let bad = try await site.linecook("verify", "wt/ENG-1", "--ticket", "ENG-1")
            #expect(bad.code == 1)
            #expect(bad.text.contains("more.js:1: debugger"), "\(bad.text)")
            #expect(bad.text.contains("page.js: the ticket lists it"))
            #expect(bad.text.contains("page  exit 1"))
            let untold = try await site.linecook("verify", "wt/ENG-1", "--format", "json")
            #expect(untold.text.contains("the ticket is ENG-1, by the name of the branch"))

            let branch = try await site.linecook("verify", run.branch, "--base", "develop")
            #expect(branch.code == 0, "\(branch.text)")
            #expect(try await site.shellOutput("ls -d *.check 2>/dev/null || true") == "")
            #expect(try await site.linecook("verify", "nowhere").code == 2)
            #expect(try await site.linecook("verify", "wt/ENG-1", "--base", "nowhere").code == 2)
        }
    }

    @Test(.timeLimit(.minutes(5)))
    func `a step that passes the second time is recorded as flaky, and the run goes on`()
        async throws
    {
        let steps = """
            verify:
              steps:
                - name: shaky
                  run: test -f ../once || { touch ../once; exit 1; }
                  retry: 1
                - { name: firm, run: "true", retry: 1 }
            """
        try await Site.with([ticket], agent: Self.agent, workflow: steps) { site in
            try await site.linecook("run", "--until-idle")
            let run = try site.run(of: 1)
            #expect(run.state == .inReview)
            #expect(run.attempts.count == 1)
            let steps = run.attempts.first?.verification.suffix(2) ?? []
            #expect(steps.map(\.check) == ["shaky", "firm"])
            #expect(steps.map(\.flaky) == [true, nil])
            #expect(try site.text("state/runs/ENG-1/1/run.json").contains("\"flaky\": true"))
        }
    }

    @Test(.timeLimit(.minutes(5)))
    func `with 'clean' the steps see the commit alone, and nothing of the checkout is left`()
        async throws
    {
        let steps = """
            verify:
              clean: true
              steps: [{ name: alone, run: "test -f page.js && ! test -e junk.log && pwd > ../seen" }]
            """
        try await Site.with([ticket], agent: Self.agent, workflow: steps) { site in
            try await site.linecook("run", "--until-idle")
            #expect(try site.run(of: 1).state == .inReview)
            #expect(try site.text("wt/seen").hasSuffix("/wt/ENG-1.check\n"))
            #expect(try await site.shellOutput("ls wt") == "ENG-1\nseen\n")
            #expect(try site.text("wt/ENG-1/junk.log") == "junk\n")
        }
    }

    @Test(.timeLimit(.minutes(5)))
    func `the clean checkout of a folder has what is copied and set up, and no secret`()
        async throws
    {
        let made = "test -f .env && test -f built && test $CI = true && ! test -e more.js"
        let steps = """
            verify:
              clean: true
              steps: [{ name: alone, run: '\(made) && ! env | grep -e lin_api_test -e SECRET_OF' }]
            """
        try await Site.with([ticket], agent: ":", workflow: steps) { site in
            try await site.shell(
                """
                sed -i 's/base: develop,/base: develop, copy: [.env], setup: touch built,/' workflows/site.yml
                cd clone && git checkout -q -b topic && echo x > work && git add work
                git -c user.name=A -c user.email=a@b commit -qm work && touch .env
                echo debugger > more.js
                """
            )
            let found = try await site.linecook("verify", "clone")
            #expect(found.code == 1 && found.text.contains("more.js:1: debugger"), "\(found.text)")
            #expect(found.text.contains("alone  passed"), "\(found.text)")
            let note = "what isn't committed is not in the clean checkout of the steps"
            #expect(found.text.contains(note), "\(found.text)")
            let branch = try await site.linecook("verify", "topic")
            #expect(branch.code == 0 && !branch.text.contains(note), "\(branch.text)")
            #expect(branch.text.contains("alone  passed"), "\(branch.text)")
        }
    }

    @Test(.timeLimit(.minutes(5)))
    func `the ticket is the one of the branch's name, and its text is asked of Linear`()
        async throws
    {
        try await Site.with([ticket], agent: ":") { site in
            try await site.shell(
                """
                cd clone && git checkout -q -b feature/eng-1-page && echo x > other.js && git add .
                git -c user.name=A -c user.email=a@b commit -qm other
                """
            )
            for arguments in [["clone"], ["feature/eng-1-page"], ["clone", "--ticket", "ENG-1"]] {
                let found = try await site.linecook(["verify"] + arguments)
                #expect(found.code == 1, "\(arguments)")
                #expect(found.text.contains("page.js: the ticket lists it"), "\(found.text)")
                let isGuess = found.text.contains("the ticket is ENG-1, by the name of the branch")
                #expect(isGuess == !arguments.contains("--ticket"))
            }
            #expect(try await site.linecook("verify", "clone", "--ticket", "ENG-9").code == 2)
            // A branch of another team's, or of a ticket that isn't there, is checked without one.
            try await site.shell("cd clone && git branch -m feature/eng-9-page")
            let unknown = try await site.linecook("verify", "clone")
            #expect(unknown.code == 0, "\(unknown.text)")
            #expect(unknown.text.contains("the ticket may be ENG-9, whose text isn't to be had"))
        }
    }

    @Test(.timeLimit(.minutes(5)))
    func `a clean checkout can be written in the sandbox, and the home folder isn't seen there`()
        async throws
    {
        let search = ["PATH": "/usr/local/bin:/usr/bin:/bin"]
        if await Confinement.obstacle(environment: search) != nil { return }
        let workflow = """
              sandbox: bubblewrap
            verify:
              clean: true
              steps: [{ name: alone, run: "test -f page.js && echo built > out && ! test -e junk.log && ! test -e $HOME/Config" }]
            """
        try await Site.with([ticket], agent: Self.agent, workflow: workflow) { site in
            try await site.linecook("run", "--until-idle")
            let run = try site.run(of: 1)
            #expect(run.state == .inReview, "\(run.summary)")
            #expect(run.attempts.first?.verification.last?.check == "alone")
            #expect(try await site.shellOutput("ls wt") == "ENG-1\n")
        }
    }
}
