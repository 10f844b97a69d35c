import Git
import SystemPackage
import Testing

@Suite(.serialized) struct DeliveryTests {
    /// A worktree with one commit on its branch.
    private func work(_ key: String, in workshop: Workshop, file: String = "a") async throws
        -> Worktree
    {
        let (worktree, _) = try await workshop.worktree(key)
        try await workshop.shell("echo \(key) > \(file)", in: worktree.path)
        _ = try await worktree.commitAll(message: "Work on \(key)")
        return worktree
    }

    @Test func `a push may be repeated`() async throws {
        try await Workshop.run { workshop in
            let worktree = try await work("FRE-1", in: workshop)
            let commit = try await workshop.shell("git rev-parse HEAD", in: worktree.path)
            let repository = worktree.repository
            #expect(try await repository.remoteHead(worktree.branch) == nil)
            #expect(try await worktree.push() == .pushed(commit))
            #expect(try await worktree.push() == .upToDate(commit))
            #expect(try await repository.remoteHead(worktree.branch) == commit)
        }
    }

    @Test func `a rewritten branch replaces only what this run pushed`() async throws {
        try await Workshop.run { workshop in
            let worktree = try await work("FRE-1", in: workshop)
            guard case .pushed(let first) = try await worktree.push() else { return }
            try await workshop.shell("git commit -q --amend -m Rewritten", in: worktree.path)
            guard case .rejected = try await worktree.push() else {
                Issue.record("forced without leave")
                return
            }
            guard case .pushed(let second) = try await worktree.push(lastPushed: first) else {
                Issue.record("not replaced")
                return
            }
            try await workshop.push("b", "b", to: "linecook/FRE-1")
            try await workshop.shell("git commit -q --amend -m Again", in: worktree.path)
            guard case .rejected = try await worktree.push(lastPushed: second) else {
                Issue.record("somebody else's work was overwritten")
                return
            }
        }
    }

    @Test func `a push that the remote's hook declines tells what the hook said`() async throws {
        try await Workshop.run { workshop in
            try await workshop.shell(
                """
                printf '#!/bin/sh\\necho "no pushes on Friday" >&2\\nexit 1\\n' > hook
                chmod +x hook && mv hook remote.git/hooks/pre-receive
                """
            )
            let outcome = try await work("FRE-1", in: workshop).push()
            guard case .declined(let reason) = outcome else {
                Issue.record("\(outcome)")
                return
            }
            #expect(reason == "[remote rejected] (pre-receive hook declined); no pushes on Friday")
        }
    }

