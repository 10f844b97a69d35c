import Git
import SystemPackage
import Testing

/// FRE-2, whose branch builds on the branch of FRE-1.
private struct Stack {
    let workshop: Workshop
    let repository: Repository
    /// The blocker's branch, and the commit on which the dependant's stands.
    let oldBase: String
    /// Of the dependant, pushed: two commits over the blocker's.
    var tip: String
    let branch: BranchName
    let path: FilePath

    init(in workshop: Workshop, work: String? = nil) async throws {
        let (blocker, _) = try await workshop.worktree("FRE-1")
        try await workshop.shell(
            """
            printf 'one\\ntwo\\nthree, by the blocker\\n' > README.md && git commit -q -a -m 'Blocker 1'
            echo b > b && git add b && git commit -q -m 'Blocker 2'
            """,
            in: blocker.path
        )
        guard case .pushed(let oldBase) = try await blocker.push() else { throw Unpushed() }
        let worktree = try await blocker.repository.worktree(
            at: workshop.place("FRE-2"),
            branch: BranchName("linecook/FRE-2"),
            from: oldBase
        )
        try await workshop.shell(
            work ?? """
                printf 'one, by the dependant\\ntwo\\nthree, by the blocker\\n' > README.md
                git commit -q -a -m 'Own 1'
                mkdir sub && echo c > 'sub/c d' && git add .
                \(Self.latin) commit -q -m 'Own 2' -m "$(printf 'Wei\\337.')"
                """,
            in: worktree.path
        )
        guard case .pushed(let tip) = try await worktree.push() else { throw Unpushed() }
        (self.workshop, self.oldBase, self.tip) = (workshop, oldBase, tip)
        (repository, branch, path) = (worktree.repository, worktree.branch, worktree.path)
    }

    /// Merges the blocker into the base, which somebody else has moved, and fetches that.
    func merge(_ how: String) async throws -> String {
        try await workshop.push("other", "other", to: "main")
        try await workshop.shell(how, in: workshop.root.appending("other"))
        try await workshop.shell("git -C other push -q origin main")
        return try await repository.fetchBase()
    }

    func restack(onto newBase: String, by other: Repository? = nil) async throws
        -> RestackOutcome
    {
        try await restack(onto: newBase, lastPushed: tip, by: other)
    }

    func restack(
        onto newBase: String,
        lastPushed: String?,
        by other: Repository? = nil
    ) async throws -> RestackOutcome {
        try await (other ?? repository).restack(
            branch: branch,
            from: oldBase,
            onto: newBase,
            worktree: path,
            lastPushed: lastPushed
        )
    }

    /// The subjects of the commits over `newBase`, the oldest first.
    func subjects(over newBase: String) async throws -> String {
        try await git("log --reverse --topo-order --format=%s \(newBase)..HEAD")
    }

    /// Makes the remote refuse all pushes from now on.
    func protect() async throws {
        try await workshop.shell(
            """
            printf '#!/bin/sh\\necho "protected" >&2\\nexit 1\\n' > hook
            chmod +x hook && mv hook remote.git/hooks/pre-receive
            """
        )
    }

    static let protected = RestackOutcome.rejected(
        reason: "[remote rejected] (pre-receive hook declined); protected"
    )

    @discardableResult
    func git(_ words: String) async throws -> String {
        try await workshop.shell("git \(words)", in: path)
    }

