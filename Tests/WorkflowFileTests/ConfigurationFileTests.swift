import Domain
import SystemPackage
import Testing
import WorkflowFile
import YAML

@Suite struct ConfigurationFileTests {
    private let context = ReadingContext.real(in: "/srv")

    private func load(_ text: String) -> LoadedFile<ServiceConfiguration> {
        ConfigurationFile.load("conf/a.yml", in: context.replacing("/srv/conf/a.yml", with: text))
    }

    @Test func `every key reaches the configuration`() {
        let loaded = load(
            """
            state: ~/state
            workflows: [../a.yml, $CODE/more]
            slots: 3
            linear: { endpoint: "http://127.0.0.1:80/graphql", token: file:secrets/linear }
            github: { endpoint: "https://github.example/api/v3", token: $GH }
            forge: local
            retention: { runs: { age: 365d, count: 9 }, logs: { age: 30d, compress: 12h } }
            log: { level: debug, format: json }
            """
        )
        #expect(loaded.diagnostics.map { $0.text() } == [])
        let expected = ServiceConfiguration(
            state: "/people/me/state",
            workflows: ["/srv/a.yml", "/code/more"],
            slots: 3,
            retention: RetentionSettings(
                runs: .init(age: .seconds(365 * 86_400), count: 9),
                logs: .init(age: .seconds(30 * 86_400)),
                compress: .seconds(12 * 3600)
            ),
            linear: .init(
                endpoint: "http://127.0.0.1:80/graphql",
                token: .file("/srv/conf/secrets/linear")
            ),
            github: .init(endpoint: "https://github.example/api/v3", token: .environment("GH")),
            forge: .local,
            logLevel: .debug,
            logFormat: .json
        )
        #expect(loaded.value == expected)
    }

    @Test(arguments: [
        (
            "executor: slurm",
            "1:11: error: 'executor' is 'slurm'; it takes local only, this version can't do more yet;"
        ),
        (
            "executor: locl",
            "1:11: error: 'executor' is 'locl'; it takes local only; did you mean 'local'?"
        ),
        (
            "http: { listen: x }",
            "1:1: error: no key 'http' here; Linecook doesn't serve a page yet;"
        ),
        (
            "webhook: { secret: $X }",
            "1:1: error: no key 'webhook' here; Linecook doesn't take webhooks yet"
        ),
    ])
    func `what this version can't do is an error that says so`(line: String, says: String) {
        let found = load(line).diagnostics.map(\.description)
        #expect(found.count == 1 && found[0].hasPrefix("conf/a.yml:" + says), "\(found)")
        #expect(load("executor: local").diagnostics.isEmpty)
    }

    @Test(arguments: [
        "linear: { token: hunter2-hunter2, endpont: x }",
        "linear: { token: \"hunter2-hunter2\" }",
        "linear:\n  token:\n    hunter2-hunter2",
        "linear: { token: 'hunter2-hunter2\n",
        "linear:\n  token: hunter2: hunter2\n",
        "linear: { endpoint: 'https://me:hunter2@x' }",
        "github: { token: ${hunter2} }",
    ])
    func `a literal secret is an error that shows nothing of it`(text: String) {
        let loaded = load(text)
        #expect(loaded.value == nil)
        for diagnostic in loaded.diagnostics {
            #expect(!diagnostic.text().contains("hunter2"))
            #expect(!diagnostic.json.text.contains("hunter2"))
            #expect(!diagnostic.githubAnnotation.contains("hunter2"))
        }
    }

    @Test func `a literal secret's message says what to do`() {
        #expect(
            load("linear: { token: hunter2 }").diagnostics.map { $0.text() } == [
                """
                conf/a.yml:1:18: error: 'linear.token' holds a literal value, which is not shown here; it takes \
                $NAME of a variable or file:PATH; put the secret into a variable or a file and name that, and renew \
                it if others have seen this file
                    1 | linear: { token: ••••••• }
                      |                  ^~~~~~~
                """
            ]
        )
    }

    @Test func `an address without encryption is a warning, but on this machine`() {
        let loaded = load("linear: { endpoint: 'http://linear.example/graphql' }")
        #expect(
            loaded.diagnostics.map(\.description) == [
                "conf/a.yml:1:21: warning: 'linear.endpoint' is not encrypted: the token would cross the network"
                    + " readable; write https://"
            ]
        )
        #expect(loaded.value != nil)
    }

    @Test func `the configuration is looked for here, then at home`() {
        #expect(
            ConfigurationFile.candidates(named: nil, in: context) == [
                "Config/linecook.yml", "/people/me/.config/linecook/linecook.yml",
            ]
        )
        #expect(ConfigurationFile.candidates(named: "x.yml", in: context) == ["x.yml"])
    }

    @Test func `folders of workflows are listed by name, each file once`() {
        let configuration = ServiceConfiguration(
            state: "/s",
            workflows: ["/w", "/w/b.yml", "/c.yml"]
        )
        let files = ConfigurationFile.workflowFiles(of: configuration) {
            $0 == "/w" ? ["b.yml", "a.yaml", ".c.yml", "prompts", "d.yml~"] : nil
        }
        #expect(files == ["/w/a.yaml", "/w/b.yml", "/c.yml"])
    }
}
