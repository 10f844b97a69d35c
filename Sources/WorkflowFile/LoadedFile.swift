package import SystemPackage
package import YAML

/// What came of a file: its value when it has no errors, and all that is to be said about it.
package struct LoadedFile<Value: Sendable>: Sendable {
    /// `nil` when a diagnostic is an error.
    package let value: Value?
    /// Errors and warnings with their source lines, in the order of the file; then those of the template and
    /// of what it includes.
    package let diagnostics: [Diagnostic]
    /// The file as it was read; empty when it couldn't be.
    package let bytes: [UInt8]
    /// The file itself, then those that it names and that were read for its value; all absolute.
    package let files: [FilePath]

    /// Reads a file by a table.
    ///
    /// - Parameters:
    ///   - path: As the user gave it, relative to the context's current folder.
    ///   - context: What may be looked at.
    ///   - table: The keys.
    ///   - draft: The defaults.
    ///   - check: What concerns more than one key.
    ///   - finish: Makes the value.
    /// - Returns: The value, unless there are errors, and the diagnostics.
    static func load<Draft>(
        _ path: FilePath,
        in context: ReadingContext,
        by table: Table<Draft>,
        into draft: Draft,
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
            return LoadedFile(value: nil, diagnostics: [found], bytes: [], files: [absolute])
        }
        let document = YAMLDocument(bytes, file: file)
        var reading = Reading(
            file: file,
            folder: absolute.removingLastComponent(),
            context: context,
            source: SourceText(bytes)
        )
        var draft = draft
        if let root = document.root {
            table.read(root, into: &draft, &reading)
            for key in reading.unknownKeys {
                let inside = key.path.isEmpty ? "" : " in '\(key.path.joined(separator: "."))'"
                reading.report(
                    key.entry.keyPlace,
                    "no key \(ShownText.quoted(key.entry.key)) here\(inside)",
                    hint: key.hint(names: table.names)
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
        // What YAML can't make sense of has no value, and is not complained about a second time for that.
        let broken = Set(document.diagnostics.compactMap { $0.place.map(\.description) })
        let further = reading.diagnostics.filter { found in
            found.file == file && !(found.place.map { broken.contains($0.description) } ?? false)
        }
        var seen: Set<Diagnostic> = []
        let own = (document.diagnostics + further)
            .map { $0.showing(reading.source) }
            .filter { seen.insert($0).inserted }
            .sorted(by: Diagnostic.isBefore)
        let diagnostics = own + reading.diagnostics.filter { $0.file != file }
        let isUsable = document.root != nil && !diagnostics.contains { $0.severity == .error }
        return LoadedFile(
            value: isUsable ? finish(draft) : nil,
            diagnostics: diagnostics,
            bytes: bytes,
            files: [absolute] + reading.otherFiles
        )
    }
}

extension Reading {
    /// Covers what stands behind `token:` and its like in a file that has no tree to look it up in.
    fileprivate mutating func hideWhatLooksSecret() {
        for number in 1...max(source.lineCount, 1) {
            let line = Array(source.line(number).unicodeScalars)
            let text = source.line(number).lowercased()
            guard ["token", "secret", "password", "key"].contains(where: { text.contains($0) }),
                let colon = line.firstIndex(of: ":")
            else { continue }
            let start = line[(colon + 1)...].firstIndex { $0 != " " } ?? line.count
            let rest = String(String.UnicodeScalarView(line[start...]))
            guard !rest.hasPrefix("$"), !rest.hasPrefix("file:") else { continue }
            hide(SourcePlace(line: number, column: start + 1, length: line.count - start))
        }
    }
}
