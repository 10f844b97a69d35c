package import Domain

/// What a ticket's text says about other tickets and about files.
///
/// The text was written by strangers: everything here takes time in proportion to its length, whatever
/// it holds. What a reader doesn't see as the ticket's own words doesn't count: fenced code, quoted lines,
/// HTML comments, and words that are struck out.
package enum TicketText {
    /// The tickets that the text says this one waits for, each once, in the order of the text.
    ///
    /// These are:
    /// - those after "depends on", "depending on", "dependent on", "dependency on", "blocked by",
    ///   "blocked on", "blocked until", "waits for", "waits on", "waiting for", "waiting on", "requires",
    ///   "needs", "builds on", "stacked on", "on top of", "pending", "prerequisite", "after", "once",
    ///   "until" and "not before", in their forms. One may be a list ("FRE-1, FRE-2 and FRE-3"), a Linear
    ///   link, or come after a few words that end in a preposition ("depends on the tokens of FRE-12");
    ///   right after "after", "once", "until" and "before" only.
    /// - the items of a list under such words, or under a heading such as "Dependencies";
    /// - the items of a task list that begin with a ticket and aren't ticked, but under a heading such as
    ///   "Related".
    ///
    /// Words that deny it ("doesn't depend on", "no longer", "was blocked by", "if it needs") and sentences
    /// about another ticket ("FRE-2 depends on FRE-1") don't count, nor does anything in code.
    package static func mentions(in text: String) -> [TicketKey] {
        var scanner = MentionScanner()
        for line in Prose(text, keepsCode: false).lines { scanner.read(line) }
        scanner.finish()
        return scanner.mentions
    }

    /// The files, folders and globs of the repository that the text names: at most 200, each once, in
    /// the order of the text, relative to the repository's root.
    ///
    /// A leading `./` and a trailing `:21-82`, `#L21` or `#name` are off. A word counts in
    /// backticks or bare, when it looks like nothing but a path: it has a known extension, or it's a folder
    /// below one that repositories have, such as `src` or `docs`. A fence counts when each of its lines is
    /// a path. URLs, absolute paths, and ones with `..` never do, nor does a glob that stands for
    /// everything, or for all files of a kind at the root.
    package static func paths(in text: String) -> [String] {
        // A path has one of the first two, and a name that needs neither stands in code.
        guard text.utf8.contains(where: { "/.`~".utf8.contains($0) }) else { return [] }
        var scanner = PathScanner()
        scanner.read(Prose(text, keepsCode: true))
        return scanner.paths
    }

    /// The files, folders and globs that the text lists as the work: those of `paths` that stand under a
    /// heading such as "Files to create" or "Files to change", or behind such a label ("File to create: …",
    /// "Modify: …"), each at the beginning of its paragraph, item or fence.
    ///
    /// What is said of them, and what is named anywhere else, isn't in it: "Files to read", "Don't touch
    /// these files", "Files to change (if needed)".
    package static func work(in text: String) -> [String] { WorkScanner.paths(in: text) }

    /// The paths and globs on which two lists meet, by `PathPattern`; of two that meet, the more exact one.
    ///
    /// - Parameters:
    ///   - a: one ticket's paths.
    ///   - b: the other's.
    /// - Returns: Each once, sorted; nothing when both may be worked at the same time.
    package static func overlap(_ a: [String], _ b: [String]) -> [String] {
        let right = b.map(PathPattern.init)
        var found: Set<String> = []
        for left in a.map(PathPattern.init) {
            for other in right where left.meets(other) { found.insert(left.moreExact(other)) }
        }
        return found.sorted()
    }
}
