import Domain
import SystemPackage
import Testing
import WorkflowFile
import YAML

@Suite struct SecretInFileTests {
    private let context = ReadingContext.real(in: Place.fixtures)
    private static let minimal = """
        name: a
        tickets: { team: FRE }
        repository: { path: . }
        prompt: { template: prompt.md }

        """

    private func diagnostics(_ text: String) -> [Diagnostic] {
        let path = Place.fixtures.appending("a.yml")
        return WorkflowFile.load("a.yml", in: context.replacing(path, with: text), defaults: nil)
            .diagnostics
    }

    private static let body = "q8Zk1Rm4Xw7Tb2Nc"

    @Test(arguments: [
        "agent: { arguments: [--key, lin_api_\(body)] }", "# export GITHUB_TOKEN=ghp_\(body)",
        "x-notes: { old: \"github_pat_\(body)\" }",
        "repository: { setup: \"K=sk-ant-\(body) make\" }",
        "verify:\n  steps:\n    - name: a\n      run: |\n        curl -H gho_\(body)",
        "agent: [ghs_\(body)",
        "\tx: glpat-\(body)", "deliver: \"xoxb-1-\(body)", "gho_\(body): 1", "a: b: AKIA\(body)",
        "agent: { command: \"\\u006cin_api_\(body)\" }",
        "agent: { environment: { ANTHROPIC_API_KEY: sk-ant-api03-\(body) } }",
        "agent: { model: \"Bearer eyJhbGciOi\(body).eyJzdWIi\(body).\(body)\" }",
    ])
    func `a token is refused wherever it stands, and never shown`(line: String) {
        let found = diagnostics(Self.minimal + line + "\n")
        #expect(
            found.contains { $0.severity == .error && $0.message.contains("is not shown") },
            "\(found)"
        )
        for diagnostic in found {
            for text in [diagnostic.text(), diagnostic.json.text, diagnostic.githubAnnotation] {
                #expect(!text.contains(Self.body), "\(text)")
            }
        }
    }

    @Test(arguments: [
        "agent: { api_key: hunter2hunter2 }", "api-key: hunter2hunter2",
        "agent: { environment: { MY_TOKEN: hunter2hunter2 } }", "password: hunter2hunter2\nx: [",
        "agent: { model: { client_secret: hunter2hunter2 } }",
        "deliver: { push: \"https://me:hunter2hunter2@git.example/x\" }",
    ])
    func `what is named as a secret isn't shown in a complaint about something else`(line: String) {
        let found = diagnostics(Self.minimal + line + "\n")
        #expect(found.contains { $0.severity == .error })
        for diagnostic in found {
            for text in [diagnostic.text(), diagnostic.json.text, diagnostic.githubAnnotation] {
                #expect(!text.contains("hunter2"), "\(text)")
            }
        }
    }

    @Test
    func `what a program made is refused behind a key of one's own that is named as a secret`() {
        let found = diagnostics(Self.minimal + "x-ours: { x-deploy-token: \(Self.body)9d3f }\n")
        #expect(found.count == 1)
        #expect(found.first?.place?.line == 5)
        #expect(found.first?.text().contains("a secret seems to stand here") == true)
        #expect(found.allSatisfy { !$0.text().contains(Self.body) })
        let words = "x-token-place: the vault of the team\n"
        #expect(diagnostics(Self.minimal + words).map { $0.text() } == [])
    }

    @Test func `a token's message says what to do, and a placeholder is none`() {
        let line = "agent: { arguments: [lin_api_\(Self.body)] }\n"
        #expect(
            diagnostics(Self.minimal + line).map { $0.text() } == [
                """
                a.yml:5:22: error: a Linear token seems to stand here, and is not shown; secrets are only named: $NAME \
                of a variable or file:PATH; move it into a variable or a file, and renew it if others have seen this file
                    5 | agent: { arguments: [••••••••••••••••••••••••] }
                      |                      ^~~~~~~~~~~~~~~~~~~~~~~~
                """
            ]
        )
        let placeholder =
            "# LINEAR_API_KEY=lin_api_xxxxxxxxxxxxxxxx or lin_api_…, sk-learn-model-trainer\n"
        #expect(diagnostics(Self.minimal + placeholder).map { $0.text() } == [])
    }
}

@Suite struct WorkflowSetTests {
    private func members(_ tickets: [String], names: [String]? = nil) -> [WorkflowSet.Member] {
        tickets.enumerated().map { index, tickets in
            let name = names?[index] ?? "w\(index)"
            let path = Place.fixtures.appending("w\(index).yml")
            let text = """
                name: \(name)
                tickets: \(tickets)
                repository: { path: . }
                prompt: { template: prompt.md }

                """
            let context = ReadingContext.real(in: Place.fixtures).replacing(path, with: text)
            let file = "w\(index).yml"
            return (file, WorkflowFile.load(FilePath(file), in: context, defaults: nil))
        }
    }

    @Test func `two workflows of one name are an error`() {
        let found = WorkflowSet.diagnostics(
            members(["{ team: A }", "{ team: B }"], names: ["same", "same"])
        )
        #expect(
            found.map(\.description) == [
                "w1.yml:1:1: error: the name 'same' is taken by w0.yml; give each workflow a name of its own"
            ]
        )
    }

    @Test(arguments: [
        ("{ team: A }", "{ team: a, project: P }", true),
        ("{ team: A, labels: { all: [x, y] } }", "{ team: A, labels: { all: [X] } }", true),
        ("{ team: A }", "{ team: B }", false),
        ("{ team: A, states: [Todo, Ready] }", "{ team: A, states: [Icebox] }", false),
        ("{ team: A, labels: { all: [x] } }", "{ team: A, labels: { all: [y] } }", false),
        ("{ team: A, labels: { all: [x] } }", "{ team: A, labels: { none: [x] } }", false),
        ("{ team: A, project: P }", "{ team: A, project: Q }", false),
        ("{ team: A, cycle: active }", "{ team: A, cycle: next }", false),
    ])
    func `two workflows that take the same tickets are a warning`(
        left: String,
        right: String,
        overlap: Bool
    ) {
        let found = WorkflowSet.diagnostics(members([left, right]))
        #expect(found.map(\.severity) == (overlap ? [.warning] : []), "\(found)")
        guard overlap else { return }
        #expect(
            found.first?.description.hasPrefix(
                "w1.yml:2:1: warning: 'w0' in w0.yml takes the same tickets: team A, state 'Todo'; a ticket goes"
            ) == true
        )
    }
}
