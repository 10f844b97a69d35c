import Git
import SystemPackage
import Testing

/// What an agent that may write the repository's own folder leaves there for the git of the daemon.
@Suite(.serialized) struct HardeningTests {
    /// A program that says it ran, and hands on what it is given.
    private static func trap(in workshop: Workshop) async throws -> FilePath {
        try await workshop.shell(
            """
            printf '#!/bin/sh\\necho "$0 $*" >> "%s/ran"\\ncat\\n' '\(workshop.root)' > trap
            chmod +x trap
            """
        )
        return workshop.root.appending("trap")
    }

    private static func ran(in workshop: Workshop) async throws -> String {
        try await workshop.shell("cat ran 2>/dev/null || echo none")
    }

    @Test(arguments: [
        "--local", "--file .git/config.worktree", "--file .git/worktrees/FRE-1/config.worktree",
    ])
    func `what an agent writes into a configuration runs nothing and pushes nowhere else`(
        scope: String
    ) async throws {
        try await Workshop.run { workshop in
            let (worktree, base) = try await workshop.worktree("FRE-1")
            let trap = try await Self.trap(in: workshop)
            try await workshop.shell(
                """
                git init -q --bare elsewhere.git
                printf '[core]\\n\\tsshCommand = %s\\n' '"\(trap)"' > included
                cd repository
                git config extensions.worktreeConfig true
                put() { git config \(scope) "$1" "$2"; }
                for key in core.fsmonitor core.sshCommand core.editor core.pager core.askPass \\
                    gpg.program diff.external diff.x.textconv diff.x.command merge.x.driver \\
                    filter.x.clean filter.x.smudge filter.x.process credential.helper \\
                    sequence.editor remote.origin.receivepack remote.origin.uploadpack; do
                    put $key "'\(trap)'"
                done
                put filter.x.required true; put commit.gpgSign true; put alias.status '!echo alias'
                put push.pushOption x; put remote.pushDefault elsewhere
                put core.attributesFile '\(workshop.root)/attributes'
                put include.path '\(workshop.root)/included'
                put "url.\(workshop.root)/elsewhere.git.insteadOf" '\(workshop.root)/remote.git'
                put "url.\(workshop.root)/elsewhere.git.pushInsteadOf" '\(workshop.root)/remote.git'
                put remote.origin.url '\(workshop.root)/elsewhere.git'
                put remote.origin.pushurl '\(workshop.root)/elsewhere.git'
                """
            )
            try await workshop.shell(
                "echo '* filter=x diff=x merge=x' > .gitattributes; echo a > a; echo b >> README.md",
                in: worktree.path
            )
            #expect(try await worktree.hasChanges(since: base))
            #expect(try await worktree.commitAll(message: "Work") != nil)
            _ = try await worktree.diff(since: base, limitInBytes: 1 << 20)
            #expect(try await worktree.push() == .pushed(try await worktree.tip()))
            // What the daemon does, with a repository that it makes anew.
            let repository = try workshop.repository()
            try await workshop.push("README.md", "theirs", to: "main")
            let moved = try await repository.fetchBase()
            #expect(moved != base)
            _ = try await repository.combine([moved, try await worktree.tip()], message: "Both")
            let again = try await repository.worktree(
                at: worktree.path,
                branch: worktree.branch,
                from: moved
            )
            #expect(try await !again.hasChanges(since: try await again.tip()))
            try await workshop.shell("echo more > more", in: again.path)
            #expect(try await again.commitAll(message: "More") != nil)
            #expect(try await again.push() == .pushed(try await again.tip()))
            #expect(try await repository.remoteAddress() == "\(workshop.root)/remote.git")
            let removed = try await repository.removeWorktree(
                at: worktree.path,
                branch: worktree.branch
            )
            #expect(removed == .removed)
            #expect(try await Self.ran(in: workshop) == "none")
            #expect(try await workshop.shell("git -C elsewhere.git for-each-ref") == "")
            if scope == "--local" {
                let unheeded = try await repository.unheededSettings()
                let told = [
                    "filter.x.clean", "remote.origin.url", "push.pushoption", "remote.pushdefault",
                ]
                #expect(told.allSatisfy(unheeded.contains))
                // Nothing that Linecook does heeds these, whoever set them.
                let idle = ["alias.status", "core.editor", "core.pager", "core.fsmonitor"]
                #expect(!unheeded.contains(where: idle.contains))
            }
        }
    }

