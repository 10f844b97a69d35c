#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// One line of the table of tools: the files that tell it, and its commands.
struct ToolRule: Sendable {
    /// Something that a command needs of the project.
    enum Need: Sendable {
        /// A file at the top; `*.x` is any with this ending.
        case file(String)
        /// A script of this name in `package.json` or `composer.json` that does something.
        case script(String, of: String)
        /// A target of a Makefile.
        case target(String)
        /// A word in a file.
        case word(String, in: String)

        func holds(in project: ProjectFiles) -> Bool {
            switch self {
            case .file(let name): return project.has(name)
            case .script(let name, let file):
                return project.text(of: file).map { Scripts($0).contains(name) } ?? false
            case .target(let name):
                guard let text = project.text(of: "Makefile") else { return false }
                return text.split(whereSeparator: \.isNewline).contains { line in
                    guard line.hasPrefix(name) else { return false }
                    let rest = line.dropFirst(name.count).drop { $0 == " " || $0 == "\t" }
                    return rest.hasPrefix(":") && !rest.hasPrefix(":=")
                }
            case .word(let word, let file): return project.text(of: file)?.contains(word) ?? false
            }
        }
    }

    struct Check: Sendable {
        var name: String
        var run: String
        var needs: [Need]

        init(_ name: String, _ run: String, _ needs: Need...) {
            self.name = name
            self.run = run
            self.needs = needs
        }
    }

    var name: String
    /// All of these must be there.
    var markers: [String]
    var setup: String?
    var checks: [Check]
    var makes: [String] = []
}

/// The names of the scripts in a `package.json` or `composer.json`.
private struct Scripts: Decodable {
    private struct Name: CodingKey {
        var stringValue: String
        var intValue: Int? { nil }

        init?(stringValue: String) { self.stringValue = stringValue }
        init?(intValue: Int) { nil }
    }
    private enum Key: String, CodingKey { case scripts }
    private var names: Set<String> = []

    init(_ text: String) {
        // What isn't JSON has no scripts that could be run.
        guard let read = try? JSONDecoder().decode(Scripts.self, from: Data(text.utf8)) else {
            return
        }
        names = read.names
    }

    init(from decoder: any Decoder) throws {
        let scripts = try decoder.container(keyedBy: Key.self)
            .nestedContainer(keyedBy: Name.self, forKey: .scripts)
        for key in scripts.allKeys {
            // What `npm init` writes fails on purpose.
            let command = try? scripts.decode(String.self, forKey: key)
            if command?.contains("no test specified") == true { continue }
            names.insert(key.stringValue)
        }
    }

    func contains(_ name: String) -> Bool { names.contains(name) }
}

extension ToolRule {
    /// What is known; the first rule whose markers are all there counts, so that the more exact one stands first.
    static let table: [ToolRule] = [javaScript, compiled, python, further].flatMap { $0 }

    private static var compiled: [ToolRule] {
        [
            ToolRule(
                name: "SwiftPM",
                markers: ["Package.swift"],
                setup: nil,
                checks: [
                    Check("build", "swift build --build-tests"),
                    Check(
                        "lint",
                        "swift format lint --strict --recursive .",
                        .file(".swift-format")
                    ),
                    Check("lint", "swiftlint --strict", .file(".swiftlint.yml")),
                    Check("test", "swift test", .file("Tests")),
                ],
                makes: [".build"]
            ),
            ToolRule(
                name: "Cargo",
                markers: ["Cargo.toml"],
                setup: "cargo fetch",
                checks: [
                    Check("build", "cargo build --all-targets"),
                    Check("lint", "cargo clippy -- -D warnings", .file("clippy.toml")),
                    Check("lint", "cargo clippy -- -D warnings", .file(".clippy.toml")),
                    Check("lint", "cargo fmt --check", .file("rustfmt.toml")),
                    Check("test", "cargo test"),
                ],
                makes: ["target"]
            ),
            ToolRule(
                name: "Go",
                markers: ["go.mod"],
                setup: "go mod download",
                checks: [
                    Check("build", "go build ./..."),
                    Check("lint", "golangci-lint run", .file(".golangci.yml")),
                    Check("lint", "go vet ./..."),
                    Check("test", "go test ./..."),
                ]
            ),
        ]
    }

