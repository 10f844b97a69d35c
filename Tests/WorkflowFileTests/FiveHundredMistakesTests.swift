import SystemPackage
import TestSupport
import Testing
import WorkflowFile
import YAML

/// One mistake made in a file on purpose, which knows where it is and what must be said about it.
struct Mistake {
    enum Kind: CaseIterable {
        case misspeltKey
        case unknownKey
        case foreignKey
        case duplicatedKey
        case missingKey
        case wrongType
        case outOfRange
        case badChoice
        case badDuration
        case emptyValue
        case literalToken
        case tab
        case indented
        case outdented
        case openQuote
        case openBracket
        case secondColon
        case unknownAnchor
        case unknownTag
        case secondDocument
        case controlCharacter

        /// Whether the file can still be read as YAML, so that all its other mistakes are found too.
        var isReadable: Bool {
            switch self {
            case .misspeltKey, .unknownKey, .foreignKey, .missingKey, .wrongType, .outOfRange,
                .badChoice, .badDuration, .emptyValue, .literalToken:
                true
            case .duplicatedKey, .tab, .indented, .outdented, .openQuote, .openBracket,
                .secondColon, .unknownAnchor, .unknownTag, .secondDocument, .controlCharacter:
                false
            }
        }
    }

    var kind: Kind
    /// The line of the file that is changed, from 0.
    var index: Int
    /// What takes its place.
    var lines: [String]
    /// The line that the error is in, from 0, in the changed file.
    var errorIndex: Int
    /// What the message must have in it.
    var words: [String]
    /// What it must not have in it.
    var secret: String?
}

/// A file that ships, by its lines and keys.
struct ShippedFile {
    /// A line of the form `key: value`.
    struct Entry {
        var index: Int
        var indent: Int
        var path: [String]
        var value: String
        var parent: Int?
        var isFirst: Bool
        var hasChildren: Bool
        /// The names beside it.
        var siblings: [String]
        var schema: YAMLNode?

        var key: String { path.last ?? "" }
        var name: String { path.joined(separator: ".") }
    }

    let path: FilePath
    let isConfiguration: Bool
    let lines: [String]
    var entries: [Entry] = []

    init(_ name: String) throws {
        path = FilePath(name)
        isConfiguration = name.hasPrefix("Config/")
        let bytes = try FileReadError.readFile(Place.repository.pushing(path))
        lines = String(decoding: bytes, as: UTF8.self).split(
            separator: "\n",
            omittingEmptySubsequences: false
        ).map(String.init)
        let schema = WorkflowFile.schema(isConfiguration ? .config : .workflow)
        let root = try #require(YAMLDocument(Array(schema.utf8), file: "schema").root)
        var around: [Int] = []
        for (index, line) in lines.enumerated() {
            let indent = line.prefix { $0 == " " }.count
            let text = line.dropFirst(indent)
            let key = text.prefix { $0.isLetter || $0 == "_" }
            guard !key.isEmpty, text.dropFirst(key.count).hasPrefix(":") else { continue }
            while let last = around.last, entries[last].indent >= indent { around.removeLast() }
            let parent = around.last
            var value = text.dropFirst(key.count + 1).drop { $0 == " " }
            if let comment = value.firstRange(of: " #") { value = value[..<comment.lowerBound] }
            if value.hasPrefix("#") { value = "" }
            while value.last == " " { value.removeLast() }
            let path = (parent.map { entries[$0].path } ?? []) + [String(key)]
            entries.append(
                Entry(
                    index: index,
                    indent: indent,
                    path: path,
                    value: String(value),
                    parent: parent.map { entries[$0].index },
                    isFirst: !entries.contains { $0.path.dropLast() == path.dropLast() },
                    hasChildren: value.isEmpty
                        && lines[(index + 1)...].first { !$0.isEmpty }?.hasPrefix(
                            String(repeating: " ", count: indent + 1)
                        ) == true,
                    siblings: [],
                    schema: path.reduce(root) { $0?["properties"]?[$1] }
                )
            )
            if let parent { entries[parent].hasChildren = true }
            around.append(entries.count - 1)
        }
        for index in entries.indices {
            var around: YAMLNode? = root
            for name in entries[index].path.dropLast() { around = around?["properties"]?[name] }
            guard case .mapping(let keys)? = around?["properties"]?.content else { continue }
            entries[index].siblings = keys.map(\.key)
        }
    }

