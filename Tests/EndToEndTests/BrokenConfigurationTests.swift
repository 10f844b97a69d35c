import Domain
import Sandbox
import Testing

@Suite(.serialized, .inTurn)
struct BrokenConfigurationTests {
    private static let worker = """
        echo work > work.txt
        git add -A && git -c user.name=A -c user.email=a@b commit -qm work
        """

    @Test(.timeLimit(.minutes(5)))
    func `a mistake in the configuration doesn't hide what happened`() async throws {
        try await Site.with([LinearSeed.Issue(title: "Ticket")], agent: Self.worker) { site in
            try await site.linecook("run", "--until-idle")
            try await site.shell("echo 'slot: 3' >> Config/linecook.yml")
            let (runs, code) = try await site.linecook("runs")
            #expect(code == 0)
            #expect(runs.contains("no key 'slot' here; did you mean 'slots'?"), "\(runs)")
            #expect(runs.contains("ENG-1"), "\(runs)")
            let (status, notRunning) = try await site.linecook("status")
            #expect(notRunning == 3)
            #expect(status.contains("Config/linecook.yml: has errors; what follows is read from"))
            #expect(status.contains("ENG-1"), "\(status)")
            // Nothing is decided by a configuration that isn't whole.
            #expect(try await site.linecook("run", "--once").code == 2)
        }
    }

    @Test(.timeLimit(.minutes(5)))
    func `where the state lies isn't guessed`() async throws {
        try await Site.with([], agent: Self.worker) { site in
            try await site.shell("sed -i 's/^state:.*/state: [x]/' Config/linecook.yml")
            #expect(try await site.linecook("status").code == 2)
        }
    }
}
