import Domain
import Testing
import Verification

@Suite struct NoChangesTests {
    private func nothing(
        _ script: String,
        seed: String = "",
        count: [NoChangesSettings.Trifle] = []
    ) async throws -> String? {
        var answer: String?
        try await Yard.run(seed) { yard in
            // What an attempt asks first.
            let head = try await yard.work(script)
            let settings = VerificationSettings(noChanges: NoChangesSettings(count: count))
            answer = try await ChangeChecks(
                yard.repository,
                settings: settings,
                limits: LimitSettings()
            ).nothing(from: yard.base, to: head)
        }
        return answer
    }

    @Test(arguments: [
        "true", "mkdir ignored && echo 1 > ignored/a && echo 1 > a.log",
        "echo 2 >> run.sh && git commit -qam Two && git revert --no-edit HEAD",
        "git commit -q --allow-empty -m Nothing", "git init -q inner && touch inner/a",
    ])
    func `a branch that holds what its base holds is no change`(script: String) async throws {
        #expect(try await nothing(script) == "the branch equals its base")
    }

    @Test(arguments: [
        "echo 1 > new.txt", "rm run.sh", "echo 2 >> run.sh", "printf '' > empty",
        "printf 'export const ab = 1\\n' > src/a.ts", "printf 'export const a = 1 2\\n' > src/a.ts",
        "printf 'def a():\\n  return 1\\n' > a.py", "ln -sf src/a.ts run.sh",
        "printf 'exportconst a = 1\\n' > src/a.ts", "printf 'def a():\\n\\n    return 1\\n' > a.py",
        "printf 'def a():  \\n    return 1\\n' > a.py && echo b > src/a.ts", "ln -sf x run.sh",
        "printf 'x\\0 ' > run.sh", "chmod +x run.sh && echo y > run.sh",
    ])
    func `what differs in more than layout is a change`(script: String) async throws {
        #expect(try await nothing(script) == nil)
    }

    @Test(arguments: [
        ("printf 'a\\0b' > data", "printf 'a\\0 b' > data"),
        ("printf 'all:\\n\\techo\\n' > Makefile", "printf 'all:\\n echo\\n' > Makefile"),
        ("head -c 5000000 /dev/zero | tr '\\0' x > long", "echo >> long"),
    ])
    func `white space counts in what isn't text, in a makefile, and in what is too long to look at`(
        seed: String,
        script: String
    ) async throws {
        #expect(try await nothing(script, seed: seed) == nil)
    }

    @Test func `more files than three are counted`() async throws {
        let answer = try await nothing("chmod +x a b c d", seed: "touch a b c d")
        #expect(
            answer == "only the modes of files changed, in a, b, c and 1 more;"
                + " verify.no_changes.count: [mode] would count it"
        )
    }

    @Test func `a mode counts beside white space too`() async throws {
        let script = "chmod +x run.sh && printf ' x\\n' > run.sh"
        let answer = try #require(try await nothing(script))
        #expect(answer.hasPrefix("only white space changed, in run.sh;"))
        #expect(try await nothing(script, count: [.mode]) == nil)
    }

    @Test func `a mode alone is a change only where it counts`() async throws {
        #expect(
            try await nothing("chmod +x run.sh") == "only the modes of files changed, in run.sh;"
                + " verify.no_changes.count: [mode] would count it"
        )
        #expect(try await nothing("chmod +x run.sh", count: [.mode]) == nil)
        #expect(try await nothing("chmod +x run.sh", count: [.whitespace]) != nil)
    }

    @Test(arguments: [
        "printf '  export const a=1;\\n\\n' | tr -d ';' > src/a.ts",
        "printf 'export const\\ta = 1   \\r\\n' > src/a.ts",
        "printf 'def a():  \\n    return 1\\n\\n\\n' > a.py",
    ])
    func `white space alone is a change only where it counts`(script: String) async throws {
        let answer = try #require(try await nothing(script))
        #expect(answer.hasPrefix("only white space changed, in "))
        #expect(answer.hasSuffix("; verify.no_changes.count: [whitespace] would count it"))
        #expect(try await nothing(script, count: [.whitespace]) == nil)
    }
}
