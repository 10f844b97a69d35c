import Disk
import Domain
import ProcessTree
import RunStore
import Sandbox
import SystemPackage
import Testing
import WebServer

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// `linecook doctor` with the real program, a repository and a server on loopback.
// Each site runs several programs at once: more would only wait for the processor.
@Suite(.serialized, .inTurn, .timeLimit(.minutes(5))) struct DoctorTests {
    private struct Answer: Decodable {
        struct Check: Decodable {
            var check: String
            var workflow: String?
            var state: String
            var found: String
            var advice: String?
        }
        var verdict: String
        var checks: [Check]

        func first(_ check: String) -> Check? { checks.first { $0.check == check } }
    }

    private func doctor(_ site: Site, _ arguments: String...) async throws -> (
        answer: Answer, code: Int32
    ) {
        let (text, code) = try await site.linecook(["doctor", "--format", "json"] + arguments)
        // What is logged beside it stands on standard error, which the site reads too.
        let document = text.drop { $0 != "{" }
        let answer = try JSONDecoder().decode(Answer.self, from: Data(document.utf8))
        return (answer, code)
    }

    @Test func `an installation that is in order passes every check, and no token is shown`()
        async throws
    {
        try await Site.with([LinearSeed.Issue(title: "Page")], agent: ":") { site in
            let (answer, code) = try await doctor(site)
            // bubblewrap may be missing here, and nothing of this workflow needs it.
            let amiss = answer.checks.filter { $0.state != "ok" && $0.check != "sandbox" }
            #expect(amiss.isEmpty, "\(amiss)")
            #expect(code == 0)
            let names = Set(answer.checks.map(\.check))
            #expect(
                names == [
                    "files", "git", "state folder", "sandbox", "time zone", "agent", "Linear",
                    "repository", "forge", "service", "leftovers",
                ]
            )
            #expect(answer.first("Linear")?.found.contains("team ENG; 1 ticket is there") == true)
            #expect(answer.first("agent")?.workflow == "site")

            let text = try await site.linecook("doctor").text
            #expect(!text.contains("lin_api_test") && !text.contains("not for agents"))
            #expect(text.contains(" passed, "), "\(text)")
            for line in text.split(separator: "\n") {
                let words = line.drop { $0 == " " }
                #expect(line.count <= 80 || !words.contains(" "), "\(line)")
            }
        }
    }

    @Test func `what a workflow names and isn't there is a problem with its mend`() async throws {
        let workflow = """
            slots: { total: 1, by_label: { fronted: 1 } }
            """
        try await Site.with([], agent: ":", workflow: workflow) { site in
            try await site.shell(
                """
                sed -i.bak -e 's/states: .Todo./states: [Tood], labels: { all: [agnet] }/' \\
                    -e 's/base: develop/base: devlop/' -e 's|/agent.sh|/none.sh|' workflows/site.yml
                rm workflows/site.yml.bak
                """
            )
            let (answer, code) = try await doctor(site)
            #expect(code == 1)
            #expect(answer.verdict == "problem")
            let linear = answer.checks.filter { $0.check == "Linear" }
            #expect(linear.map(\.state) == ["problem", "problem", "warning"])
            #expect(linear.first?.found == "team ENG has no state 'Tood', which states names")
            #expect(linear.first?.advice?.hasPrefix("write one of its states: ") == true)
            #expect(linear.dropFirst().first?.found.contains("has a label 'agnet'") == true)
            #expect(linear.last?.found.contains("has a label 'fronted'") == true)
            #expect(
                answer.first("repository")?.found == "the remote 'origin' has no branch 'devlop'"
            )
            #expect(answer.first("agent")?.found.contains("none.sh") == true)
        }
    }

    @Test func `mistakes in the files end with 2, and everything else is checked all the same`()
        async throws
    {
        try await Site.with([], agent: ":") { site in
            try await site.shell("echo 'nonsense: 1' >> workflows/site.yml")
            let (answer, code) = try await doctor(site)
            #expect(code == 2)
            #expect(answer.first("files")?.found.contains("no key 'nonsense'") == true)
            #expect(answer.first("git")?.state == "ok")
        }
    }

    @Test func `a server that doesn't answer is told of, not waited for`() async throws {
        let (arrivals, arrival) = AsyncStream<Void>.makeStream()
        let (never, end) = AsyncStream<Void>.makeStream()
        let silent: WebServer.Handler = { _ in
            arrival.yield()
            // Until the client has gone.
            for await _ in never {}
            return .text("too late")
        }
        defer { end.finish() }
        try await WebServer().whileRunning(handler: silent) { port in
            try await Site.with([], agent: ":") { site in
                try await site.shell(
                    "sed -i.bak 's|127.0.0.1:[0-9]*/graphql|127.0.0.1:\(port)/graphql|' Config/linecook.yml"
                )
                let (answer, code) = try await doctor(site, "--timeout", "1")
                for await _ in arrivals { break }
                #expect(code == 1)
                let linear = answer.first("Linear")
                #expect(linear?.found == "no answer within 1.0 s")
                #expect(linear?.advice?.hasSuffix("--timeout 3 waits longer") == true)
                #expect(answer.first("repository")?.state == "ok")
            }
        }
    }

    @Test func `a remote's address that was changed later is told, with what puts it in force`()
        async throws
    {
        try await Site.with([], agent: ":") { site in
            let (before, _) = try await doctor(site)
            #expect(before.first("git settings") == nil)
            // The address that is in force leads nowhere any more.
            try await site.shell(
                "mv remote.git moved.git; git -C clone remote set-url origin ../moved.git"
            )
            let (answer, code) = try await doctor(site)
            #expect(code == 1)
            #expect(answer.first("repository")?.state == "problem")
            let finding = try #require(answer.first("git settings"))
            #expect(finding.state == "warning")
            #expect(finding.found.hasPrefix("remote.origin.url came into the repository's"))
            let advice = try #require(finding.advice)
            #expect(advice.hasPrefix("if a person set that: rm "))
            try await site.shell(String(advice.drop { $0 != ":" }.dropFirst()))
            let (after, mended) = try await doctor(site)
            #expect(mended == 0)
            #expect(after.first("git settings") == nil)
            #expect(after.first("repository")?.state == "ok")
        }
    }

    @Test func `a clock that is off is told by the date of Linear's answers`() async throws {
        try await Site.with([], agent: ":") { site in
            let linear = site.linear
            let dated: WebServer.Handler = { request in
                var answer = await linear.answer(request)
                answer.headers["Date"] = "Tue, 01 Jan 2019 00:00:00 GMT"
                return answer
            }
            try await WebServer().whileRunning(handler: dated) { port in
                try await site.shell(
                    "sed -i.bak 's|127.0.0.1:[0-9]*/graphql|127.0.0.1:\(port)/graphql|' Config/linecook.yml"
                )
                let (answer, code) = try await doctor(site)
                #expect(code == 0)
                #expect(answer.verdict == "warning")
                #expect(answer.first("clock")?.found.contains("ahead of Linear's clock") == true)
            }
        }
    }

    @Test func `a token that GitHub refuses, and one that may not push, are problems`() async throws
    {
        let github: WebServer.Handler = { request in
            if request.headers["Authorization"] == "Bearer good" {
                if request.path.hasSuffix("/pulls") { return .json(Array("[]".utf8)) }
                return .json(Array(#"{"permissions":{"push":false},"private":true}"#.utf8))
            }
            return .json(Array(#"{"message":"Bad credentials"}"#.utf8), status: 401)
        }
        try await WebServer().whileRunning(handler: github) { port in
            try await Site.with([], agent: ":") { site in
                try await site.shell(
                    """
                    sed -i.bak 's/forge: local//' Config/linecook.yml
                    echo 'github: { endpoint: "http://127.0.0.1:\(port)", token: file:token }' >> Config/linecook.yml
                    echo ghp_bad > Config/token && chmod 600 Config/token
                    git -C clone remote set-url --push origin http://127.0.0.1/acme/shop.git
                    """
                )
                let refused = try await doctor(site)
                #expect(refused.code == 1)
                #expect(
                    refused.answer.first("forge")?.found == "127.0.0.1: the token isn't accepted"
                )
                #expect(!"\(refused.answer)".contains("ghp_bad"))
                try site.write("Config/token", "good\n")
                let weak = try await doctor(site)
                #expect(weak.code == 1)
                let found = weak.answer.first("forge")?.found
                #expect(found == "the token's owner may not write to acme/shop")
            }
        }
    }

    @Test func `what earlier runs left behind is listed`() async throws {
        let agent = "cat > /dev/null; echo done > page"
        try await Site.with([LinearSeed.Issue(title: "Page")], agent: agent) { site in
            try await site.linecook("run", "--until-idle")
            try #require(try site.run(of: 1).state == .inReview)
            let job = try #require(
                try site.store.value(
                    AttemptJob.self,
                    at: site.root.appending("state/runs/ENG-1/1/attempt-1/job.json")
                )
            )
            let before = try await doctor(site).answer
            #expect(before.first("leftovers")?.found == "none")
            let left = try await site.shellOutput(
                """
                LINECOOK_ATTEMPT='\(job.id)' sleep 600 &
                echo "pid $!"; '\(try site.programPath)' doctor --timeout 60; kill $!
                """
            )
            let pid = left.split(separator: "\n").first?.dropFirst(4) ?? "none"
            #expect(left.contains("processes: of attempts that have ended: \(pid)\n"), "\(left)")

            // As if the disk couldn't give the record of the open run.
            let record = "state/runs/ENG-1/1/run.json"
            try await site.shell("mv \(record) aside && mkdir \(record)")
            let found = try await doctor(site).answer.first("records")?.found
            #expect(found?.contains("can't read it") == true)
            let refused = try await site.linecook("run", "--until-idle")
            #expect(refused.code == 1 && refused.text.contains("ENG-1/1/run.json: can't read it"))
            #expect(refused.text.contains("so that nothing is started; mend the file or the disk"))
            try await site.shell("rmdir \(record) && mv aside \(record)")

            // As if the record of the open run had been taken away by hand.
            try await site.shell("rm state/open/ENG-1.json")
            let (answer, code) = try await doctor(site)
            #expect(code == 0)
            #expect(answer.first("worktrees")?.found.hasSuffix("/wt/ENG-1") == true)
        }
    }
}
