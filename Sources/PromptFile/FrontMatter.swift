import YAML

/// The YAML at the top of a prompt file with the two lines around it; empty when there is none.
struct FrontMatter: Equatable, Sendable {
    var text: String

    /// Whether a line begins or ends front matter.
    static func isDelimiter(_ line: Substring) -> Bool {
        let line = line.content
        return line.utf8.starts(with: "---".utf8)
            && line.utf8.dropFirst(3).allSatisfy(\.isBlank)
    }

    init(text: String) { self.text = text }

    /// Front matter that holds `phases` alone, in the article's form.
    init(_ phases: [PromptFile.Phase]) {
        text = "---\n" + Self.block(phases) + "---\n"
    }

    /// What YAML reads: all but the last line, so that places are those of the file.
    var yaml: [UInt8] { Array(Lines.split(text).dropLast().joined().utf8) }

    /// The same with other phases: what stands there stays wherever it can.
    ///
    /// - Parameters:
    ///   - current: Those that `text` names.
    ///   - phases: The new ones; none change nothing.
    /// - Returns: Front matter that is read as `phases`.
    func replacing(
        _ current: [PromptFile.Phase]?,
        with phases: [PromptFile.Phase]
    ) -> FrontMatter {
        if phases.isEmpty || phases == current { return self }
        if let current, let edited = adding(phases, to: current), edited.read() == phases {
            return edited
        }
        guard !text.isEmpty else { return FrontMatter(phases) }
        var lines = Lines.split(text).map(String.init)
        let entries = topLevelLines()
        if let found = entries.first(where: { $0.key == "phases" }) {
            let last = lines[found.lines].lastIndex {
                !$0[...].isBlankLine && !($0.hasPrefix("#"))
            }
            lines.replaceSubrange(
                found.lines.lowerBound...(last ?? found.lines.lowerBound),
                with: [Self.block(phases)]
            )
        } else {
            lines.insert(Self.block(phases), at: lines.count - 1)
        }
        let replaced = FrontMatter(text: lines.joined())
        return replaced.read() == phases ? replaced : FrontMatter(phases)
    }

    /// The phases that the text names; `nil` when there are none or something is wrong with them.
    func read() -> [PromptFile.Phase]? {
        var reader = PhaseReader(file: "", prompts: nil)
        let phases = reader.read(self)
        return reader.diagnostics.contains { $0.severity == .error } ? nil : phases
    }

    /// The key `phases` with its value.
    static func block(_ phases: [PromptFile.Phase]) -> String {
        "phases:\n" + phases.map { "  " + line($0) }.joined()
    }

    private static func line(_ phase: PromptFile.Phase) -> String {
        let prompts = phase.prompts.map(String.init).joined(separator: ", ")
        let depends = phase.dependsOn.map(name).joined(separator: ", ")
        return "\(name(phase.name)): { prompts: [\(prompts)], parallel: \(phase.parallel), "
            + "depends_on_phases: [\(depends)] }\n"
    }

    /// A name as YAML takes it for a text.
    private static func name(_ name: String) -> String {
        let first = name.utf8.first ?? 0
        let isPlain =
            (0x41...0x5A).contains(first) || (0x61...0x7A).contains(first)
        let isWord = name.utf8.allSatisfy {
            (0x41...0x5A).contains($0) || (0x61...0x7A).contains($0) || $0.isDigit || $0 == 0x5F
                || $0 == 0x2D
        }
        let isKeyword = ["true", "false", "null"].contains(name.lowercased())
        return isPlain && isWord && !isKeyword ? name : JSONValue.string(name).text
    }

    /// The lines that each key of the top level takes.
    private func topLevelLines() -> [(key: String, lines: Range<Int>)] {
        guard let root = YAMLDocument(yaml, file: "").root,
            case .mapping(let entries) = root.content
        else { return [] }
        let starts = entries.map { $0.keyPlace.line - 1 }
        let end = Lines.split(text).count - 1
        return entries.indices.map { index in
            let next = starts.filter { $0 > starts[index] }.min() ?? end
            return (entries[index].key, starts[index]..<next)
        }
    }
}

extension FrontMatter {
    /// The same with numbers added to phases and phases added at the end, `nil` when more than that changes
    /// or the text doesn't lend itself to it.
    private func adding(
        _ phases: [PromptFile.Phase],
        to current: [PromptFile.Phase]
    ) -> FrontMatter? {
        guard phases.count >= current.count else { return nil }
        for (new, old) in zip(phases, current) {
            var same = new
            same.prompts = old.prompts
            guard same == old, new.prompts.starts(with: old.prompts) else { return nil }
        }
        guard let root = YAMLDocument(yaml, file: "").root, let node = root["phases"],
            case .mapping(let entries) = node.content, entries.count == current.count
        else { return nil }
        var lines = Lines.split(text).map(String.init)
        if phases.count > current.count {
            guard let first = entries.first, first.keyPlace.line > 1,
                let block = topLevelLines().first(where: { $0.key == "phases" }),
                let last = block.lines.last(where: { !lines[$0][...].isBlankLine })
            else { return nil }
            let indent = String(repeating: " ", count: first.keyPlace.column - 1)
            let added = phases[current.count...].map { indent + Self.line($0) }
            lines.insert(contentsOf: added, at: last + 1)
        }
        // From the last on, so that the places of those before stay right.
        for (index, entry) in entries.enumerated().reversed() {
            let added = phases[index].prompts.dropFirst(current[index].prompts.count)
            guard !added.isEmpty else { continue }
            guard let prompts = entry.value["prompts"],
                case .sequence(let items) = prompts.content,
                Self.add(Array(added), to: items, at: prompts.place, in: &lines)
            else { return nil }
        }
        return FrontMatter(text: lines.joined())
    }

    /// Adds numbers to a list, `[1, 2]` or one item a line.
    private static func add(
        _ numbers: [Int],
        to items: [YAMLNode],
        at place: SourcePlace,
        in lines: inout [String]
    ) -> Bool {
        let start = place.line - 1
        let scalars = Array(lines[start].unicodeScalars)
        guard place.column <= scalars.count else { return false }
        if scalars[place.column - 1] == "[" {
            guard let end = scalars[place.column...].firstIndex(of: "]") else { return false }
            var line = String.UnicodeScalarView(scalars[..<end])
            let text = numbers.map(String.init).joined(separator: ", ")
            line.append(contentsOf: ((items.isEmpty ? "" : ", ") + text).unicodeScalars)
            line.append(contentsOf: scalars[end...])
            lines[start] = String(line)
            return true
        }
        guard let last = items.last?.place else { return false }
        let line = Array(lines[last.line - 1].unicodeScalars)
        let head = String(String.UnicodeScalarView(line.prefix(last.column - 1)))
        guard head.contains("-"), head.allSatisfy({ $0 == " " || $0 == "-" }) else { return false }
        let end = lines[last.line - 1].hasSuffix("\r\n") ? "\r\n" : "\n"
        lines.insert(contentsOf: numbers.map { head + String($0) + end }, at: last.line)
        return true
    }
}