    @Test func `a protected branch is named with what to do, a sick remote is tried again`()
        async throws
    {
        try await Workshop.run { workshop in
            let script = { (words: String) in
                """
                printf '#!/bin/sh\\necho "\(words)" >&2\\nexit 1\\n' > hook
                chmod +x hook && mv hook remote.git/hooks/pre-receive
                """
            }
            let worktree = try await work("FRE-1", in: workshop)
            try await workshop.shell(
                script(
                    "error: GH006: Protected branch update failed for refs/heads/linecook/FRE-1."
                )
            )
            #expect(
                try await worktree.push()
                    == .declined(
                        reason:
                            "'linecook/FRE-1' is protected on 'origin': [remote rejected] (pre-receive hook"
                            + " declined); error: GH006: Protected branch update failed for"
                            + " refs/heads/linecook/FRE-1.; change repository.branch to a name that its"
                            + " rules leave free, or let this user push there"
                    )
            )
            // No rule, but a store that can't be written to.
            try await workshop.shell(
                "rm remote.git/hooks/pre-receive && git -C remote.git config receive.maxInputSize 1"
            )
            let outcome = try await worktree.push()
            guard case .rejected = outcome else {
                Issue.record("\(outcome)")
                return
            }
        }
    }

    /// As hosts say it; the branch's name is in their words.
    @Test(arguments: [
        "cannot lock ref 'refs/heads/linecook/FRE-1-denied': is at 1 but expected 2",
        "failed to update ref", "incorrect old value provided",
    ])
    func `a push that came too late is no matter of the remote's rules`(
        words: String
    ) async throws {
        try await Workshop.run { workshop in
            let (worktree, _) = try await workshop.worktree("FRE-1-denied")
            try await workshop.shell("echo work > work", in: worktree.path)
            _ = try await worktree.commitAll(message: "Work")
            let late = try await workshop.repository(
                git: """
                    *" push "*)
                        printf '!\\tx:refs/heads/linecook/FRE-1-denied\\t[remote rejected] (%s)\\n' "\(words)"
                        exit 1 ;;
                    """
            )
            let found = try late.existingWorktree(at: worktree.path, branch: worktree.branch)
            #expect(
                try await found?.push() == .rejected(reason: "[remote rejected] (\(words))")
            )
        }
    }

    @Test func `merging follows a base that moved and leaves every folder alone`() async throws {
        try await Workshop.run { workshop in
            let worktree = try await work("FRE-1", in: workshop)
            _ = try await worktree.push()
            try await workshop.push("b", "b", to: "main")
            try await workshop.push("c", "c", to: "linecook/FRE-1")
            let repository = worktree.repository
            let outcome = try await repository.merge(worktree.branch, message: "Merge FRE-1")
            guard case .merged(let commit) = outcome else {
                Issue.record("\(outcome)")
                return
            }
            let there = try await workshop.shell(
                """
                cd remote.git && git rev-parse main && git ls-tree --name-only main
                git log --first-parent --format='%an %s' main
                """
            )
            #expect(
                there == """
                    \(commit)
                    .gitignore
                    README.md
                    a
                    b
                    c
                    Linecook Merge FRE-1
                    Ada From somebody else
                    Ada First commit
                    """
            )
            #expect(
                try await repository.merge(worktree.branch, message: "x") == .alreadyMerged(commit)
            )
            #expect(try await workshop.shell("git -C repository status -s") == "")
        }
    }

    @Test func `a merge with conflicts changes nothing and names the files`() async throws {
        try await Workshop.run { workshop in
            let worktree = try await work("FRE-1", in: workshop, file: "README.md")
            _ = try await worktree.push()
            try await workshop.push("README.md", "else", to: "main")
            let before = try await worktree.repository.fetchBase()
            let outcome = try await worktree.repository.merge(worktree.branch, message: "x")
            #expect(outcome == .conflict(files: ["README.md"]))
            #expect(try await worktree.repository.fetchBase() == before)
        }
    }

    @Test func `a base that takes no merge says why, and one that always moves says so`()
        async throws
    {
        try await Workshop.run { workshop in
            let worktree = try await work("FRE-1", in: workshop)
            _ = try await worktree.push()
            let (repository, branch) = (worktree.repository, worktree.branch)
            try await workshop.shell(
                """
                printf '#!/bin/sh\\necho protected >&2\\nexit 1\\n' > remote.git/hooks/pre-receive
                chmod +x remote.git/hooks/pre-receive
                """
            )
            let declined = try await repository.merge(branch, message: "x")
            #expect(
                declined
                    == .declined(
                        reason: "[remote rejected] (pre-receive hook declined); protected"
                    )
            )
            // Somebody is faster each time.
            try await workshop.shell(
                """
                cat > remote.git/hooks/pre-receive <<'end'
                #!/bin/sh
                unset GIT_QUARANTINE_PATH GIT_OBJECT_DIRECTORY GIT_ALTERNATE_OBJECT_DIRECTORIES
                export GIT_AUTHOR_NAME=Ada GIT_AUTHOR_EMAIL=a@b GIT_COMMITTER_NAME=Ada GIT_COMMITTER_EMAIL=a@b
                git update-ref refs/heads/main "$(git commit-tree -p main -m Faster 'main^{tree}')"
                end
                """
            )
            await #expect(throws: GitError.baseKeepsMoving(try BranchName("main"), tries: 5)) {
                try await repository.merge(branch, message: "x")
            }
        }
    }

    @Test func `what is taken out of the base meanwhile isn't brought back by a merge`()
        async throws
    {
        try await Workshop.run { workshop in
            let worktree = try await work("FRE-1", in: workshop)
            _ = try await worktree.push()
            try await workshop.push("secret", "x", to: "main")
            let path = try await workshop.shell(
                """
                git=$(command -v git) && mkdir slow && cat > slow/git <<end
                #!/bin/sh
                case "\\$*" in *" push --porcelain "*) GIT_DIR='$PWD/remote.git' $git update-ref refs/heads/main main~1
                  rm '$PWD/slow/git' ;;
                esac
                exec $git "\\$@"
                end
                chmod +x slow/git && printf %s "$PWD/slow:$PATH"
                """
            )
            let repository = try workshop.repository(environment: ["PATH": path])
            guard case .merged = try await repository.merge(worktree.branch, message: "x") else {
                Issue.record("not merged")
                return
            }
            let files = try await workshop.shell("git -C remote.git ls-tree --name-only main")
            #expect(files == ".gitignore\nREADME.md\na")
        }
    }

    @Test func `merges at once all arrive`() async throws {
        try await Workshop.run { workshop in
            var branches: [BranchName] = []
            for number in 1...3 {
                let worktree = try await work("FRE-\(number)", in: workshop, file: "f\(number)")
                _ = try await worktree.push()
                branches.append(worktree.branch)
            }
            let repository = try workshop.repository()
            try await withThrowingTaskGroup(of: Void.self) { group in
                for branch in branches {
                    group.addTask {
                        let outcome = try await repository.merge(branch, message: "Merge")
                        guard case .merged = outcome else {
                            Issue.record("\(branch): \(outcome)")
                            return
                        }
                    }
                }
                try await group.waitForAll()
            }
            let files = try await workshop.shell("git -C remote.git ls-tree --name-only main")
            #expect(files == ".gitignore\nREADME.md\nf1\nf2\nf3")
        }
    }

    @Test func `a worktree goes only when all of it is on the remote`() async throws {
        try await Workshop.run { workshop in
            let worktree = try await work("FRE-1", in: workshop)
            let (repository, path) = (worktree.repository, worktree.path)
            let commit = try await workshop.shell("git rev-parse HEAD", in: path)
            let branch = worktree.branch
            let unpushed = try await repository.removeWorktree(at: path, branch: branch)
            #expect(unpushed == .kept(.unpushed(commit: commit)))
            _ = try await worktree.push()
            try await workshop.shell("echo more > more && echo x > x.log", in: path)
            let uncommitted = try await repository.removeWorktree(at: path, branch: branch)
            #expect(uncommitted == .kept(.uncommitted(files: ["more"])))
            try await workshop.shell("rm more", in: path)
            #expect(try await repository.removeWorktree(at: path, branch: branch) == .removed)
            #expect(try await repository.removeWorktree(at: path, branch: branch) == .removed)
            let left = try await workshop.shell(
                "ls workspaces && git -C repository branch --list 'linecook/*'"
            )
            #expect(left == "")
        }
    }

    @Test func `a branch that lost its worktree is kept while it is unpushed`() async throws {
        try await Workshop.run { workshop in
            let worktree = try await work("FRE-1", in: workshop)
            try await workshop.shell("rm -rf '\(worktree.path)'")
            let outcome = try await worktree.repository.removeWorktree(
                at: worktree.path,
                branch: worktree.branch
            )
            guard case .kept(.unpushed) = outcome else {
                Issue.record("\(outcome)")
                return
            }
        }
    }

    @Test(arguments: [true, false])
    func `a worktree whose removal was cut short is removed by the next try, or made anew`(
        isMadeAnew: Bool
    ) async throws {
        try await Workshop.run { workshop in
            let worktree = try await work("FRE-1", in: workshop)
            _ = try await worktree.push()
            // git dies when it has taken the first files away.
            let dying = try await workshop.repository(
                git: """
                    *"worktree remove"*) rm "\(worktree.path)/.git" "\(worktree.path)/a"; kill -9 $$ ;;
                    """
            )
            await #expect(throws: GitError.self) {
                try await dying.removeWorktree(at: worktree.path, branch: worktree.branch)
            }
            try await workshop.shell("test -f README.md && test ! -f a", in: worktree.path)
            if isMadeAnew {
                let (again, _) = try await workshop.worktree("FRE-1")
                #expect(
                    try await workshop.shell("cat a && git status -s", in: again.path) == "FRE-1"
                )
                return
            }
            let removal = try await workshop.repository().removeWorktree(
                at: worktree.path,
                branch: worktree.branch
            )
            #expect(removal == .removed)
            try await workshop.shell(
                """
                test ! -e workspaces/FRE-1 && cd repository
                test "$(git worktree list | wc -l)" = 1
                test -z "$(git branch --list 'linecook/*')"
                """
            )
        }
    }

    @Test func `a folder that is not ours is never removed`() async throws {
        try await Workshop.run { workshop in
            try await workshop.shell(
                "mkdir -p workspaces && git clone -q remote.git workspaces/FRE-1"
            )
            let outcome = try await workshop.repository().removeWorktree(
                at: workshop.place("FRE-1"),
                branch: BranchName("linecook/FRE-1")
            )
            #expect(outcome == .kept(.notOurs))
            try await workshop.shell("test -f workspaces/FRE-1/README.md")
        }
    }
}
