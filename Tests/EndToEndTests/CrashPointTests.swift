import Disk
import Domain
import ProcessTree
import Sandbox
import SystemPackage
import TestSupport
import Testing

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// `kill -9` right before and right after each act on the outside.
///
/// `LINECOOK_CRASH_SEEDS` asks for more than one seed of each point; `LINECOOK_CRASH_SEED` replays one, and
/// `LINECOOK_CRASH_POINT` chooses a point.
// Each site runs several programs at once: more would only wait for the processor.
@Suite(.serialized, .inTurn)
struct CrashPointTests {
    /// Which process dies how often, and among how many tickets.
    struct Plan: CustomTestStringConvertible {
        var seed: Int
        var tickets: Int
        var points: [(point: CrashPoint, passes: Int)]

        /// The first seed has one ticket that dies at its first chance; the others have more, and deaths in pairs.
        init(_ point: CrashPoint, seed: Int) {
            self.seed = seed
            var generator = SplitMix64(seed: UInt64(seed) << 32)
            for byte in point.rawValue.utf8 {
                generator.state = generator.state &* 31 &+ UInt64(byte)
            }
            tickets = seed == 1 ? 1 : Int.random(in: 1...3, using: &generator)
            let isRecord = point == .beforeRecord || point == .afterRecord
            let chances = isRecord ? 8 : tickets
            points = [(point, seed == 1 ? 0 : Int.random(in: 0..<chances, using: &generator))]
            if seed > 1, Bool.random(using: &generator),
                let other = CrashPoint.allCases.filter({ $0 != point })
                    .randomElement(using: &generator)
            {
                points.append((other, 0))
            }
        }

        var testDescription: String {
            points.map { "\($0.point.rawValue)+\($0.passes)" }.joined(separator: " ")
                + ", \(tickets) tickets, seed \(seed)"
        }
    }

    private static func number(_ name: String) -> Int? {
        ProcessInfo.processInfo.environment[name].flatMap { Int($0) }
    }

    private static let plans: [Plan] = {
        let seeds =
            number("LINECOOK_CRASH_SEED").map { $0...$0 }
            ?? 1...(number("LINECOOK_CRASH_SEEDS") ?? 1)
        let point = ProcessInfo.processInfo.environment["LINECOOK_CRASH_POINT"]
        return CrashPoint.allCases.filter { point == nil || point == $0.rawValue }
            .flatMap { point in seeds.map { Plan(point, seed: $0) } }
    }()

    private static let agent = """
        echo "$LINECOOK_TICKET" >> "$HOME/agents.txt"
        exec 9>> "$HOME/live-$LINECOOK_TICKET"
        flock -n 9 || echo "$LINECOOK_TICKET" >> "$HOME/twice.txt"
        echo work > "work-$LINECOOK_TICKET.txt"
        """

    @Test(.timeLimit(.minutes(5)), arguments: plans)
    func
        `a kill at any act costs no ticket, branch, pull request or comment and makes no second one`(
            plan: Plan
        ) async throws
    {
        let tickets = (1...plan.tickets).map { LinearSeed.Issue(title: "Ticket \($0)") }
        try await Site.with(tickets, agent: Self.agent) { site in
            try LocalFileSystem().makeFolder(site.root.appending("points"))
            for (point, passes) in plan.points {
                try site.write("points/\(point.rawValue)", String(repeating: ".", count: passes))
            }
            try await runThroughKills(site)
            let branches = try await site.shellOutput("git -C remote.git branch | wc -l")
            #expect(branches.contains("\(plan.tickets + 1)"), "develop and one for each ticket")
            for number in 1...plan.tickets {
                #expect(try site.run(of: number).state == .inReview)
                try await site.linecook("pulls", "merge", "\(number)")
            }
            try await runThroughKills(site)
            for (point, _) in plan.points {
                #expect(
                    try LocalFileSystem().read(site.root.appending("points/\(point.rawValue)"))
                        == nil,
                    "\(point.rawValue) was never reached"
                )
            }
            let log = try site.text("daemon.log")
            try await check(site, plan, log)
        }
    }

    /// Starts the daemon anew after each kill until one comes to its end.
    private func runThroughKills(_ site: Site) async throws {
        try await site.shell(
            """
            for start in 1 2 3 4 5 6; do
              code=0
              LINECOOK_CRASH_POINTS="$PWD/points" '\(try site.programPath)' run --until-idle 2>> daemon.log \
                || code=$?
              echo "$code" >> codes.txt
              [ "$code" = 137 ] || exit "$code"
            done
            exit 99
            """
        )
    }

    private func check(_ site: Site, _ plan: Plan, _ log: String) async throws {
        let lost = plan.points.count { $0.point.isInAttempt }
        let agents = try site.text("agents.txt").split(separator: "\n")
        for number in 1...plan.tickets {
            let run = try site.run(of: number)
            #expect(run.state == .done && run.run == 1, "\(log)")
            #expect(run.attempts.allSatisfy { $0.outcome != nil } && run.attempts.count <= 1 + lost)
            #expect(agents.count { $0 == "ENG-\(number)" } <= 1 + lost)
            let issue = try await site.linear.issue("ENG-\(number)")
            #expect(issue.state == "Done")
            #expect(issue.comments.count == 1 && issue.attachments.count == 1)
            #expect(!FileManager.default.fileExists(atPath: "\(site.root)/wt/ENG-\(number)"))
        }
        let pulls = try LocalFileSystem().list(site.root.appending("state/forge/pulls"))
        #expect(pulls.filter { $0.hasSuffix(".json") }.count == plan.tickets)
        #expect(try LocalFileSystem().read(site.root.appending("twice.txt")) == nil)
        #expect(try LocalFileSystem().list(site.root.appending("state/open")).isEmpty, "\(log)")
        #expect(await sweep(marker: site.root.string, grace: .zero).swept == 0, "nothing is left")
    }
}
