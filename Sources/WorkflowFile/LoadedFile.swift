package import SystemPackage
package import YAML

/// What came of a file: its value when it has no errors, and all that is to be said about it.
package struct LoadedFile<Value: Sendable>: Sendable {
    /// `nil` when a diagnostic is an error.
    package let value: Value?
    /// What the file says where it isn't wrong, with defaults elsewhere; `nil` when it can't be made sense of at all.
    package let salvaged: Value?
    /// Errors and warnings with their source lines, in the order of the file; then those of the template and
    /// of what it includes.
    package let diagnostics: [Diagnostic]
    /// The file as it was read; empty when it couldn't be.
    package let bytes: [UInt8]
    /// The file itself, then those that it names and that were read for its value; all absolute.
    package let files: [FilePath]
    /// The keys as they are in force, with where each one comes from; empty when there is no value.
    package let resolved: [ResolvedKey]
    /// What a configuration says for all its workflows, be it good or not.
    package let defaults: WorkflowDefaults?
    /// Where the keys stand in the file itself, by their names with the sections around them.
    let keyPlaces: [String: SourcePlace]

    /// Whether an error stands in the line of a key.
    package func isWrong(_ key: String) -> Bool {
        guard let line = keyPlaces[key]?.line else { return false }
        return diagnostics.contains { $0.severity == .error && $0.place?.line == line }
    }

    /// Reads a file by a table.
    ///
    /// - Parameters:
    ///   - path: As the user gave it, relative to the context's current folder.
    ///   - context: What may be looked at.
    ///   - table: The keys.
    ///   - draft: The defaults.
    ///   - defaults: What the configuration says for all workflows; read before the file.
    ///   - check: What concerns more than one key.
    ///   - finish: Makes the value.
    /// - Returns: The value, unless there are errors, and the diagnostics.
    static func load<Draft>(
        _ path: FilePath,
        in context: ReadingContext,
        by table: Table<Draft>,
        into draft: Draft,
        defaults: WorkflowDefaults? = nil,
        check: (Draft, YAMLNode, inout Reading) -> Void,
        finish: (Draft) -> Value
    ) -> LoadedFile {
        let file = path.string
        let absolute = context.currentFolder.pushing(path).lexicallyNormalized()
        let bytes: [UInt8]
        do throws(FileReadError) {
            bytes = try context.read(absolute)
        } catch {
            let found = Diagnostic(file: file, place: nil, message: error.description)
            return LoadedFile(
                value: nil,
                salvaged: nil,
                diagnostics: [found],
                bytes: [],
                files: [absolute],
                resolved: [],
                defaults: nil,
                keyPlaces: [:]
            )
        }
        let document = YAMLDocument(bytes, file: file)
        var reading = Reading(
            file: file,
            folder: absolute.removingLastComponent(),
            context: context,
            source: SourceText(bytes)
        )
        var draft = draft
        let secrets = reading.coverTokens()
        if let root = document.root {
            reading.coverSecrets(in: root)
            if let defaults { reading.inherit(defaults, below: root, by: table, into: &draft) }
            table.read(root, into: &draft, &reading)
            for key in reading.unknownKeys.flatMap({ [$0] + $0.inner }) {
                let inside = key.path.isEmpty ? "" : " in '\(key.path.joined(separator: "."))'"
                reading.report(
                    key.entry.keyPlace,
                    "no key \(ShownText.quoted(key.entry.key)) here\(inside)",
                    hint: key.hint(names: table.names, isSecret: reading.isHidden)
                )
            }
            check(draft, root, &reading)
        } else {
            if document.diagnostics.isEmpty {
                reading.report(
                    SourcePlace(line: 1, column: 1),
                    "the file is empty",
                    hint: "copy one that ships with Linecook, or write \(table.keys[0].name): …"
                )
            }
            reading.hideWhatLooksSecret()
        }
        reading.refuse(secrets)
        // What YAML can't make sense of has no value, and is not complained about a second time for that.
        let broken = Set(document.diagnostics.compactMap { $0.place.map(\.description) })
        let further = reading.diagnostics.filter { found in
            found.file != file || !(found.place.map { broken.contains($0.description) } ?? false)
        }
        var seen: Set<Diagnostic> = []
        let diagnostics = (document.diagnostics + further)
            .map(reading.showing)
            .filter { seen.insert($0).inserted }
            .sorted(by: reading.isBefore)
        let isUsable = document.root != nil && !diagnostics.contains { $0.severity == .error }
        return LoadedFile(
            value: isUsable ? finish(draft) : nil,
            salvaged: document.root == nil ? nil : finish(draft),
            diagnostics: diagnostics,
            bytes: bytes,
            files: [absolute] + [defaults?.path].compactMap { $0 } + reading.otherFiles,
            resolved: isUsable ? table.resolved(draft, reading) : [],
            defaults: document.root?["defaults"].map {
                WorkflowDefaults(file: file, path: absolute, source: reading.source, node: $0)
            },
            keyPlaces: reading.sites.mapValues(\.keyPlace)
        )
    }
}

extension Reading {
    /// Reads what the configuration says for all workflows; what is wrong with it is told where the configuration
    /// itself is read.
    fileprivate mutating func inherit<Draft>(
        _ defaults: WorkflowDefaults,
        below root: YAMLNode,
        by table: Table<Draft>,
        into draft: inout Draft
    ) {
        var base = Reading(
            file: defaults.file,
            folder: defaults.path.removingLastComponent(),
            context: context,
            source: defaults.source
        )
        base.withNothingRequired { table.read(defaults.node(below: root), into: &draft, &$0) }
        for path in base.otherFiles { note(otherFile: path) }
        inherited = InheritedKeys(
            file: base.file,
            source: defaults.source,
            sites: base.sites.mapValues {
                KeySite(node: $0.node, keyPlace: $0.keyPlace, isInherited: true)
            }
        )
    }
}
