package import Disk
package import Domain
package import SystemPackage

/// What a prompt holds of a repository's code, as Markdown.
package struct CodeContext: Equatable, Sendable {
    /// Empty when there is nothing to show.
    package var markdown: String
    /// For people: what wasn't found, left out or cut, one line each.
    package var notes: [String]

    /// Collects patterns, documents, the files that the ticket names and what the search finds, in that order
    /// of importance, in as many bytes as the settings allow.
    ///
    /// Only files of the tree are read. One that looks like a secret is named in the notes and never shown.
    /// Equal input gives equal text.
    ///
    /// - Parameters:
    ///   - task: What it's for.
    ///   - settings: `prompt.context` of the workflow.
    ///   - tree: The repository at one commit.
    ///   - search: The files that fit the task best, best first, at most so many.
    /// - Throws: What reading the tree and the search throw.
    package init(
        for task: CodeTask,
        settings: ContextSettings,
        tree: any SourceTree,
        search: (CodeTask, Int) async throws -> [CodeHit]
    ) async throws {
        let files = try await tree.files()
        var byPath: [String: SourceFile] = [:]
        byPath.reserveCapacity(files.count)
        for file in files { byPath[file.path] = file }
        var notes: [String] = []
        let patterns = settings.patterns.compactMap { CodePattern($0, in: files, &notes) }
        let documents = settings.documents.compactMap { CodePattern($0, in: files, &notes) }
        let named = Self.distinct(
            task.paths.flatMap { path -> [SourceFile] in
                if let file = byPath[path] { return [file] }
                return Glob(path).isGlob ? CodePattern.files(path, files, limit: 5) : []
            }
        )
        let hits =
            settings.searchFiles > 0 ? try await search(task, settings.searchFiles) : []
        var wanted: Set<SourceFile> = Set(named)
        for pattern in patterns + documents { wanted.formUnion(pattern.files) }
        wanted.formUnion(hits.compactMap { byPath[$0.path] })
        let texts = try await Self.read(wanted, from: tree, &notes)

        var writer = ContextWriter(
            budget: settings.bytes,
            texts: texts,
            verification: task.verification
        )
        for pattern in patterns { writer.addPattern(pattern) }
        writer.addMissing(
            Self.distinct(task.paths.filter { Self.isNew($0, byPath, files) }),
            among: files.lazy.map(\.path)
        )
        writer.addNamed(
            named.map(\.path),
            words: Set(CodeWords.words(of: task.title + "\n" + task.text).prefix(2000))
        )
        for pattern in documents { for file in pattern.files { writer.addDocument(file.path) } }
        writer.addHits(hits)
        markdown = writer.markdown
        self.notes = notes + writer.notes
    }

    /// Collects as above, with the search over the whole tree.
    ///
    /// - Parameters:
    ///   - task: What it's for.
    ///   - settings: `prompt.context` of the workflow.
    ///   - tree: The repository at one commit.
    ///   - cache: A folder for the search's index; `nil` for none.
    ///   - disk: Where the folder is.
    /// - Throws: What reading the tree throws.
    package init(
        for task: CodeTask,
        settings: ContextSettings,
        tree: any SourceTree,
        cache: FilePath?,
        disk: any FileSystem
    ) async throws {
        let search = CodeSearch(cache: cache, disk: disk)
        try await self.init(for: task, settings: settings, tree: tree) { task, limit in
            // Prose and settings are found too, and show nobody how code is written here.
            try await search.best(limit * 4, for: task.title + "\n" + task.text, in: tree)
                .filter { DefinitionSyntax.of($0.file.path) != nil }
                .prefix(limit)
                .map { CodeHit(path: $0.file.path, words: $0.words) }
        }
    }

    /// The folder for the index of one repository.
    package static func cache(_ root: FilePath, for repository: FilePath) -> FilePath {
        root.appending("code").appending(repository.string.fingerprint)
    }

    /// Each once, in the order of the first ones.
    private static func distinct<Element: Hashable>(_ elements: [Element]) -> [Element] {
        var seen: Set<Element> = []
        return elements.filter { seen.insert($0).inserted }
    }

    /// A path that a ticket names and nobody has made yet.
    private static func isNew(
        _ path: String,
        _ known: [String: SourceFile],
        _ files: [SourceFile]
    ) -> Bool {
        guard known[path] == nil, CodePattern.isInside(path), !Glob(path).isGlob,
            !path.hasSuffix("/"), let name = path.split(separator: "/").last
        else { return false }
        let folder = path + "/"
        return name.dropFirst().contains(".") && !files.contains { $0.path.hasPrefix(folder) }
    }

    /// The largest file that is looked at.
    private static let sizeLimit = 1_000_000

    private static func read(
        _ files: Set<SourceFile>,
        from tree: any SourceTree,
        _ notes: inout [String]
    ) async throws -> [String: CodeText] {
        var texts: [String: CodeText] = [:]
        var wanted: [SourceFile] = []
        var left: [String] = []
        for file in files.sorted(by: { $0.path < $1.path }) {
            let shown = ContextWriter.shown(file.path)
            if Secret.isNamedSo(file.path) {
                left.append("\(shown) is left out: it's named like a secret")
            } else if file.size > sizeLimit {
                left.append("\(shown) is left out: it has \(file.size) bytes")
            } else {
                wanted.append(file)
            }
        }
        try await tree.read(wanted) { file, bytes in
            let shown = ContextWriter.shown(file.path)
            // The size isn't always known before.
            if bytes.count > sizeLimit {
                left.append("\(shown) is left out: it has \(bytes.count) bytes")
            } else if bytes.contains(0) {
                left.append("\(shown) is left out: it isn't text")
            } else if let kind = Secret.kind(in: bytes, path: file.path) {
                left.append("\(shown) is left out: it seems to hold \(kind)")
            } else {
                texts[file.path] = CodeText(bytes)
            }
        }
        notes += left.sorted()
        return texts
    }
}
