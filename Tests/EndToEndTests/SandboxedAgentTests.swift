import Domain
import ProcessTree
import Sandbox
import Testing

private let isAvailable: @Sendable () async throws -> Bool = {
    await Confinement.obstacle(environment: ["PATH": "/usr/bin:/bin"]) == nil
}

@Suite(.serialized, .enabled("bubblewrap works here", isAvailable))
struct SandboxedAgentTests {
    /// Tries what it must not, and writes down what it could.
    private static let burglar = """
        could() { echo "$1" >> could.txt; }
        git=$(git rev-parse --git-common-dir)
        cat "$HOME/Config/linecook.yml" > /dev/null 2>&1 && could "read the configuration"
        ls "$HOME/state/open" > /dev/null 2>&1 && could "read the state"
        git config core.fsmonitor /bin/true 2>/dev/null && could "write the configuration of git"
        echo x > "$git/hooks/pre-push" 2>/dev/null && could "plant a hook"
        git update-ref refs/heads/develop HEAD~0 2>/dev/null && could "move the base"
        touch "$HOME/x" 2>/dev/null && test -e "$HOME/../outside" && could "write the home folder"
        grep -qs lin_api_test /proc/[0-9]*/environ && could "read the daemon's environment"
        test -n "$LINECOOK_PROMPT" && cat "$LINECOOK_PROMPT" > prompt.txt
        echo done >> could.txt
        git add -A && git -c user.name=A -c user.email=a@b commit -qm "work"
        """

    @Test(.timeLimit(.minutes(2)))
    func `an agent in the sandbox reaches its worktree and its branch, and nothing else`()
        async throws
    {
        let ticket = [LinearSeed.Issue(title: "Ticket")]
        let workflow = """
              sandbox: bubblewrap
            verify:
              steps:
                - { name: sealed, run: "test ! -e \\"$HOME/Config/linecook.yml\\"" }
            """
        try await Site.with(ticket, agent: Self.burglar, workflow: workflow) { site in
            let (text, code) = try await site.linecook("run", "--until-idle")
            #expect(code == 0, "\(text)")
            let run = try site.run(of: 1)
            #expect(run.state == .inReview, "\(run.summary)")
            let could = try await site.shellOutput(
                "git -C remote.git show '\(run.branch):could.txt'"
            )
            #expect(could == "done\n")
            let prompt = try await site.shellOutput(
                "git -C remote.git show '\(run.branch):prompt.txt'"
            )
            #expect(prompt.hasPrefix("ENG-1: Ticket"))
        }
    }
}
