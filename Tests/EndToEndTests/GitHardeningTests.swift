import Domain
import RunStore
import Sandbox
import Testing

/// The whole way with an agent that no sandbox keeps from the repository's own folder.
// Each site runs several programs at once: more would only wait for the processor.
@Suite(.serialized, .inTurn)
struct GitHardeningTests {
    private static let planter = """
        root=$(cd ../.. && pwd)
        printf '#!/bin/sh\\necho "$0 $*" >> "%s/ran"\\ncat\\n' "$root" > "$root/trap"
        chmod +x "$root/trap"
        git init -q --bare "$root/elsewhere.git"
        git config extensions.worktreeConfig true
        common=$(git rev-parse --git-common-dir)
        for file in "$common/config" "$(git rev-parse --git-dir)/config.worktree"; do
            for key in core.fsmonitor core.sshCommand core.editor core.pager gpg.program \\
                diff.external diff.x.textconv diff.x.command merge.x.driver filter.x.clean \\
                filter.x.smudge filter.x.process credential.helper remote.origin.receivepack; do
                git config --file "$file" $key "$root/trap"
            done
            git config --file "$file" core.hooksPath "$common/hooks"
            git config --file "$file" commit.gpgSign true
            git config --file "$file" alias.push "!$root/trap"
            git config --file "$file" "url.$root/elsewhere.git.insteadOf" "$root/remote.git"
            git config --file "$file" remote.origin.pushurl "$root/elsewhere.git"
        done
        mkdir -p "$common/hooks"
        for hook in pre-commit post-commit post-checkout pre-push reference-transaction \\
            post-index-change; do
            cp "$root/trap" "$common/hooks/$hook"
        done
        echo '* filter=x diff=x merge=x' > .gitattributes
        echo "work on $LINECOOK_TICKET" > "work-$LINECOOK_TICKET"
        rm -f "$root/ran"
        """

    @Test(.timeLimit(.minutes(5)))
    func `what an agent plants for git runs nothing and leads no push elsewhere, to the merge`()
        async throws
    {
        let tickets = [
            LinearSeed.Issue(title: "First"),
            LinearSeed.Issue(title: "Second", blockedBy: ["ENG-1"]),
        ]
        try await Site.with(tickets, agent: Self.planter) { site in
            _ = try await site.linecook("run", "--until-idle")
            _ = try await site.linecook("pulls", "merge", "1")
            let (text, _) = try await site.linecook("run", "--until-idle")
            for number in 1...2 {
                let run = try site.run(of: number)
                #expect(run.attempts.map(\.outcome) == [.succeeded], "\(text)")
                #expect(run.pullRequest != nil)
            }
            let ran = try await site.shellOutput("cat ran 2>/dev/null || echo none")
            #expect(ran == "none\n")
            #expect(try await site.shellOutput("git -C elsewhere.git for-each-ref") == "")
            let events = try site.text("state/runs/ENG-1/1/attempt-1/events.jsonl")
            #expect(events.contains("not heeded"), "\(events)")
        }
    }
}
