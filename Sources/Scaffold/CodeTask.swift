/// What code is looked for.
package struct CodeTask: Equatable, Sendable {
    package var title: String
    /// The ticket's description, or the section of a prompt file.
    package var text: String
    /// The files and globs that the ticket names.
    package var paths: [String]
    /// The commands that verify the work.
    package var verification: [String]

    package init(title: String, text: String, paths: [String], verification: [String]) {
        self.title = title
        self.text = text
        self.paths = paths
        self.verification = verification
    }
}

/// A file that the search found.
package struct CodeHit: Equatable, Sendable {
    package var path: String
    /// The task's words that stand in it, in small letters.
    package var words: Set<String>

    package init(path: String, words: Set<String>) {
        self.path = path
        self.words = words
    }
}