    /// The file with some mistakes in it, each in a line of its own.
    func text(with mistakes: [Mistake]) -> String {
        var changed = lines.map { [$0] }
        for mistake in mistakes { changed[mistake.index] = mistake.lines }
        return changed.joined().joined(separator: "\n")
    }

    /// A mistake of a kind in the line of an entry; `nil` where it can't be made there.
    func mistake(
        _ kind: Mistake.Kind,
        in entry: Entry,
        _ chance: inout some RandomNumberGenerator
    ) -> Mistake? {
        let line = lines[entry.index]
        let space = String(repeating: " ", count: entry.indent)
        let head = "\(space)\(entry.key): "
        func made(_ lines: [String], at offset: Int = 0, _ words: String...) -> Mistake {
            Mistake(
                kind: kind,
                index: entry.index,
                lines: lines,
                errorIndex: entry.index + offset,
                words: words
            )
        }
        func schema(_ name: String) -> YAMLScalar.Value? { entry.schema?[name]?.scalar }
        switch kind {
        case .misspeltKey:
            var letters = Array(entry.key)
            let at = Int.random(in: 0..<(letters.count - 1), using: &chance)
            switch Int.random(in: 0..<3, using: &chance) {
            case 0: letters.swapAt(at, at + 1)
            case 1: letters.insert(letters[at], at: at)
            default: letters.remove(at: at)
            }
            let wrong = String(letters)
            guard wrong.count > 2, !entry.siblings.contains(wrong) else { return nil }
            let rest = line.dropFirst(entry.indent + entry.key.count)
            return made(["\(space)\(wrong)\(rest)"], "no key '\(wrong)' here", "'\(entry.key)'")
        case .unknownKey:
            guard !entry.hasChildren else { return nil }
            let letter = UnicodeScalar(UInt8(ascii: "a") + UInt8(entry.index % 26))
            let key = "zzqqxx\(letter)\(letter)"
            return made(
                [line, "\(space)\(key): 1"],
                at: 1,
                "no key '\(key)' here",
                "; allowed are "
            )
        case .foreignKey:
            guard entry.indent == 0, !entry.hasChildren, !isConfiguration,
                let (key, mend) = [
                    ("timeout-minutes: 90", "write agent: { timeout: 1h30m }"),
                    ("max_concurrent_agents: 7", "write slots: { total: 7 }"),
                    ("polling.interval_ms: 30000", "write schedule: { every: 30s }"),
                    ("maxTries: 4", "write retry: { attempts: 4 }"),
                    ("on: push", "it is called 'schedule' here"),
                ].randomElement(using: &chance)
            else { return nil }
            return made([line, key], at: 1, "no key '\(key.prefix { $0 != ":" })' here", mend)
        case .duplicatedKey:
            guard !entry.hasChildren else { return nil }
            return made([line, line], at: 1, "'\(entry.key)' is set a second time")
        case .missingKey:
            let isRequired =
                ["name", "tickets.team", "repository.path", "prompt.template"]
                .contains(entry.name) && !isConfiguration
            guard isRequired else { return nil }
            // A file without its first key begins with the one behind it.
            let first = entries.first { $0.index > entry.index && $0.indent == 0 }
            return Mistake(
                kind: kind,
                index: entry.index,
                lines: [""],
                errorIndex: entry.parent ?? first?.index ?? 0,
                words: ["the key '\(entry.key)' is missing", "add it, such as \(entry.key): "]
            )
        case .wrongType:
            guard !entry.hasChildren, entry.schema != nil else { return nil }
            let isList = schema("type") == .string("array")
            let wrong = isList ? "7" : "[[1]]"
            return made(["\(head)\(wrong)"], "'\(entry.name)' is ", "; it takes ")
        case .outOfRange:
            let wrong: String
            if case .integer(let most)? = schema("maximum") {
                wrong = String(most + 1)
            } else if Self.isDuration(entry.value) {
                wrong = "9999d"
            } else if entry.value.hasSuffix("KB") {
                wrong = "999GB"
            } else {
                return nil
            }
            return made(["\(head)\(wrong)"], "'\(entry.name)' is ", " from ", wrong, ", such as ")
        case .badChoice:
            guard case .sequence(let words)? = entry.schema?["enum"]?.content,
                case .string(let word)? = words.randomElement(using: &chance)?.scalar
            else { return nil }
            let wrong = word.dropLast() + "qq"
            guard word.count > 5 else {
                return made(["\(head)zzz"], "'\(entry.name)' is 'zzz'; it takes ", word)
            }
            return made(["\(head)\(wrong)"], "'\(entry.name)' is '\(wrong)'", "'\(word)'?")
        case .badDuration:
            guard Self.isDuration(entry.value) else { return nil }
            let wrong = ["90", "1h 30m", "45min", "30m1h", "half"].randomElement(using: &chance)
            return made(
                ["\(head)\(wrong ?? "")"],
                "'\(entry.name)' is ",
                "it takes a duration from ",
                ", such as "
            )
        case .emptyValue:
            guard !entry.hasChildren, entry.schema != nil, !entry.value.hasPrefix("{") else {
                return nil
            }
            return made(
                ["\(head)"],
                "'\(entry.name)' is empty",
                "give it a value or remove the key"
            )
        case .literalToken:
            guard !entry.hasChildren, schema("type") == .string("string") else { return nil }
            let starts = [
                "lin_api_", "ghp_", "github_pat_", "gho_", "sk-ant-api03-", "sk-proj-", "xoxb-",
                "glpat-",
            ]
            let token = (starts.randomElement(using: &chance) ?? "ghp_") + "q8Zk1Rm4Xw7Tb2Nc"
            var result = made(["\(head)\(token)"], "not shown")
            result.secret = "q8Zk1Rm4Xw7Tb2Nc"
            return result
        case .tab:
            guard entry.indent > 0 else { return nil }
            return made(["\t\(line.dropFirst(entry.indent))"], "a tab stands where")
        case .indented:
            guard !entry.isFirst, !entry.hasChildren else { return nil }
            return made([" \(line)"], "column")
        case .outdented:
            guard entry.indent > 0, !entry.isFirst else { return nil }
            return made([String(line.dropFirst())], "column")
        case .openQuote:
            guard !entry.hasChildren else { return nil }
            let below = lines[(entry.index + 1)...].joined()
            guard let quote = ["\"", "'"].first(where: { !below.contains($0) }) else { return nil }
            return made(["\(head)\(quote)open"], "the quote that opens here")
        case .openBracket:
            guard !entry.hasChildren else { return nil }
            return made(["\(head)[one, two"], "isn't closed")
        case .secondColon:
            guard !entry.hasChildren else { return nil }
            return made(["\(head)one: two"], "a second ':'")
        case .unknownAnchor:
            guard !entry.hasChildren else { return nil }
            return made(["\(head)*nowhere"], "no anchor '&nowhere'")
        case .unknownTag:
            guard !entry.hasChildren else { return nil }
            return made(["\(head)!vault x"], "the tag '!vault' isn't known")
        case .secondDocument:
            guard !entry.hasChildren else { return nil }
            return made([line, "---", "a: 1"], at: 1, "a second document starts here")
        case .controlCharacter:
            return made(["\(line)\u{8}"], "a control character stands here")
        }
    }