    @Test func `hooks that a person has for all repositories don't run`() async throws {
        try await Workshop.run { workshop in
            let trap = try await Self.trap(in: workshop)
            try await workshop.shell(
                """
                mkdir hooks; git config --file global core.hooksPath "$PWD/hooks"
                for hook in pre-commit commit-msg post-commit post-checkout pre-push; do
                    ln -s '\(trap)' "hooks/$hook"
                done
                """
            )
            let repository = try workshop.repository(
                environment: ["GIT_CONFIG_GLOBAL": workshop.root.appending("global").string]
            )
            let worktree = try await repository.worktree(
                at: workshop.place("FRE-1"),
                branch: BranchName("linecook/FRE-1"),
                from: try await repository.fetchBase()
            )
            try await workshop.shell("echo a > a", in: worktree.path)
            #expect(try await worktree.commitAll(message: "Work") != nil)
            #expect(try await worktree.push() == .pushed(try await worktree.tip()))
            #expect(try await Self.ran(in: workshop) == "none")
        }
    }

    @Test func `a git in the worktree that an agent made a submodule runs nothing`() async throws {
        try await Workshop.run { workshop in
            let (worktree, base) = try await workshop.worktree("FRE-1")
            let trap = try await Self.trap(in: workshop)
            try await workshop.shell(
                """
                for sub in sub "$(printf 's\\377b')"; do
                    git init -q "$sub"
                    (cd "$sub"; echo a > a; git add a; git commit -q -m One; echo b > b; git add b)
                    git add "$sub" 2>/dev/null; git commit -q -m Sub
                    test "$sub" != sub || git -C sub commit -q -m Two
                    git -C "$sub" config core.fsmonitor '"\(trap)"'
                    git -C "$sub" config filter.x.clean '"\(trap)"'
                    echo '* filter=x' > "$sub/.gitattributes"; echo c > "$sub/a"
                done
                git config core.fsmonitor false
                """,
                in: worktree.path
            )
            #expect(try await worktree.hasChanges(since: base))
            #expect(try await worktree.commitAll(message: "Newer") != nil)
            _ = try await worktree.repository.snapshot(of: worktree.path)
            _ = try await worktree.workState()
            let removal = try await worktree.repository.removeWorktree(
                at: worktree.path,
                branch: worktree.branch
            )
            guard case .kept(.repositoriesInside(let inside)) = removal else {
                Issue.record("\(removal)")
                return
            }
            #expect(inside.contains("sub"))
            #expect(try await Self.ran(in: workshop) == "none")
            // Which commits the submodules are at is work as any other.
            let listed = try await workshop.shell(
                "git ls-tree HEAD sub | grep -c $(git -C sub rev-parse HEAD)",
                in: worktree.path
            )
            #expect(listed == "1")
        }
    }

    @Test(arguments: ["logs/refs/heads/linecook/FRE-1", "worktrees/FRE-1/logs/HEAD"])
    func `a reflog that an agent turned into a link leads nowhere`(log: String) async throws {
        try await Workshop.run { workshop in
            let (worktree, base) = try await workshop.worktree("FRE-1")
            try await workshop.shell(
                """
                echo mine > precious
                cd repository/.git && rm -f \(log) && ln -s '\(workshop.root)/precious' \(log)
                echo work > '\(worktree.path)/work'
                """
            )
            let (again, _) = try await workshop.worktree("FRE-1")
            #expect(try await again.hasChanges(since: base))
            #expect(try await again.commitAll(message: "Work") != nil)
            #expect(try await workshop.shell("cat precious") == "mine")
        }
    }

