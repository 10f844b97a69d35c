/// What a path alone says about a file's worth as an example.
enum CodeRank {
    /// What a file's score is multiplied with when it's a test, generated, or somebody else's.
    static let asideWeight = 0.2

    /// Whether a file is a test, generated, minified, a lock file, or copied in from elsewhere.
    static func isAside(_ path: String) -> Bool {
        let parts = path.split(separator: "/")
        guard let name = parts.last else { return false }
        return parts.dropLast().contains(where: isAsideFolder) || isAsideFile(name)
    }

    private static func isAsideFolder(_ name: Substring) -> Bool {
        // `FooTests` of Swift, `Foo.Tests` of .NET; not `latests` or `contests`.
        if name.hasSuffix("Tests") || name.hasSuffix("UITest") { return true }
        return folders.contains(name.lowercased())
    }

    private static func isAsideFile(_ name: Substring) -> Bool {
        if caseEndings.contains(where: { name.hasSuffix($0) }) { return true }
        let small = name.lowercased()
        return names.contains(small) || small.hasPrefix("test_")
            || endings.contains(where: { small.hasSuffix($0) })
            || infixes.contains(where: { contains(small, $0) })
    }

    private static func contains(_ name: String, _ infix: String) -> Bool {
        // Between two dots, so that comparing the parts does.
        name.split(separator: ".").dropFirst().dropLast().contains { $0 == infix }
    }

    private static let folders: Set<String> = [
        // Not written here
        "node_modules", "bower_components", "jspm_packages", "vendor", "vendored", "third_party",
        "third-party", "thirdparty", "pods", "carthage", ".yarn", "site-packages",
        // Made by programs
        "dist", "build", "out", "target", "generated", "__generated__", "gen", "autogen",
        "coverage",
        ".next", ".nuxt", "snapshots", "__snapshots__",
        // Tests
        "test", "tests", "__tests__", "spec", "specs", "testing", "testdata", "test-data", "e2e",
        "cypress", "fixtures", "__fixtures__", "mocks", "__mocks__", "androidtest",
    ]

    private static let names: Set<String> = [
        "package-lock.json", "npm-shrinkwrap.json", "pnpm-lock.yaml", "go.sum", "package.resolved",
        "packages.lock.json", "gradle.lockfile", "bun.lockb", "conftest.py",
    ]

    private static let endings = [
        ".lock", ".map", ".snap", ".pb.go", ".pb.cc", ".pb.h", ".pb.swift", "_pb2.py", "_pb2.pyi",
        "_pb.js", "_pb.ts", ".g.dart", ".freezed.dart", ".designer.cs", ".g.cs", "_generated.go",
        "_test.go", "_test.py", "_test.rb", "_spec.rb", "_test.exs", "_test.dart", "_test.cc",
        "_test.cpp", "_test.rs",
    ]

    /// Of names whose case tells that a word starts: `ParserTests.swift`, not `contest.java`.
    private static let caseEndings = [
        "Test", "Tests", "Spec", "IT",
    ].flatMap { word in ["swift", "java", "kt", "scala", "cs", "php", "m"].map { "\(word).\($0)" } }

    private static let infixes = [
        "min", "bundle", "test", "spec", "tests", "e2e", "generated", "gen", "stories",
    ]
}
