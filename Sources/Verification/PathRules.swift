import Scaffold

/// Globs of a team's own, as rules for the paths of files.
///
/// A glob without a `/` inside it holds in every folder; one that stands for a folder holds for all that is
/// below it.
struct PathRules: Sendable {
    private let rules: [(text: String, globs: [Glob])]

    /// - Parameters:
    ///   - texts: The globs.
    ///   - anywhere: Whether each may begin in any folder.
    init(_ texts: [String], anywhere: Bool = false) {
        rules = texts.map { text in
            var glob = Substring(text)
            if glob.hasPrefix("./") { glob = glob.dropFirst(2) }
            while glob.hasPrefix("/") { glob.removeFirst() }
            let isFolder = glob.hasSuffix("/")
            while glob.hasSuffix("/") { glob.removeLast() }
            let start = anywhere || !glob.contains("/") ? "**/" : ""
            let below = Glob("\(start)\(glob)/**")
            return (text, isFolder ? [below] : [Glob("\(start)\(glob)"), below])
        }
    }

    /// The first rule that holds for a path.
    func rule(for path: String) -> String? {
        rules.first { $0.globs.contains { $0.matches(path) } }?.text
    }

    /// The rules that hold for none of some paths.
    func unmet(by paths: [String]) -> [String] {
        rules.filter { rule in
            !paths.contains { path in rule.globs.contains { $0.matches(path) } }
        }
        .map(\.text)
    }
}