    /// Branch, remote and files are as they were.
    func expectUntouched(sourceLocation: SourceLocation = #_sourceLocation) async throws {
        let state = try await workshop.shell(
            """
            git symbolic-ref HEAD && git rev-parse HEAD && git status -s
            git -C ../../remote.git rev-parse linecook/FRE-2
            """,
            in: path
        )
        #expect(
            state == "refs/heads/linecook/FRE-2\n\(tip)\n\(tip)",
            sourceLocation: sourceLocation
        )
    }

    /// The two own commits stand on `newBase`, here and on the remote.
    func expect(
        _ outcome: RestackOutcome,
        on newBase: String,
        sourceLocation: SourceLocation = #_sourceLocation
    ) async throws {
        let head = try await git("rev-parse HEAD")
        #expect(outcome == .restacked(commit: head), sourceLocation: sourceLocation)
        let state = try await workshop.shell(
            """
            git symbolic-ref HEAD && git status -s
            git log --reverse --format='%an %cn %s %b' \(newBase)..HEAD
            cat README.md b other 'sub/c d'
            git rev-parse refs/linecook/restacked/linecook/FRE-2
            git -C ../../remote.git rev-parse linecook/FRE-2
            """,
            in: path
        )
        #expect(
            state == """
                refs/heads/linecook/FRE-2
                Ada Linecook Own 1 
                Ada Linecook Own 2 Weiß.

                one, by the dependant
                two
                three, by the blocker
                b
                other
                c
                \(tip)
                \(head)
                """,
            sourceLocation: sourceLocation
        )
        let again = try await restack(onto: newBase, lastPushed: head)
        #expect(again == .alreadyThere(commit: head), sourceLocation: sourceLocation)
    }

    /// For a commit whose words aren't in UTF-8.
    static let latin = "git -c i18n.commitEncoding=ISO-8859-1"

    static let squash =
        "git merge -q --squash origin/linecook/FRE-1 && git commit -q -m 'FRE-1 (#1)'"

    private struct Unpushed: Error {}
}

@Suite(.serialized) struct RestackTests {
    @Test(arguments: [
        Stack.squash, "git merge -q --no-ff -m Merge origin/linecook/FRE-1",
        "git cherry-pick main..origin/linecook/FRE-1",
    ])
    func `own commits are put on the base, however the blocker came into it`(
        how: String
    ) async throws {
        try await Workshop.run { workshop in
            let stack = try await Stack(in: workshop)
            let base = try await stack.merge(how)
            try await stack.expect(try await stack.restack(onto: base), on: base)
        }
    }

    @Test func `own commits follow a blocker that was rebased itself`() async throws {
        try await Workshop.run { workshop in
            let stack = try await Stack(in: workshop)
            let base = try await stack.merge("true")
            let blocker = try await stack.repository.restack(
                branch: BranchName("linecook/FRE-1"),
                from: try await stack.git("merge-base \(base) \(stack.oldBase)"),
                onto: base,
                worktree: workshop.place("FRE-1"),
                lastPushed: stack.oldBase
            )
            guard case .restacked(let moved) = blocker else {
                Issue.record("\(blocker)")
                return
            }
            try await stack.expect(try await stack.restack(onto: moved), on: moved)
        }
    }

    @Test(arguments: [("README.md", nil), ("e", solvedMerge(beside: "d"))])
    func `a conflict is named and leaves all as before`(file: String, work: String?) async throws {
        try await Workshop.run { workshop in
            let stack = try await Stack(in: workshop, work: work)
            let base = try await stack.merge(
                "\(Stack.squash) && echo else > \(file) && git add . && git commit -q -m Else"
            )
            #expect(try await stack.restack(onto: base) == .conflict(files: [file]))
            try await stack.expectUntouched()
        }
    }

    @Test(arguments: [
        "branch -q -D linecook/FRE-2", "update-ref refs/heads/linecook/FRE-2 linecook/FRE-2~1",
    ])
    func `a branch of which no push is recorded is pushed`(before: String) async throws {
        try await Workshop.run { workshop in
            let stack = try await Stack(in: workshop)
            let base = try await stack.merge(Stack.squash)
            try await workshop.shell("git -C remote.git \(before)")
            let outcome = try await stack.restack(onto: base, lastPushed: nil)
            try await stack.expect(outcome, on: base)
        }
    }

    @Test func `what a person has amended here takes the place of what was pushed`() async throws {
        try await Workshop.run { workshop in
            let stack = try await Stack(in: workshop)
            let base = try await stack.merge(Stack.squash)
            _ = try await stack.git("commit -q --amend -m Amended")
            guard case .restacked(let commit) = try await stack.restack(onto: base) else {
                Issue.record("not restacked")
                return
            }
            #expect(try await stack.subjects(over: base) == "Own 1\nAmended")
            #expect(try await stack.repository.remoteHead(stack.branch) == commit)
        }
    }

    @Test func `what the blocker took back goes from the branch, too`() async throws {
        try await Workshop.run { workshop in
            let stack = try await Stack(in: workshop)
            let blocker = try await stack.git("rev-parse \(stack.oldBase)~1")
            guard case .restacked = try await stack.restack(onto: blocker) else {
                Issue.record("not restacked")
                return
            }
            #expect(try await stack.subjects(over: blocker) == "Own 1\nOwn 2")
            #expect(try await stack.git("ls-files") == ".gitignore\nREADME.md\nsub/c d")
        }
    }