    private static func isDuration(_ value: String) -> Bool {
        let digits = value.prefix { $0.isNumber }
        return !digits.isEmpty && ["s", "m", "h", "d"].contains(value.dropFirst(digits.count))
    }
}

@Suite struct FiveHundredMistakesTests {
    /// Real files, each read once.
    private static func context(replacing path: FilePath, with text: String) -> ReadingContext {
        ReadingContext.real(in: Place.repository).replacing(
            Place.repository.pushing(path),
            with: text
        )
    }

    private static func errors(of text: String, in file: ShippedFile) -> [Diagnostic] {
        let context = context(replacing: file.path, with: text)
        let isUsable: Bool
        let diagnostics: [Diagnostic]
        if file.isConfiguration {
            let loaded = ConfigurationFile.load(file.path, in: context)
            (isUsable, diagnostics) = (loaded.value != nil, loaded.diagnostics)
        } else {
            let loaded = WorkflowFile.load(file.path, in: context, defaults: nil)
            (isUsable, diagnostics) = (loaded.value != nil, loaded.diagnostics)
        }
        let errors = diagnostics.filter { $0.severity == .error }
        #expect(isUsable == errors.isEmpty)
        return errors
    }

    private static func files() throws -> [ShippedFile] {
        try [
            "workflows/default.yml", "workflows/demo.yml", "workflows/portfolio.yml",
            "Config/linecook.yml",
        ].map { try ShippedFile($0) }
    }

