import Domain
import Synchronization
import SystemPackage
import Testing
import Verification

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

@Suite(.serialized, .timeLimit(.minutes(5))) struct VerificationTests {
    private typealias Step = VerificationSettings.Step

    /// Runs steps in a fresh folder, which gets their logs too.
    private func verify(
        _ steps: [Step],
        deadline: Duration? = nil,
        environment: [String: String] = [:],
        memory: Int? = nil,
        time: any TimeSource = StandingTime(),
        _ check: (Verification.Report, FilePath) throws -> Void
    ) async throws {
        let url = FileManager.default.temporaryDirectory
            .appending(path: "linecook verify \(UUID().uuidString)")
        try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
        // A folder that stays behind spoils no other test.
        defer { try? FileManager.default.removeItem(at: url) }
        let folder = FilePath(url.path)
        let verification = Verification(
            environment: ["PATH": "/usr/local/bin:/usr/bin:/bin", "CI": "1"]
                .merging(environment) { $1 },
            marker: nil,
            memory: memory,
            time: time
        )
        let report = try await verification.run(
            steps,
            in: folder,
            logsIn: folder,
            named: "attempt-1",
            deadline: deadline
        )
        try check(report, folder)
    }

    private func text(_ path: FilePath) throws -> String {
        let data = try #require(FileManager.default.contents(atPath: path.string))
        return String(decoding: data, as: UTF8.self)
    }

    @Test func `all steps run, and the first that failed speaks in the next prompt`() async throws {
        let steps = [
            Step(name: "build", run: "echo built \"$CI\" $HOME"),
            Step(name: "lint", run: "printf 'a\\r\\033[31mbad\\033[0m\\n'; echo worse >&2; exit 3"),
            Step(name: "test", run: "kill -9 $$"),
        ]
        try await verify(steps) { report, folder in
            #expect(report.results.map(\.passed) == [true, false, false])
            #expect(report.results.map(\.reason) == [nil, "exit 3", "signal 9"])
            #expect(report.results.map(\.log).first == "attempt-1/verify-build.log")
            #expect(report.failureOutput == "lint: exit 3\nbad\nworse")
            #expect(report.failure?.check == "lint")
            let log = try text(folder.appending("verify-build.log"))
            #expect(log == "built 1\n")
        }
    }

    @Test func `a step that hangs ends with all that it started`() async throws {
        let run = "setsid sh -c 'echo $$ > pid; echo ready; exec sleep 60' & sleep 60"
        let steps = [Step(name: "hang", run: run, timeout: .seconds(4))]
        try await verify(steps) { report, folder in
            #expect(report.results.first?.reason == "timed out after 4.0 s")
            #expect(report.failureOutput == "hang: timed out after 4.0 s\nready")
            let pid = try text(folder.appending("pid")).filter(\.isNumber)
            #expect(!FileManager.default.fileExists(atPath: "/proc/\(pid)/stat"))
        }
    }

    @Test func `a server that a step leaves behind in a session of its own is gone with it`()
        async throws
    {
        let run = """
            mkfifo up; setsid sh -c 'echo $$ > pid; echo > up; exec sleep 600' >/dev/null 2>&1 &
            cat up
            """
        try await verify([Step(name: "serve", run: run)]) { report, folder in
            #expect(report.results.first?.passed == true)
            let pid = try text(folder.appending("pid")).filter(\.isNumber)
            #expect(!FileManager.default.fileExists(atPath: "/proc/\(pid)/stat"))
        }
    }

    @Test func `a step that fails is run again as often as it may, and is then called flaky`()
        async throws
    {
        let once = "test -e ran || { touch ran; echo first; exit 1; }; echo second"
        let steps = [
            Step(name: "flaky", run: once, retry: 1),
            Step(name: "broken", run: "echo x >> tries; sleep 0.2; exit 2", retry: 2),
            Step(name: "good", run: "true", retry: 1),
        ]
        try await verify(steps) { report, folder in
            #expect(report.results.map(\.passed) == [true, false, true])
            #expect(report.results.map(\.flaky) == [true, nil, nil])
            // All runs of it together.
            #expect(report.results[1].seconds >= 0.6)
            #expect(report.results.map(\.note) == ["flaky: exit 1, then passed", nil, nil])
            #expect(report.failureOutput?.hasPrefix("broken: exit 2") == true)
            #expect(try text(folder.appending("tries")) == "x\nx\nx\n")
            let log = try text(folder.appending("verify-flaky.log"))
            #expect(log == "first\n\n[exit 1; it is run again]\n\nsecond\n")
        }
    }

    @Test func `a step that the attempt has no time for counts as failed`() async throws {
        let steps = [Step(name: "build", run: "touch ran")]
        try await verify(steps, deadline: .seconds(-1)) { report, folder in
            #expect(!report.passed)
            #expect(report.results.first?.reason == "not run: the attempt's time was up")
            #expect(!FileManager.default.fileExists(atPath: folder.appending("ran").string))
        }
    }

    @Test func `a step ends when the attempt's time is up`() async throws {
        let steps = [Step(name: "build", run: "sleep 60", timeout: .seconds(5))]
        try await verify(steps, deadline: .milliseconds(100)) { report, _ in
            let reason = report.results.first?.reason ?? ""
            #expect(reason.hasPrefix("the attempt's time was up after 0."), "\(reason)")
        }
    }

    @Test func `a step isn't run again once the attempt's time is up`() async throws {
        let steps = [Step(name: "build", run: "echo x >> tries; exit 1", retry: 3)]
        // It's looked at before the step and before each further one.
        try await verify(steps, deadline: .seconds(15), time: StridingTime()) { report, folder in
            #expect(report.results.first?.reason == "exit 1")
            let tries = try text(folder.appending("tries"))
            #expect(tries == "x\n")
        }
    }

    @Test func `what a step prints of a secret is covered, in its log and in the next prompt`()
        async throws
    {
        let steps = [Step(name: "build", run: "echo \"it is $API_TOKEN\"; exit 1")]
        try await verify(steps, environment: ["API_TOKEN": "a1b2c3d4e5"]) { report, folder in
            #expect(report.failureOutput == "build: exit 1\nit is [value of API_TOKEN]")
            let log = try text(folder.appending("verify-build.log"))
            #expect(log == "it is [value of API_TOKEN]\n")
        }
    }

    @Test func `a step that holds too much memory is ended with the reason`() async throws {
        let run = "exec python3 -c 'held = b\"x\" * 200_000_000; import time; time.sleep(60)'"
        try await verify([Step(name: "build", run: run)], memory: 60_000_000) { report, _ in
            let reason = report.results.first?.reason ?? ""
            #expect(reason.hasPrefix("ended since it held "), "\(reason)")
            #expect(reason.hasSuffix("; agent.memory allows 60 MB"), "\(reason)")
        }
    }

    @Test func `steps in a clean checkout come after what sets it up`() {
        let steps = [Step(name: "build", run: "make")]
        #expect(steps.after(setup: nil) == steps)
        let whole = steps.after(setup: "npm ci")
        #expect(whole.map(\.name) == ["clean-setup", "build"])
        #expect(whole.map(\.run) == ["npm ci", "make"])
    }

    @Test func `a log keeps its beginning and its end`() async throws {
        let run = "echo first; head -c 30000000 /dev/zero | tr '\\0' x; echo; echo last; exit 1"
        try await verify([Step(name: "loud", run: run)]) { report, folder in
            let log = try text(folder.appending("verify-loud.log"))
            #expect(log.utf8.count < 10_500_000)
            #expect(log.hasPrefix("first\n"))
            #expect(log.hasSuffix("x\nlast\n"))
            #expect(log.contains(" bytes left out …]"))
            let output = try #require(report.failureOutput)
            #expect(output.utf8.count < 4200)
            #expect(output.hasSuffix("x\nlast"))
        }
    }
}

/// A clock that stands still.
private struct StandingTime: TimeSource {
    func now() -> Moment { Moment(wall: .distantPast, uptime: .zero) }

    func sleep(untilUptime deadline: Duration) async throws { try Task.checkCancellation() }
}

/// A clock that is ten seconds further each time it is read.
private final class StridingTime: TimeSource {
    private let reads = Mutex(0)

    func now() -> Moment {
        let count = reads.withLock { count in
            count += 1
            return count
        }
        return Moment(wall: .distantPast, uptime: .seconds(10 * count))
    }

    func sleep(untilUptime deadline: Duration) async throws { try Task.checkCancellation() }
}