    @Test func `of two blockers the one that was given up goes from the branch`() async throws {
        try await Workshop.run { workshop in
            let stack = try await Stack(in: workshop)
            let both = try await workshop.shell(
                """
                git switch -q --detach origin/main && echo s > s && git add s
                GIT_COMMITTER_DATE='@1000000000 +0000' git commit -q -m 'Given up' && git branch other
                git switch -q --detach \(stack.oldBase) && git merge -q -m Both other
                git rev-parse HEAD && git switch -q \(stack.branch) && git merge -q -m Merge other
                """,
                in: stack.path
            )
            let outcome = try await stack.repository.restack(
                branch: stack.branch,
                from: both,
                onto: stack.oldBase,
                worktree: stack.path,
                lastPushed: stack.tip
            )
            guard case .restacked = outcome else {
                Issue.record("\(outcome)")
                return
            }
            #expect(try await stack.subjects(over: stack.oldBase) == "Own 1\nOwn 2")
            #expect(try await stack.git("ls-files s") == "")
        }
    }

    @Test func `a bare clone, too, knows of a restacked branch that it is on the remote`()
        async throws
    {
        try await Workshop.run(bare: true) { workshop in
            let stack = try await Stack(in: workshop)
            let base = try await stack.merge(Stack.squash)
            guard case .restacked = try await stack.restack(onto: base) else {
                Issue.record("not restacked")
                return
            }
            // As a forge does with a branch that it has merged.
            try await workshop.shell("git -C remote.git branch -q -D \(stack.branch)")
            let removal = try await stack.repository.removeWorktree(
                at: stack.path,
                branch: stack.branch
            )
            #expect(removal == .removed)
        }
    }

    @Test func `a base whose history was made anew is as good as any`() async throws {
        try await Workshop.run { workshop in
            let stack = try await Stack(in: workshop)
            let base = try await stack.git("commit-tree -m Anew \(stack.oldBase)^{tree}")
            guard case .restacked(let commit) = try await stack.restack(onto: base) else {
                Issue.record("not restacked")
                return
            }
            #expect(try await stack.subjects(over: base) == "Own 1\nOwn 2")
            let again = try await stack.restack(onto: base, lastPushed: commit)
            #expect(again == .alreadyThere(commit: commit))
        }
    }

    @Test func `a worktree that is gone is made again`() async throws {
        try await Workshop.run { workshop in
            let stack = try await Stack(in: workshop)
            let base = try await stack.merge(Stack.squash)
            try await workshop.shell("rm -rf '\(stack.path)'")
            try await stack.expect(try await stack.restack(onto: base), on: base)
        }
    }

    @Test(arguments: [
        ("echo mine >> README.md", ["README.md"]), ("echo mine > mine", ["mine"]),
        ("git rm -q b", ["b"]),
        ("! git rebase -q -f --exec false HEAD~2 2>/dev/null", []),
        ("git merge -q --no-commit -s ours origin/main", []),
        ("! git format-patch -1 --stdout | git am >/dev/null 2>&1", []),
        ("! git cherry-pick HEAD >/dev/null 2>&1", []),
        ("git revert -n HEAD; git checkout -q HEAD -- .", []),
        ("git bisect start >/dev/null", []),
        // A file with a conflict is named once.
        (
            """
            git switch -q -c side HEAD~2; echo c > README.md; git commit -qam Side; git switch -q -
            ! git cherry-pick side >/dev/null 2>&1; git branch -qD side; echo mine > b
            """, ["README.md", "b"]
        ),
        ("git update-index --assume-unchanged b && echo mine >> b", []),
    ])
    func `nothing is touched where a person works`(script: String, files: [String]) async throws {
        try await Workshop.run { workshop in
            let stack = try await Stack(in: workshop)
            let base = try await stack.merge(
                "\(Stack.squash) && echo more >> b && git commit -q -a -m More"
            )
            try await workshop.shell(script, in: stack.path)
            let before = try await workshop.shell(
                "git rev-parse HEAD && git status",
                in: stack.path
            )
            #expect(try await stack.restack(onto: base) == .uncommitted(files: files))
            let after = try await workshop.shell("git rev-parse HEAD && git status", in: stack.path)
            #expect(after == before)
            #expect(try await stack.git("rev-parse \(stack.branch)") == stack.tip)
        }
    }