    @Test func `a filter that was there before Linecook works on`() async throws {
        try await Workshop.run { workshop in
            try await workshop.shell(
                """
                git -C repository config filter.upper.clean 'tr a-z A-Z'
                git config --file extra user.name 'Ann "B" # C'
                git -C repository config include.path "$PWD/extra"
                git -C repository config core.abbrev 10
                git -C repository config filter.odd.clean "$(printf 'a\\\\b\\tc\\nd\\be')"
                printf '[filter "odd"]\\n\\trequired\\n' >> repository/.git/config
                """
            )
            let (worktree, _) = try await workshop.worktree("FRE-1")
            try await workshop.shell(
                """
                git config filter.upper.clean false; git config user.email ann@example.com
                git config --unset core.abbrev
                git config --file '\(workshop.root)/extra' filter.upper.clean false
                """,
                in: worktree.path
            )
            try await workshop.shell(
                "echo 'a filter=upper' > .gitattributes; echo text > a",
                in: worktree.path
            )
            _ = try await workshop.repository().fetchBase()
            let (again, _) = try await workshop.worktree("FRE-1")
            _ = try await again.commitAll(message: "Work")
            let shown = try await workshop.shell(
                "git -c filter.upper.clean=cat show HEAD:a && git log -1 --format='%an %ae'",
                in: worktree.path
            )
            #expect(shown == "TEXT\nAnn \"B\" # C ann@example.com")
            // What was taken out of the configuration is no more in force.
            let file = "--file '\(again.repository.configurationInForce)'"
            let abbreviation = "git config \(file) core.abbrev || echo none"
            #expect(try await workshop.shell(abbreviation) == "none")
            // The rest is as it was, letter by letter.
            let odd = try await workshop.shell("git config \(file) filter.odd.clean")
            #expect(odd == "a\\b\tc\nd\u{8}e")
            let isRequired = "git config \(file) --type=bool filter.odd.required"
            #expect(try await workshop.shell(isRequired) == "true")
        }
    }

    @Test func `a remote that was added later is known, and a changed one once it is trusted`()
        async throws
    {
        try await Workshop.run { workshop in
            try await workshop.shell("git -C repository remote rename origin upstream")
            let repository = try workshop.repository()
            await #expect(throws: GitError.self) { try await repository.fetchBase() }
            try await workshop.shell(
                "git -C repository remote add origin '\(workshop.root)/remote.git'"
            )
            _ = try await workshop.repository().fetchBase()
            try await workshop.shell("git -C repository remote set-url origin /nowhere")
            let address = try await workshop.repository().remoteAddress()
            #expect(address == "\(workshop.root)/remote.git")
            try await workshop.shell("rm '\(repository.configurationInForce)'")
            #expect(try await workshop.repository().remoteAddress() == "/nowhere")
        }
    }

    @Test func `a clone that became a partial one later gets the files that it lacks`() async throws
    {
        try await Workshop.run { workshop in
            _ = try await workshop.repository().fetchBase()
            try await workshop.push("new", "new", to: "main")
            try await workshop.shell(
                """
                git -C remote.git config uploadpack.allowFilter true
                git -C repository fetch -q --filter=blob:none origin
                """
            )
            let (worktree, _) = try await workshop.worktree("FRE-1")
            #expect(try await workshop.shell("cat new", in: worktree.path) == "new")
        }
    }

    @Test func `a configuration that can't be read leaves the one in force that could`()
        async throws
    {
        try await Workshop.run { workshop in
            let (worktree, _) = try await workshop.worktree("FRE-1")
            try await workshop.shell(
                "printf '[core\\n' > repository/.git/config; echo a > '\(worktree.path)/a'"
            )
            #expect(try await worktree.commitAll(message: "Work") != nil)
            _ = try await workshop.repository().fetchBase()
        }
    }
}
