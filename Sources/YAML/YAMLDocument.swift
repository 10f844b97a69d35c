/// A YAML file as a tree of nodes that know their places, and all that is wrong with it.
package struct YAMLDocument: Sendable {
    /// The bounds of what is read; a file beyond them is refused, whatever it holds.
    package struct Limits: Sendable {
        /// The size of the file.
        package var bytes = 16 << 20
        /// Sequences and mappings inside one another, aliases followed.
        package var depth = 100
        /// Nodes that aliases and merge keys add to those that stand in the file.
        package var aliasedNodes = 100_000
        /// Diagnostics after which reading ends.
        package var diagnostics = 100

        package init() {}
    }

    /// The value of the file; `nil` when it holds none or can't be read to its end.
    package let root: YAMLNode?
    /// In the order of the file.
    package let diagnostics: [Diagnostic]

    /// Reads one document of YAML 1.2.
    ///
    /// What can be read past (a duplicate key, an unknown tag, an unknown alias) is reported together; a syntax
    /// error ends the reading. Never traps, whatever the bytes are.
    ///
    /// - Parameters:
    ///   - bytes: The whole file.
    ///   - file: Its name for diagnostics.
    ///   - limits: The bounds.
    package init(_ bytes: [UInt8], file: String, limits: Limits = Limits()) {
        guard bytes.count <= limits.bytes else {
            root = nil
            diagnostics = [
                Diagnostic(
                    file: file,
                    place: nil,
                    message:
                        "the file has \(bytes.count) bytes; at most \(limits.bytes) are allowed",
                    hint: "split it"
                )
            ]
            return
        }
        let mark = bytes.starts(with: [0xEF, 0xBB, 0xBF]) ? 3 : 0
        var builder = TreeBuilder(file: file, limits: limits)
        var root: YAMLNode?
        if let place = LineSeparators.first(in: bytes) {
            builder.report(
                place,
                "a line separator of Unicode (NEL, LS or PS) stands here; YAML 1.2 ends lines"
                    + " with LF or CRLF only",
                hint: "remove it, or write it as \\u2028 in double quotes"
            )
        } else {
            let events = EventReader(bytes[mark...])
            do throws(EventReader.Problem) {
                root = try builder.build(from: events)
            } catch {
                let (place, message, hint) = SyntaxProblem.explained(
                    error,
                    in: SourceText(bytes),
                    markLength: mark
                )
                builder.report(place, message, hint: hint)
            }
        }
        self.root = root
        guard !builder.diagnostics.isEmpty else {
            diagnostics = []
            return
        }
        let source = SourceText(bytes)
        var seen: Set<Diagnostic> = []
        diagnostics = TreeBuilder.explained(builder.diagnostics, in: source)
            .filter { seen.insert($0).inserted }
            .sorted(by: Diagnostic.isBefore).map { $0.showing(source) }
    }
}

/// Characters that libyaml, as a parser of YAML 1.1, takes for the end of a line, and no editor does.
///
/// Were they let through, a comment could hide keys behind one, and all later lines would be counted wrongly.
private enum LineSeparators {
    static func first(in bytes: [UInt8]) -> SourcePlace? {
        var index = bytes.startIndex
        while let found = bytes[index...].firstIndex(where: { $0 == 0xC2 || $0 == 0xE2 }) {
            let next = bytes[found...].prefix(3)
            if next.starts(with: [0xC2, 0x85]) || next.elementsEqual([0xE2, 0x80, 0xA8])
                || next.elementsEqual([0xE2, 0x80, 0xA9])
            {
                return SourceText(bytes).place(ofByte: found)
            }
            index = found + 1
        }
        return nil
    }
}