    @Test func `a repository that lies in the worktree is no work of the branch's`() async throws {
        try await Workshop.run { workshop in
            let stack = try await Stack(in: workshop)
            let base = try await stack.merge(Stack.squash)
            try await workshop.shell("git clone -q ../../remote.git inner", in: stack.path)
            let outcome = try await stack.restack(onto: base)
            #expect(outcome == .restacked(commit: try await stack.git("rev-parse HEAD")))
            #expect(try await stack.git("status -s") == "?? inner/")
        }
    }

    @Test(arguments: [
        ("git switch -q -c mine", "'mine'"), ("git switch -q --detach", "no branch, at "),
    ])
    func `a worktree that a person took to another branch is left there`(
        script: String,
        place: String
    ) async throws {
        try await Workshop.run { workshop in
            let stack = try await Stack(in: workshop)
            let base = try await stack.merge(Stack.squash)
            try await workshop.shell(
                "\(script); git commit -q --allow-empty -m Mine",
                in: stack.path
            )
            let head = try await stack.git("rev-parse HEAD")
            await #expect(
                throws: GitError.worktreeElsewhere(
                    stack.path,
                    branch: stack.branch,
                    found: place.hasSuffix("'") ? place : place + head.prefix(10)
                )
            ) { try await stack.restack(onto: base) }
            #expect(try await stack.git("rev-parse HEAD") == head)
        }
    }

    @Test func `what a person changes at the very moment of the move stays`() async throws {
        try await Workshop.run { workshop in
            let stack = try await Stack(in: workshop)
            let base = try await stack.merge("\(Stack.squash) && git rm -q b && git commit -q -m B")
            let disturbed = try await workshop.repository(git: #"*"reset --"*) echo mine > b ;;"#)
            let outcome = try await stack.restack(onto: base, by: disturbed)
            #expect(outcome == .uncommitted(files: ["b"]))
            #expect(try await workshop.shell("cat b", in: stack.path) == "mine")
            #expect(try await stack.git("rev-parse \(stack.branch)") == stack.tip)
        }
    }

    @Test func `what somebody else pushed stays, and so does all here`() async throws {
        try await Workshop.run { workshop in
            let stack = try await Stack(in: workshop)
            let base = try await stack.merge(Stack.squash)
            try await workshop.push("theirs", "theirs", to: "linecook/FRE-2")
            let theirs = try await workshop.shell("git -C remote.git rev-parse linecook/FRE-2")
            let outcome = try await stack.restack(onto: base)
            #expect(
                outcome
                    == .rejected(
                        reason: "'linecook/FRE-2' is at \(theirs.prefix(10)) on the remote, which"
                            + " isn't this run's"
                    )
            )
            try await workshop.shell(
                "git -C remote.git update-ref refs/heads/linecook/FRE-2 \(stack.tip)"
            )
            try await stack.expectUntouched()
            try await workshop.shell("git -C remote.git branch -q -D linecook/FRE-2")
            #expect(
                try await stack.restack(onto: base)
                    == .rejected(reason: "'linecook/FRE-2' is gone from the remote")
            )
        }
    }

    @Test func `a remote that declines the push leaves the branch as before`() async throws {
        try await Workshop.run { workshop in
            let stack = try await Stack(in: workshop)
            let base = try await stack.merge(Stack.squash)
            try await stack.protect()
            #expect(try await stack.restack(onto: base) == Stack.protected)
            try await stack.expectUntouched()
        }
    }

    @Test func `after a crash before the push, only the push is made`() async throws {
        try await Workshop.run { workshop in
            let stack = try await Stack(in: workshop)
            let base = try await stack.merge(Stack.squash)
            guard case .restacked(let commit) = try await stack.restack(onto: base) else { return }
            let there = "git -C remote.git update-ref refs/heads/linecook/FRE-2"
            try await workshop.shell("\(there) \(stack.tip)")
            #expect(try await stack.restack(onto: base) == .alreadyThere(commit: commit))
            #expect(try await stack.repository.remoteHead(stack.branch) == commit)
            // The same when the push before had not been recorded either.
            try await workshop.shell("\(there) \(stack.tip)")
            let unrecorded = try await stack.restack(onto: base, lastPushed: stack.oldBase)
            #expect(unrecorded == .alreadyThere(commit: commit))
            // A remote that refuses it now is told of.
            try await workshop.shell("\(there) \(stack.tip)")
            try await stack.protect()
            #expect(try await stack.restack(onto: base) == Stack.protected)
        }
    }

    /// What a person did since: nothing, or a file that both commits have, that only the new one has, or
    /// that only the old one has.
    @Test(arguments: [nil, "README.md", "other", "b"])
    func `a crash amid the move is put right, unless a person was there since`(
        file: String?
    ) async throws {
        try await Workshop.run { workshop in
            let stack = try await Stack(in: workshop)
            let removal = file == "b" ? " && git rm -q b && git commit -q -m B" : ""
            let base = try await stack.merge(Stack.squash + removal)
            // Some files are written, the index and the branch are not.
            let dying = try await workshop.repository(
                git: """
                    *"reset --"*)
                        git "$@"
                        git update-ref HEAD \(stack.tip) && git read-tree HEAD
                        touch -d '1 hour ago' "$GIT_DIR/index.lock"
                        kill -9 $$ ;;
                    """
            )
            await #expect(throws: GitError.self) {
                try await stack.restack(onto: base, by: dying)
            }
            try await workshop.shell("test -f other && echo x > debug.log", in: stack.path)
            if let file {
                try await workshop.shell("echo mine > \(file)", in: stack.path)
                #expect(try await stack.restack(onto: base) == .uncommitted(files: [file]))
                #expect(try await workshop.shell("cat \(file)", in: stack.path) == "mine")
            } else {
                try await stack.expect(try await stack.restack(onto: base), on: base)
            }
        }
    }

    @Test(arguments: [false, true])
    func `what a person takes from the other side after a move stays`(
        wasCutShort: Bool
    ) async throws {
        try await Workshop.run { workshop in
            let stack = try await Stack(in: workshop)
            var base = try await stack.merge(Stack.squash)
            var pushed = stack.tip
            if wasCutShort {
                let dying = try await workshop.repository(
                    git:
                        #"*"reset --"*) git "$@"; git update-ref HEAD \#(stack.tip); kill -9 $$ ;;"#
                )
                await #expect(throws: GitError.self) {
                    try await stack.restack(onto: base, by: dying)
                }
                try await workshop.push("README.md", "else", to: "main")
                base = try await stack.repository.fetchBase()
                #expect(try await stack.restack(onto: base) == .conflict(files: ["README.md"]))
            } else {
                guard case .restacked(let commit) = try await stack.restack(onto: base) else {
                    Issue.record("not restacked")
                    return
                }
                pushed = commit
                try await stack.git("reset -q --hard \(stack.tip)")
            }
            try await stack.git("checkout -q \(base) -- other")
            let outcome = try await stack.restack(onto: base, lastPushed: pushed)
            #expect(outcome == .uncommitted(files: ["other"]))
            #expect(try await workshop.shell("cat other", in: stack.path) == "other")
        }
    }

    /// The note of a move that isn't under way: one that a person went on from, or what an agent wrote.
    @Test(arguments: ["HEAD~1 HEAD", "HEAD --index-output=x"])
    func `a note of another move is of no matter`(note: String) async throws {
        try await Workshop.run { workshop in
            let stack = try await Stack(in: workshop)
            let base = try await stack.merge(Stack.squash)
            try await workshop.shell(
                "echo $(git rev-parse \(note)) > \"$(git rev-parse --git-dir)/linecook-move\"",
                in: stack.path
            )
            try await stack.expect(try await stack.restack(onto: base), on: base)
        }
    }

    @Test func `a crash amid the way back is put right`() async throws {
        try await Workshop.run { workshop in
            let stack = try await Stack(in: workshop)
            let base = try await stack.merge(Stack.squash)
            guard case .restacked(let commit) = try await stack.restack(onto: base) else { return }
            // As a git leaves it that is killed: a file of the base is gone, the branch isn't moved.
            try await workshop.shell(
                """
                rm other && touch -d '1 hour ago' "$(git rev-parse --git-path index.lock)"
                echo '\(commit) \(stack.tip)' > "$(git rev-parse --git-dir)/linecook-move"
                """,
                in: stack.path
            )
            #expect(try await stack.restack(onto: base) == .alreadyThere(commit: commit))
            #expect(try await stack.git("status -s") == "")
        }
    }

    /// A merge that was changed before it was committed, with a conflict when `file` is `c`.
    private static func solvedMerge(beside file: String) -> String {
        """
        echo c > c && git add c && \(Stack.latin) commit -q -m "$(printf 'Own \\337')"
        git switch -q -c side HEAD~1 && echo d > \(file) && git add \(file)
        \(Stack.latin) commit -q -m "$(printf 'Side \\337')"
        git switch -q linecook/FRE-2 && git merge -q --no-commit side >/dev/null || true
        echo both > c && echo more > e && git add . && git commit -q -m Merge
        git branch -q -D side
        """
    }

    @Test(arguments: ["c", "d"])
    func `what only a merge on the way holds isn't lost`(file: String) async throws {
        try await Workshop.run { workshop in
            let work = Self.solvedMerge(beside: file)
            let stack = try await Stack(in: workshop, work: work)
            let base = try await stack.merge(
                "\(Stack.squash) && echo more > b && git commit -q -a -m More"
            )
            guard case .restacked = try await stack.restack(onto: base) else {
                Issue.record("not restacked")
                return
            }
            let files = try await workshop.shell("cat b c e other", in: stack.path)
            #expect(files == "more\nboth\nmore\nother")
            let log = try await stack.git("log --format='%an %s %b' \(base)..HEAD")
            #expect(log.contains("Ada 2 commits put together"))
            #expect(log.contains("Own ß\nSide ß") || log.contains("Side ß\nOwn ß"))
        }
    }

    @Test func `work that is nothing but a merge isn't lost`() async throws {
        try await Workshop.run { workshop in
            let stack = try await Stack(in: workshop, work: "true")
            let base = try await stack.merge(Stack.squash)
            try await workshop.shell(
                """
                git merge -q --no-commit origin/main && echo more > e && git add e
                git commit -q -m 'Merge, and more'
                """,
                in: stack.path
            )
            guard case .restacked = try await stack.restack(onto: base) else {
                Issue.record("not restacked")
                return
            }
            #expect(try await stack.subjects(over: base) == "Merge, and more")
            #expect(try await workshop.shell("cat e other", in: stack.path) == "more\nother")
        }
    }

    @Test(arguments: [
        ("git merge -q -m Merge origin/main", "Own 1\nOwn 2"),
        (
            """
            git switch -q --orphan side && echo s > s && git add s && git commit -q -m Root
            git switch -q linecook/FRE-2
            git merge -q -m Merge --allow-unrelated-histories side
            """, "Own 1\nOwn 2\nRoot"
        ),
        // By their times the second one would come before the one that it builds on.
        (
            """
            echo x > x && git add x && GIT_COMMITTER_DATE='@2100000000 +0000' git commit -q -m First
            git switch -q -c side && echo y > y && git add y
            GIT_COMMITTER_DATE='@2100000001 +0000' git commit -q -m Side
            git switch -q - && echo x >> x && git commit -q -a -m Second && git merge -q -m Merge side
            """, "Own 1\nOwn 2\nFirst\nSecond\nSide"
        ),
    ])
    func `a merge on the way goes, and the commits of both sides stay one by one`(
        script: String,
        subjects: String
    ) async throws {
        try await Workshop.run { workshop in
            let stack = try await Stack(in: workshop)
            let base = try await stack.merge(
                """
                \(Stack.squash)
                echo else > other && git commit -q -a -m Else && git revert --no-edit HEAD >/dev/null
                """
            )
            try await workshop.shell(script, in: stack.path)
            guard case .restacked = try await stack.restack(onto: base) else {
                Issue.record("not restacked")
                return
            }
            let found = try await stack.subjects(over: base)
            #expect(
                found.split(separator: "\n").sorted() == subjects.split(separator: "\n").sorted()
            )
            #expect(try await workshop.shell("cat b other", in: stack.path) == "b\nother")
        }
    }

    @Test(arguments: [nil, solvedMerge(beside: "c")])
    func `work that came into the base on another way comes to nothing`(work: String?) async throws
    {
        try await Workshop.run { workshop in
            let stack = try await Stack(in: workshop, work: work)
            let base = try await stack.merge(
                "git merge -q --squash origin/linecook/FRE-2 && git commit -q -m 'FRE-2 (#2)'"
            )
            #expect(try await stack.restack(onto: base) == .restacked(commit: base))
        }
    }
}
