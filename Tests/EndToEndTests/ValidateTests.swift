import Testing

/// `linecook validate` as a person and a pipeline see it.
// Each site runs several programs at once: more would only wait for the processor.
@Suite(.serialized, .inTurn)
struct ValidateTests {
    private static let token = "lin_api_q8Zk1Rm4Xw7Tb2Nc"

    /// What the program prints on both streams, and its exit code in the last line.
    private func validate(_ arguments: String, in site: Site) async throws -> String {
        try await site.shellOutput(
            """
            exec 2>&1
            code=0; '\(try site.programPath)' validate \(arguments) || code=$?; echo "exit $code"
            """
        )
    }

    @Test(.timeLimit(.minutes(5)))
    func `the exit code tells no errors, errors and a file that isn't there apart`() async throws {
        try await Site.with([], agent: "true") { site in
            #expect(
                try await validate("", in: site) == "2 files: 0 errors, 0 warnings\nexit 0\n"
            )
            // A warning stops nothing.
            let workflow = try site.text("workflows/site.yml")
            try site.write("workflows/warned.yml", workflow + "slots: { by_state: { Ready: 1 } }\n")
            let warned = try await validate("workflows/warned.yml", in: site)
            #expect(warned.contains("no ticket is taken from 'Ready'"), "\(warned)")
            #expect(warned.hasSuffix("1 file: 0 errors, 1 warning\nexit 0\n"), "\(warned)")

            try await site.shell("rm workflows/warned.yml")
            try site.write("workflows/site.yml", workflow + "slot: 3\n")
            let broken = try await validate("", in: site)
            #expect(broken.contains("no key 'slot' here; did you mean 'slots'?"), "\(broken)")
            #expect(broken.hasSuffix("2 files: 1 error, 0 warnings\nexit 1\n"), "\(broken)")

            #expect(
                try await validate("none.yml", in: site)
                    == "linecook: none.yml: no such file\nexit 2\n"
            )
            let config = try await validate("--config none.yml", in: site)
            #expect(config.hasPrefix("linecook: none.yml: no such file; --config names"))
            #expect(config.hasSuffix("exit 2\n"), "\(config)")
            try await site.shell("mkdir empty")
            let nothing = try await validate("empty", in: site)
            #expect(nothing.hasPrefix("linecook: nothing to check"), "\(nothing)")
            #expect(nothing.hasSuffix("exit 2\n"), "\(nothing)")
        }
    }

    @Test(.timeLimit(.minutes(5)))
    func `of a folder, the workflow files are checked by name, and nothing else`() async throws {
        try await Site.with([], agent: "true") { site in
            try await site.shell(
                """
                mkdir flows flows/inner.d
                for name in b.yml a.yaml .hidden.yml notes.txt c.yml.bak inner.d/d.yml; do
                    echo 'zzz: 1' > flows/$name
                done
                """
            )
            let found = try await validate("flows --format json", in: site)
            #expect(found.contains(#""files": ["flows/a.yaml", "flows/b.yml"],"#), "\(found)")
            #expect(found.contains("no key 'zzz' here"), "\(found)")
            #expect(found.hasSuffix("exit 1\n"), "\(found)")
        }
    }

    @Test(.timeLimit(.minutes(5)), arguments: ["text", "json", "github"])
    func `each format names the place and shows no token`(format: String) async throws {
        try await Site.with([], agent: "true") { site in
            try site.write("a.yml", "# \(Self.token)\nname: a b\n")
            let found = try await validate("a.yml --format \(format)", in: site)
            let place =
                switch format {
                case "text": "a.yml:2:7: error: 'name' is 'a b'"
                case "json": #""line": 2"#
                default: "::error file=a.yml,line=2,"
                }
            #expect(found.contains(place), "\(found)")
            #expect(found.contains("a Linear token seems to stand here"), "\(found)")
            #expect(!found.contains(Self.token), "\(found)")
            #expect(found.hasSuffix("exit 1\n"), "\(found)")
        }
    }

    @Test(.timeLimit(.minutes(5)))
    func `what is in force is printed as a file that is the same workflow`() async throws {
        try await Site.with([], agent: "true") { site in
            try await site.shell(
                "sed -i 's/jitter: 0 }/jitter: 0, limit: 30s }/' workflows/site.yml; printf 'defaults:\\n  slots: { total: 3 }\\nslots: x\\n' >> Config/linecook.yml"
            )
            let broken = try await validate("--resolved workflows/site.yml >/dev/null", in: site)
            #expect(broken.contains("Config/linecook.yml:"), "\(broken)")
            #expect(broken.hasSuffix("exit 1\n"), "\(broken)")
            try await site.shell("sed -i '/^slots: x/d' Config/linecook.yml")
            let shown = try await validate("--resolved workflows/site.yml > copy.yml", in: site)
            #expect(shown == "exit 0\n")
            let copy = try site.text("copy.yml")
            let lines = copy.split(separator: "\n").map {
                $0.split(separator: " ").joined(separator: " ")
            }
            #expect(lines.first == "# workflows/site.yml")
            #expect(lines.contains("name: site # workflows/site.yml:1"), "\(copy)")
            #expect(lines.contains("total: 3 # Config/linecook.yml:6"), "\(copy)")
            #expect(
                lines.contains("branch: \"linecook/{{ ticket.key }}-{{ ticket.slug }}\" # default")
            )
            let again = try await validate("--resolved copy.yml > again.yml", in: site)
            #expect(again == "exit 0\n")
            // All but where it comes from.
            try await site.shell(
                "for f in copy again; do sed 's/  *# .*//; /^# /d' $f.yml > $f; done; cmp copy again"
            )
            let refused = try await validate("--resolved --format github", in: site)
            #expect(refused.contains("not annotations"), "\(refused)")
            #expect(refused.hasSuffix("exit 2\n"), "\(refused)")
        }
    }
}