    @Test func `500 mistakes in the files that ship are each told in their line`() throws {
        let files = try Self.files()
        var chance = SplitMix64(seed: 7)
        var counts: [Mistake.Kind: Int] = [:]
        var made = 0
        while made < 500 {
            let kind = Mistake.Kind.allCases[made % Mistake.Kind.allCases.count]
            let file = files[Int.random(in: 0..<files.count, using: &chance)]
            let entry = file.entries[Int.random(in: 0..<file.entries.count, using: &chance)]
            guard let mistake = file.mistake(kind, in: entry, &chance) else { continue }
            made += 1
            counts[kind, default: 0] += 1
            let text = file.text(with: [mistake])
            let errors = Self.errors(of: text, in: file)
            let shown = errors.map { $0.text() }.joined(separator: "\n")
            let found = errors.contains { error in
                error.place?.line == mistake.errorIndex + 1 && error.excerpt != nil
                    && mistake.words.allSatisfy { error.description.contains($0) }
            }
            #expect(
                found,
                "mistake \(made), \(kind) in line \(mistake.errorIndex + 1) of \(file.path): \(mistake.lines) \(mistake.words)\n\(shown)"
            )
            if let secret = mistake.secret {
                let all = errors.map { $0.text() + $0.json.text + $0.githubAnnotation }.joined()
                #expect(!all.contains(secret), "mistake \(made): \(file.path)")
            }
        }
        #expect(
            counts.count == Mistake.Kind.allCases.count && counts.values.allSatisfy { $0 >= 20 }
        )
    }

    @Test func `100 times several mistakes are all told at once`() throws {
        let files = try Self.files()
        let kinds = Mistake.Kind.allCases.filter(\.isReadable)
        var chance = SplitMix64(seed: 11)
        var made = 0
        while made < 100 {
            let file = files[made % files.count]
            var mistakes: [Mistake] = []
            for _ in 0..<40 where mistakes.count < 2 + made % 5 {
                let entry = file.entries[Int.random(in: 0..<file.entries.count, using: &chance)]
                let isApart = mistakes.allSatisfy { other in
                    abs(other.index - entry.index) > 0
                        // What stands inside a section with a mistake in its own key isn't looked at.
                        && !file.lines[min(other.index, entry.index)].hasSuffix(":")
                }
                if isApart, !entry.hasChildren,
                    let kind = kinds.randomElement(using: &chance),
                    let mistake = file.mistake(kind, in: entry, &chance)
                {
                    mistakes.append(mistake)
                }
            }
            guard mistakes.count > 1 else { continue }
            made += 1
            let errors = Self.errors(of: file.text(with: mistakes), in: file)
            for mistake in mistakes {
                let moved = mistakes.reduce(0) {
                    $0 + ($1.index < mistake.errorIndex ? $1.lines.count - 1 : 0)
                }
                let isOwn = mistake.index < mistake.errorIndex ? mistake.lines.count - 1 : 0
                let line = mistake.errorIndex + 1 + moved - isOwn
                #expect(
                    errors.contains { error in
                        mistake.words.allSatisfy { error.description.contains($0) }
                            && error.place?.line == line
                    },
                    "\(made): \(mistake.kind) in line \(line) of \(file.path): \(mistake.lines)\n\(errors.map(\.description).joined(separator: "\n"))"
                )
            }
        }
    }
}