    private static var further: [ToolRule] {
        [
            ToolRule(
                name: "Gradle",
                markers: ["gradlew"],
                setup: nil,
                checks: [
                    Check("build", "./gradlew assemble"), Check("test", "./gradlew check"),
                ],
                makes: [".gradle", "build"]
            ),
            ToolRule(
                name: "Maven wrapper",
                markers: ["mvnw", "pom.xml"],
                setup: nil,
                checks: [
                    Check("build", "./mvnw -B -DskipTests package"),
                    Check("test", "./mvnw -B test"),
                ],
                makes: ["target"]
            ),
            ToolRule(
                name: "Maven",
                markers: ["pom.xml"],
                setup: nil,
                checks: [
                    Check("build", "mvn -B -DskipTests package"), Check("test", "mvn -B test"),
                ],
                makes: ["target"]
            ),
            ToolRule(
                name: "Bundler",
                markers: ["Gemfile"],
                setup: "bundle install",
                checks: [
                    Check("lint", "bundle exec rubocop", .file(".rubocop.yml")),
                    Check("test", "bundle exec rspec", .file("spec")),
                    Check("test", "bundle exec rake test", .file("Rakefile"), .file("test")),
                ]
            ),
            ToolRule(
                name: "Composer",
                markers: ["composer.json"],
                setup: "composer install --no-interaction",
                checks: ["lint", "test"].map {
                    Check($0, "composer run-script \($0)", .script($0, of: "composer.json"))
                },
                makes: ["vendor"]
            ),
            dotNet("*.sln"), dotNet("*.slnx"), dotNet("*.csproj"),
            ToolRule(
                name: "make",
                markers: ["Makefile"],
                setup: nil,
                checks: [
                    Check("build", "make build", .target("build")),
                    Check("build", "make", .target("all")),
                    Check("lint", "make lint", .target("lint")),
                    Check("test", "make test", .target("test")),
                    Check("test", "make check", .target("check")),
                ]
            ),
        ]
    }

    private static var javaScript: [ToolRule] {
        [
            ("pnpm", "pnpm-lock.yaml", "pnpm install --frozen-lockfile"),
            ("Yarn", "yarn.lock", "yarn install --frozen-lockfile"),
            ("Bun", "bun.lock", "bun install --frozen-lockfile"),
            ("Bun", "bun.lockb", "bun install --frozen-lockfile"),
            ("npm", "package-lock.json", "npm ci"), ("npm", nil, "npm install"),
        ].map { (name: String, lock: String?, setup: String) in
            ToolRule(
                name: name,
                markers: ["package.json"] + (lock.map { [$0] } ?? []),
                setup: setup,
                checks: ["build", "typecheck", "lint", "test"].map { script in
                    Check(
                        script,
                        "\(name.lowercased()) run \(script)",
                        .script(script, of: "package.json")
                    )
                },
                makes: ["node_modules"]
            )
        }
    }

    private static var python: [ToolRule] {
        func checks(_ prefix: String, _ file: String) -> [Check] {
            [
                Check("lint", prefix + "ruff check", .word("ruff", in: file)),
                Check("lint", prefix + "ruff check", .file("ruff.toml")),
                Check("types", prefix + "mypy .", .word("mypy", in: file)),
                Check("test", prefix + "pytest", .word("pytest", in: file)),
                Check("test", prefix + "pytest", .file("pytest.ini")),
            ]
        }
        let virtual = "python3 -m venv .venv && .venv/bin/pip install"
        return [
            ToolRule(
                name: "uv",
                markers: ["pyproject.toml", "uv.lock"],
                setup: "uv sync --frozen",
                checks: checks("uv run ", "pyproject.toml"),
                makes: [".venv"]
            ),
            ToolRule(
                name: "Poetry",
                markers: ["pyproject.toml", "poetry.lock"],
                setup: "poetry install --no-interaction",
                checks: checks("poetry run ", "pyproject.toml")
            ),
            ToolRule(
                name: "pip",
                markers: ["requirements.txt"],
                setup: virtual + " -r requirements.txt",
                checks: checks(".venv/bin/", "requirements.txt"),
                makes: [".venv"]
            ),
            ToolRule(
                name: "pip",
                markers: ["pyproject.toml"],
                setup: virtual + " -e .",
                checks: checks(".venv/bin/", "pyproject.toml"),
                makes: [".venv"]
            ),
        ]
    }

    private static func dotNet(_ marker: String) -> ToolRule {
        ToolRule(
            name: ".NET",
            markers: [marker],
            setup: "dotnet restore",
            checks: [
                Check("build", "dotnet build --no-restore"),
                Check("test", "dotnet test --no-build"),
            ],
            makes: ["bin", "obj"]
        )
    }
}
