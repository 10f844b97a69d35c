import Setup
import Testing

@Suite struct ProjectToolsTests {
    private static let scripts =
        #"{"scripts":{"build":"next build","lint":"eslint .","test":"vitest","evil; rm -rf ~":"x"}}"#

    /// The files, the tool's name, its setup and its checks.
    @Test(
        arguments: [
            (
                ["package.json": scripts, "package-lock.json": ""], "npm", "npm ci",
                "npm run build, npm run lint, npm run test"
            ),
            (
                ["package.json": scripts], "npm", "npm install",
                "npm run build, npm run lint, npm run test"
            ),
            (
                ["package.json": scripts, "pnpm-lock.yaml": ""], "pnpm",
                "pnpm install --frozen-lockfile", "pnpm run build, pnpm run lint, pnpm run test"
            ),
            (
                [
                    "package.json": #"{"scripts":{"typecheck":"tsc"}}"#, "yarn.lock": "",
                    "Makefile": "build:\n",
                ],
                "Yarn", "yarn install --frozen-lockfile", "yarn run typecheck"
            ),
            (
                ["package.json": #"{"scripts":{"test":"bun test","lint":7}}"#, "bun.lock": ""],
                "Bun",
                "bun install --frozen-lockfile", "bun run lint, bun run test"
            ),
            (
                [
                    "package.json":
                        #"{"scripts":{"test":"echo \"Error: no test specified\" && exit 1"}}"#
                ], "npm", "npm install", ""
            ),
            (["package.json": "not JSON"], "npm", "npm install", ""),
            (
                ["Package.swift": "", "Tests": ""], "SwiftPM", nil,
                "swift build --build-tests, swift test"
            ),
            (
                ["Package.swift": "", ".swift-format": ""], "SwiftPM", nil,
                "swift build --build-tests, swift format lint --strict --recursive ."
            ),
            (
                ["Cargo.toml": "", "rustfmt.toml": ""], "Cargo", "cargo fetch",
                "cargo build --all-targets, cargo fmt --check, cargo test"
            ),
            (
                ["go.mod": ""], "Go", "go mod download",
                "go build ./..., go vet ./..., go test ./..."
            ),
            (
                [
                    "pyproject.toml": "[tool.ruff]\n[dependency-groups]\ndev = [\"pytest\"]",
                    "uv.lock": "",
                ],
                "uv", "uv sync --frozen", "uv run ruff check, uv run pytest"
            ),
            (
                ["pyproject.toml": "pytest", "poetry.lock": ""], "Poetry",
                "poetry install --no-interaction", "poetry run pytest"
            ),
            (
                ["requirements.txt": "ruff==0.9\n"], "pip",
                "python3 -m venv .venv && .venv/bin/pip install -r requirements.txt",
                ".venv/bin/ruff check"
            ),
            (
                ["pyproject.toml": ""], "pip",
                "python3 -m venv .venv && .venv/bin/pip install -e .", ""
            ),
            (
                ["gradlew": "", "build.gradle.kts": ""], "Gradle", nil,
                "./gradlew assemble, ./gradlew check"
            ),
            (["pom.xml": ""], "Maven", nil, "mvn -B -DskipTests package, mvn -B test"),
            (
                ["pom.xml": "", "mvnw": ""], "Maven wrapper", nil,
                "./mvnw -B -DskipTests package, ./mvnw -B test"
            ),
            (
                ["Gemfile": "", ".rubocop.yml": "", "spec": ""], "Bundler", "bundle install",
                "bundle exec rubocop, bundle exec rspec"
            ),
            (
                ["composer.json": #"{"scripts":{"test":["a","b"]}}"#], "Composer",
                "composer install --no-interaction", "composer run-script test"
            ),
            (
                ["App.sln": ""], ".NET", "dotnet restore",
                "dotnet build --no-restore, dotnet test --no-build"
            ),
            (
                ["Makefile": "CC := cc\ntest : build\n\ttrue\ncheck:\nlint=1\nbuild:=2\nall:\n"],
                "make", nil,
                "make, make test"
            ),
        ] as [([String: String], String, String?, String)]
    )
    func `a project's files tell what it's built and checked with`(
        files: [String: String],
        name: String,
        setup: String?,
        checks: String
    ) throws {
        let tools = try #require(ProjectTools.find(in: project(files)))
        #expect(tools.name == name)
        #expect(tools.setup == setup)
        #expect(tools.checks.map(\.run).joined(separator: ", ") == checks)
        #expect(Set(tools.checks.map(\.name)).count == tools.checks.count)
        #expect(Set(tools.files).isSubset(of: Set(files.keys).union(["*.sln"])))
    }

    @Test func `nothing is made up for a project that nothing is known of`() {
        #expect(ProjectTools.find(in: project(["README.md": "# Hello", "x.sln.txt": ""])) == nil)
        #expect(ProjectTools.find(in: project([:])) == nil)
    }

    @Test func `a file that can't be read has no scripts`() {
        let project = ProjectFiles(names: ["package.json"]) { _ in nil }
        #expect(ProjectTools.find(in: project)?.checks == [])
        let huge = ProjectFiles(names: ["package.json"]) { _ in
            Array(Self.scripts.utf8) + [UInt8](repeating: 0x20, count: 1 << 20)
        }
        #expect(ProjectTools.find(in: huge)?.checks == [])
    }

    private func project(_ files: [String: String]) -> ProjectFiles {
        ProjectFiles(names: files.keys) { files[$0].map { Array($0.utf8) } }
    }
}
