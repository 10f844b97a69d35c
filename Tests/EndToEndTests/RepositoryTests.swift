import Domain
import ProcessTree
import RunStore
import Sandbox
import Testing

/// Where the code comes from and goes to, with the real program.
// Each site runs several programs at once: more would only wait for the processor.
@Suite(.serialized, .inTurn)
struct RepositoryTests {
    /// In place of ssh: the remote, without a network.
    private static let ssh = """
        #!/bin/sh
        case "$*" in
        *receive-pack*) exec git-receive-pack "$HOME/remote.git" ;;
        *) echo x >> "$HOME/fetches"; exec git-upload-pack "$HOME/remote.git" ;;
        esac

        """

    @Test(.timeLimit(.minutes(5)))
    func
        `a repository named by its address is cloned by the service, after a broken clone and anew when it's gone`()
        async throws
    {
        let agent = "echo work > \"work-$LINECOOK_TICKET\""
        try await Site.with([LinearSeed.Issue(title: "One")], agent: agent) { site in
            try await site.shell("mkdir bin")
            // The clone hangs, and the daemon dies in the midst of it.
            try site.write(
                "bin/ssh",
                "#!/bin/sh\necho $$ > \"$HOME/started\"\nexec sleep 600\n"
            )
            try await site.shell(
                """
                chmod +x bin/ssh; rm -rf clone; mkfifo started
                sed -i 's|path: ../clone|url: "ssh://git@localhost/acme/site.git"|' workflows/site.yml
                """
            )
            let daemon = try site.startDaemon()
            try await site.shell("read pid < started; kill -9 \(daemon.pid) $pid; rm started")
            try await site.shell("test -d state/repositories/site-*/site.partial-*")
            #expect(try site.store.openRuns().isEmpty)

            try site.write("bin/ssh", Self.ssh)
            try await site.shell("chmod +x bin/ssh")
            let (health, _) = try await site.linecook("doctor")
            let words = health.split(whereSeparator: \.isWhitespace).joined(separator: " ")
            #expect(words.contains("acme/site.git, which 'linecook run' clones to"), "\(words)")
            let (text, code) = try await site.linecook("run", "--until-idle")
            #expect(code == 0, "\(text)")
            let told = text.split(separator: "\n").filter { $0.contains("cloning the repository") }
            #expect(told.count == 1, "\(text)")
            #expect(
                told.first?.contains("url=ssh://git@localhost/acme/site.git") == true,
                "\(text)"
            )
            let run = try site.run(of: 1)
            #expect(run.state == .inReview, "\(run.summary)")
            let kept =
                "cd state/repositories/site-*; ls -d *.partial-* wt/ENG-1 site.git 2>/dev/null || true"
            #expect(try await site.shellOutput(kept) == "site.git\nwt/ENG-1\n")
            let (again, _) = try await site.linecook("doctor")
            let known = again.split(whereSeparator: \.isWhitespace).joined(separator: " ")
            #expect(known.contains("'develop' on 'origin' is at"), "\(known)")
            #expect(try await site.linecook("plan").code == 0)
            #expect(try await site.linecook("pulls", "merge", "1").code == 0)
            _ = try await site.linecook("run", "--until-idle")
            #expect(try site.run(of: 1).cleanup == "removed")
            #expect(
                try await site.linecook("worktree", "prune").text
                    == "No worktrees of runs at rest.\n"
            )

            try await site.shell("rm -rf state/repositories")
            let (checked, _) = try await site.linecook("verify", "origin/develop")
            #expect(checked.contains("cloning ssh://git@localhost/acme/site.git\n"), "\(checked)")
            #expect(checked.contains("forbid_paths"), "\(checked)")
            try await site.shell("test -f state/repositories/site-*/site.git/HEAD")
        }
    }

    @Test(.timeLimit(.minutes(5)))
    func `no ticket is taken up, and none fails, while its repository can't be cloned`()
        async throws
    {
        try await Site.with([LinearSeed.Issue(title: "One")], agent: "echo work > work") { site in
            try await site.shell("mkdir bin")
            try site.write(
                "bin/ssh",
                "#!/bin/sh\necho 'ssh: connect to host x: Connection refused' >&2; exit 255\n"
            )
            try await site.shell(
                """
                chmod +x bin/ssh; rm -rf clone
                sed -i 's|path: ../clone|url: "git@localhost:acme/site.git"|' workflows/site.yml
                """
            )
            let daemon = try site.startDaemon()
            try await site.waitForLog("be reached; it is tried again later")
            #expect(try site.store.runNumbers(of: #require(TicketKey("ENG-1"))).isEmpty)
            // It's in its place whole, as the next poll may come at any moment.
            try site.write("bin/ssh.new", Self.ssh)
            try await site.shell("chmod +x bin/ssh.new; mv bin/ssh.new bin/ssh")
            try await site.waitForLog("ENG-1 in review")
            #expect(try site.run(of: 1).attempts.map(\.outcome) == [.succeeded])
            try await site.shell("kill -TERM \(daemon.pid)")
        }
    }

    @Test(.timeLimit(.minutes(5)))
    func `titles that would lead elsewhere give branches and folders of their own`() async throws {
        let titles = [
            "../../../x", ";rm -rf $HOME `reboot` $(reboot)", "🧭🧨", "🧭🧨",
            String(repeating: "y", count: 300), "--upload-pack=x", "Same", "SAME",
        ]
        let tickets = titles.map { LinearSeed.Issue(title: $0) }
        try await Site.with(tickets, agent: "echo \"$LINECOOK_TICKET\" > work") { site in
            try await site.shell(
                "sed -i 's/^name: site/name: site\\nslots: { total: 4 }/' workflows/site.yml"
            )
            _ = try await site.linecook("run", "--until-idle")
            let names =
                "ls wt | sort; git -C remote.git for-each-ref --format='%(refname:short)' refs/heads | sort"
            let keys = (1...8).map { "ENG-\($0)" }
            let slugs = [
                "x", "rm-rf-home-reboot-reboot", "ticket", "ticket",
                String(repeating: "y", count: 48), "upload-pack-x", "same", "same",
            ]
            let branches = zip(keys, slugs).map { "linecook/\($0)-\($1)" }
            let expected = keys + ["develop"] + branches
            #expect(
                try await site.shellOutput(names)
                    == expected.joined(separator: "\n") + "\n"
            )
        }
    }

    @Test(.timeLimit(.minutes(5)))
    func `a branch that the remote's rules protect is a person's matter after one attempt`()
        async throws
    {
        try await Site.with([LinearSeed.Issue(title: "One")], agent: "echo work > work") { site in
            try site.write(
                "remote.git/hooks/pre-receive",
                "#!/bin/sh\necho 'error: GH006: Protected branch update failed.' >&2; exit 1\n"
            )
            try await site.shell("chmod +x remote.git/hooks/pre-receive")
            _ = try await site.linecook("run", "--until-idle")
            let run = try site.run(of: 1)
            #expect(run.attempts.map(\.outcome) == [.pushDeclined])
            #expect(run.state == .needsHuman)
            #expect(
                run.reason?.contains("'linecook/ENG-1-one' is protected on 'origin'") == true,
                "\(run.reason ?? "")"
            )
            // The work is kept.
            try await site.shell("git -C clone show linecook/ENG-1-one:work")
        }
    }
}
