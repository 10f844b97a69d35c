import Disk
import ProcessTree
import SystemPackage
import Testing

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

@Suite(.serialized, .inTurn, .timeLimit(.minutes(5))) struct InitTests {
    private static let written = [
        "Config/linecook.yml", "Config/schema/workflow.schema.json",
        "Config/schema/config.schema.json", "workflows/prompts/ticket.md",
    ]

    @Test func `init writes files for a repository that validate has nothing to say about`()
        async throws
    {
        try await withFolder { site in
            try await site.shell(
                """
                git init -q --bare -b develop remote.git && git clone -q remote.git code 2>/dev/null
                cd code && git checkout -q -b develop
                printf '{"scripts":{"build":"x","test; touch pwned":"x","lint":"x"}}' > package.json
                echo '{}' > package-lock.json && git add . && git -c user.name=A -c user.email=a@b commit -qm i
                git push -q origin develop && git remote set-head origin -a >/dev/null 2>&1
                mkdir ../automation
                """
            )
            let (text, code) = try await site.linecook(
                in: "automation",
                ["init", "--repository", "../code", "--team", "fre", "--yes"]
            )
            #expect(code == 0, "\(text)")
            for name in Self.written + ["workflows/code.yml"] {
                #expect(text.contains("wrote       \(name)\n"), "\(text)")
            }
            #expect(text.contains("2 files: 0 errors, 0 warnings"), "\(text)")
            #expect(text.contains("problem  Linear (code): $LINEAR_API_KEY isn't set"), "\(text)")
            #expect(text.contains("ok       repository (code):"), "\(text)")
            #expect(text.contains("hold it:\nnode_modules\n"), "\(text)")
            let workflow = try site.text("automation/workflows/code.yml")
            #expect(
                workflow.hasPrefix(
                    "# yaml-language-server: $schema=../Config/schema/workflow.schema.json\n"
                )
            )
            for line in [
                "  team: FRE\n", "  path: ../../code\n", "  base: develop\n", "  setup: npm ci\n",
                "    - name: build\n      run: npm run build\n    - name: lint\n      run: npm run lint\n",
                "    all: [agent] ",
            ] {
                #expect(workflow.contains(line), "\(line) in \(workflow)")
            }
            #expect(!workflow.contains("pwned"))
            #expect(try site.text("automation/Config/linecook.yml").contains("\nforge: local\n"))
            let check = try await site.linecook(in: "automation", ["validate"])
            #expect(check.code == 0 && check.text.contains("0 warnings"), "\(check.text)")

            // A second time leaves alone what a person has changed.
            try site.write("automation/Config/linecook.yml", "slots: 3\n")
            let again = try await site.linecook(
                in: "automation",
                ["init", "--repository", "../code", "--team", "fre", "--yes"]
            )
            #expect(again.code == 0, "\(again.text)")
            for name in Self.written + ["workflows/code.yml"] {
                #expect(
                    again.text.contains("left alone  \(name), which was there already\n"),
                    "\(again.text)"
                )
            }
            #expect(try site.text("automation/Config/linecook.yml") == "slots: 3\n")
            #expect(try site.text("automation/workflows/code.yml") == workflow)
        }
    }

    @Test func `inside a repository it is the one that is meant, and gitignore is asked for`()
        async throws
    {
        try await withFolder { site in
            try await site.shell(
                "git init -q -b trunk code && cd code && touch Package.swift && printf x > .gitignore"
            )
            let (text, code) = try await site.linecook(
                in: "code",
                ["init", "--team", "FRE", "--label", "-", "--name", "mine", "--gitignore"]
            )
            #expect(code == 0, "\(text)")
            #expect(text.contains("The repository has no remote"), "\(text)")
            let workflow = try site.text("code/workflows/mine.yml")
            #expect(workflow.contains("\n  path: ..\n") && workflow.contains("\n  base: trunk\n"))
            #expect(workflow.contains("# labels: "))
            #expect(try site.text("code/.gitignore") == "x\n.linecook/\n")
        }
    }

    @Test
    func `on a terminal it asks, again where an answer won't do, and writes what was answered`()
        async throws
    {
        try await withFolder { site in
            try await site.shell("mkdir automation; git init -q -b trunk code")
            let answers = #"nowhere\n../code\nshop\n\nfre\n\n\n"#
            let (text, code) = try await site.typing(answers, in: "automation")
            #expect(code == 0, "\(text)")
            for line in [
                "Five questions; Enter takes what stands in brackets.\n",
                "  'nowhere' isn't a folder in a git repository; name a clone of it\n",
                "The workflow's name [code]: ", "  a team is needed: the letters in front",
                "Only tickets with the label ('-' for any) [agent]: ",
                "The branch that work starts from [trunk]: ",
            ] {
                #expect(text.contains(line), "\(line) in \(text)")
            }
            let workflow = try site.text("automation/workflows/shop.yml")
            for line in ["  team: FRE\n", "  path: ../../code\n", "  base: trunk\n", "[agent]"] {
                #expect(workflow.contains(line), "\(line) in \(workflow)")
            }
        }
    }

    @Test func `who goes away from its questions has nothing written`() async throws {
        try await withFolder { site in
            try await site.shell("mkdir automation; git init -q code")
            // Control and D, at which a terminal ends the input.
            let (text, code) = try await site.typing(#"../code\n\004"#, in: "automation")
            #expect(code == 2, "\(text)")
            #expect(text.contains("the questions weren't answered; nothing was written"), "\(text)")
            try await site.shell("test -z \"$(ls automation)\"")
        }
    }

    @Test func `a kill in the middle of a file leaves none that is half written`() async throws {
        try await withFolder { site in
            let program = try builtProgram()
            // The system ends the program once a file of it grows beyond 8 KiB.
            try await site.shell(
                """
                git init -q code && cd code && git config gc.auto 0
                (ulimit -c 0; ulimit -f 16; exec '\(program)' init --team FRE --yes) >/dev/null 2>&1 \\
                    && exit 9
                test -s Config/linecook.yml && test ! -e Config/schema/workflow.schema.json
                """
            )
            let (text, code) = try await site.linecook(
                in: "code",
                ["init", "--team", "FRE", "--yes"]
            )
            #expect(code == 0, "\(text)")
            #expect(text.contains("left alone  Config/linecook.yml"), "\(text)")
            #expect(text.contains("wrote       Config/schema/workflow.schema.json"), "\(text)")
        }
    }

    @Test(arguments: [
        (["init"], "isn't in a git repository; name one with --repository DIR"),
        (
            ["init", "--repository", "code"],
            "The key of the team in Linear, such as FRE isn't known and nobody can be asked; say it with "
                + "--team"
        ),
        (
            ["init", "--repository", "code", "--team", ""],
            "--team: a team is needed: the letters in front of its tickets' numbers, FRE where a ticket is "
                + "FRE-12"
        ),
        (
            ["init", "--repository", "code", "--team", "F; rm"],
            "--team: 'F; rm' isn't the key of a team"
        ),
        (
            ["init", "--repository", "code", "--team", "F", "--name", "../../x"],
            "--name: '../../x' can't be a workflow's name"
        ),
        (
            ["init", "--repository", "none", "--team", "F"],
            "'none' isn't a folder in a git repository"
        ),
        (
            ["init", "--repository", "code", "--team", "F", "--base=-x"],
            "--base: '-x' isn't the name of a branch"
        ),
    ])
    func `without a terminal, what can't be guessed is an error that names its option`(
        arguments: [String],
        message: String
    ) async throws {
        try await withFolder { site in
            try await site.shell("git init -q code")
            let (text, code) = try await site.linecook(in: "", arguments)
            #expect(code == 2)
            #expect(text.contains(message), "\(text)")
            #expect(
                try FileManager.default.contentsOfDirectory(atPath: site.root.string) == ["code"]
            )
        }
    }

    /// A folder, and the program that is run in it with nothing on its standard input.
    private struct Folder {
        let root: FilePath

        func shell(_ lines: String) async throws {
            let (text, code) = try await run(["/bin/sh", "-ec", lines], in: "")
            try #require(code == 0, "\(text)")
        }

        func linecook(in folder: String, _ arguments: [String]) async throws -> (
            text: String, code: Int32
        ) {
            try await run([try builtProgram().string] + arguments, in: folder)
        }

        /// What a terminal shows of `init` to somebody who types this, written as for `printf`.
        func typing(_ answers: String, in folder: String) async throws -> (
            text: String, code: Int32
        ) {
            let spawn =
                "import os, pty, sys; sys.exit(os.waitstatus_to_exitcode(pty.spawn(sys.argv[1:])))"
            let program = try builtProgram()
            let line = "printf '\(answers)' | python3 -c '\(spawn)' '\(program)' init"
            let (text, code) = try await run(["/bin/sh", "-c", line], in: folder)
            return (text.replacing("\r\n", with: "\n"), code)
        }

        func text(_ path: String) throws -> String {
            let bytes = try LocalFileSystem().read(root.pushing(FilePath(path)))
            return String(decoding: try #require(bytes), as: UTF8.self)
        }

        func write(_ path: String, _ text: String) throws {
            try LocalFileSystem().write(Array(text.utf8), to: root.pushing(FilePath(path)))
        }

        private func run(
            _ command: [String],
            in folder: String
        ) async throws -> (text: String, code: Int32) {
            let request = ProcessRequest(
                command: command,
                environment: [
                    "PATH": ProcessInfo.processInfo.environment["PATH"] ?? "/usr/bin:/bin",
                    "HOME": root.string, "LANG": "C", "GIT_CONFIG_NOSYSTEM": "1",
                ],
                directory: root.pushing(FilePath(folder)),
                timeout: .seconds(240)
            )
            var bytes: [UInt8] = []
            let end = try await runTree(request) { bytes += $0.bytes }
            guard case .exited(let code) = end.termination else {
                return ("\(end.termination)", -1)
            }
            return (String(decoding: bytes, as: UTF8.self), code)
        }
    }

    private func withFolder(_ body: (Folder) async throws -> Void) async throws {
        let root = FilePath("/tmp/linecook-init-\(UUID().uuidString)")
        try FileManager.default.createDirectory(
            atPath: root.string,
            withIntermediateDirectories: true
        )
        defer { try? FileManager.default.removeItem(atPath: root.string) }
        try await body(Folder(root: root))
    }
}
