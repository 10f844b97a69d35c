internal import Domain
internal import SystemPackage

/// Puts the pieces of a template together: blocks within blocks, and files within files.
struct TemplateParser {
    let source: TemplateSource
    private let pieces: [TemplateScanner.Piece]
    private var next = 0
    private var depth = 0
    private(set) var problems: TemplateProblems
    /// The files from the template itself to this one, as `load` knows them.
    private let chain: [FilePath]
    private let load: TemplateLoader
    /// How many files were included so far, in the whole template.
    private var includeCount = 0
    /// How deep blocks may nest; far more than a person writes.
    private static let depthLimit = 50
    /// How deep files may include files.
    static let includeDepthLimit = 10
    /// How many includes a template may have, those of included files counted each time; ten files of
    /// ten includes each would else soon be more than any memory holds.
    static let includeLimit = 100

    /// - Parameters:
    ///   - text: The template.
    ///   - file: Where it comes from, for messages and as what includes are relative to.
    ///   - load: Where the texts of included files come from.
    init(text: String, file: String, load: @escaping TemplateLoader) {
        let source = TemplateSource(file: file, characters: Array(text))
        self.init(
            text: text,
            source: source,
            chain: [FilePath(file).lexicallyNormalized()],
            problems: TemplateProblems(source),
            load: load
        )
    }

    private init(
        text: String,
        source: TemplateSource,
        chain: [FilePath],
        problems: TemplateProblems,
        load: @escaping TemplateLoader
    ) {
        self.source = source
        self.chain = chain
        self.load = load
        self.problems = problems
        var scanner = TemplateScanner(Array(text))
        pieces = scanner.scan(into: &self.problems)
    }

    /// A tag that ends a part of a block, already read up to its own word.
    private struct Closing {
        var word: String
        var rest: ExpressionParser
        var offset: TemplateOffset
    }

    mutating func parse() -> [TemplateNode] {
        var nodes: [TemplateNode] = []
        while true {
            let (more, closing) = parseNodes()
            nodes += more
            guard let closing else { return nodes }
            let opening = closing.word == "endfor" ? "{% for … %}" : "{% if … %}"
            problems.add(
                "{% \(closing.word) %} has no \(opening) before it; remove it",
                at: closing.offset
            )
        }
    }

    /// The nodes up to the next tag that closes something, or to the end.
    private mutating func parseNodes() -> ([TemplateNode], Closing?) {
        var nodes: [TemplateNode] = []
        while next < pieces.count {
            let piece = pieces[next]
            next += 1
            switch piece {
            case .text(let text): nodes.append(.text(text))
            case .output(let content, let offset):
                if let node = parseOutput(content, at: offset) { nodes.append(node) }
            case .tag(let content, let offset, let ownsLine):
                guard var parser = makeParser(content, at: offset) else { continue }
                let start = parser.offset
                switch parser.take() {
                case .word("if"): nodes.append(parseChoice(parser, at: start))
                case .word("for"): if let node = parseLoop(parser, at: start) { nodes.append(node) }
                case .word("include"):
                    if let node = parseInclude(parser, ownsLine: ownsLine) { nodes.append(node) }
                case .word(let word) where ["elif", "else", "endif", "endfor"].contains(word):
                    return (nodes, Closing(word: word, rest: parser, offset: start))
                case let token:
                    problems.add(
                        "\(token.written) isn't a tag; there are if, elif, else, endif, for, endfor, "
                            + "include, raw",
                        at: start
                    )
                }
            }
        }
        return (nodes, nil)
    }

    private mutating func makeParser(
        _ content: [Character],
        at offset: TemplateOffset
    ) -> ExpressionParser? {
        try? ExpressionParser(content, at: offset, problems: &problems)
    }

    private mutating func parseOutput(
        _ content: [Character],
        at offset: TemplateOffset
    ) -> TemplateNode? {
        guard var parser = makeParser(content, at: offset) else { return nil }
        let start = parser.offset
        return wholeExpression(&parser).map { .output($0, at: start) }
    }

    /// An expression and nothing after it; `nil` when it can't be read, and the problem was noted.
    private mutating func wholeExpression(_ parser: inout ExpressionParser) -> TemplateExpression? {
        guard let expression = try? parser.expression(&problems) else { return nil }
        do {
            try parser.expectEnd(&problems)
            return expression
        } catch {
            return nil
        }
    }

    private mutating func parseChoice(
        _ opening: ExpressionParser,
        at offset: TemplateOffset
    ) -> TemplateNode {
        guard enter(at: offset) else { return .choice([]) }
        defer { depth -= 1 }
        var branches: [TemplateBranch] = []
        var parser = opening
        var condition = wholeExpression(&parser)
        var sawElse = false
        while true {
            let (body, closing) = parseNodes()
            branches.append(TemplateBranch(condition: condition, body: body))
            guard var closing else {
                problems.add("this if isn't closed; write {% endif %} where it ends", at: offset)
                return .choice(branches)
            }
            switch closing.word {
            case "elif" where !sawElse: condition = wholeExpression(&closing.rest)
            case "else" where !sawElse:
                sawElse = true
                condition = nil
                try? closing.rest.expectEnd(&problems)
            case "endif":
                try? closing.rest.expectEnd(&problems)
                return .choice(branches)
            case "endfor":
                problems.add(
                    "{% endfor %} stands where {% endif %} belongs",
                    at: closing.offset
                )
                return .choice(branches)
            default:
                problems.add(
                    "{% \(closing.word) %} comes after {% else %}; only {% endif %} may",
                    at: closing.offset
                )
                condition = nil
            }
        }
    }

    private mutating func parseLoop(
        _ opening: ExpressionParser,
        at offset: TemplateOffset
    ) -> TemplateNode? {
        guard enter(at: offset) else { return nil }
        defer { depth -= 1 }
        var parser = opening
        let place = parser.offset
        var variable: String?
        var list: TemplateExpression?
        if case .word(let word) = parser.peek, !ExpressionParser.reserved.contains(word) {
            _ = parser.take()
            if parser.take(.word("in")) {
                variable = word
                list = wholeExpression(&parser)
            } else {
                problems.add("\(parser.peek.written) stands where 'in' belongs", at: parser.offset)
            }
        } else {
            problems.add("a for is written {% for step in verify.steps %}", at: place)
        }
        let (body, closing) = parseNodes()
        if var closing {
            if closing.word == "endfor" {
                try? closing.rest.expectEnd(&problems)
            } else {
                problems.add(
                    "{% \(closing.word) %} stands where {% endfor %} belongs",
                    at: closing.offset
                )
            }
        } else {
            problems.add("this for isn't closed; write {% endfor %} where it ends", at: offset)
        }
        guard let variable, let list else { return nil }
        return .loop(variable: variable, list: list, body: body, at: place)
    }

    private mutating func enter(at offset: TemplateOffset) -> Bool {
        depth += 1
        guard depth > Self.depthLimit else { return true }
        depth -= 1
        problems.add("blocks are nested more than \(Self.depthLimit) deep", at: offset)
        next = pieces.count
        return false
    }

    /// Another file in the place of the tag; `nil` when it can't be had, and the problem was noted.
    private mutating func parseInclude(
        _ opening: ExpressionParser,
        ownsLine: Bool
    ) -> TemplateNode? {
        var parser = opening
        let place = parser.offset
        guard case .text(let name) = parser.peek else {
            problems.add(
                "an include is written {% include \"parts/rules.md\" %}, with the file's name in quotes",
                at: place
            )
            return nil
        }
        _ = parser.take()
        guard (try? parser.expectEnd(&problems)) != nil,
            let path = includedPath(name, at: place)
        else { return nil }
        switch load(path) {
        case .refused(let reason):
            problems.add("\(Self.shown(name)) can't be included: \(reason)", at: place)
            return nil
        case .text(let text):
            let file = TemplateSource(file: path.string, characters: Array(text))
            problems.enter(file)
            var inner = TemplateParser(
                text: text,
                source: file,
                chain: chain + [path],
                problems: problems,
                load: load
            )
            inner.includeCount = includeCount
            let nodes = inner.parse()
            includeCount = inner.includeCount
            problems = inner.problems
            problems.leave()
            return .include(TemplateInclusion(source: file, nodes: nodes, ownsLine: ownsLine))
        }
    }

    /// Where an included file is; `nil` when it can't be meant, and the problem was noted.
    private mutating func includedPath(_ name: String, at place: TemplateOffset) -> FilePath? {
        guard !name.isEmpty, !name.contains("\0"), !name.contains(where: \.isNewline),
            !name.hasPrefix("/"), !name.hasPrefix("~")
        else {
            problems.add(
                "\(Self.shown(name)) can't be included; write a path relative to this file",
                at: place
            )
            return nil
        }
        let own = chain.last ?? ""
        let path = own.removingLastComponent().pushing(FilePath(name)).lexicallyNormalized()
        guard !chain.contains(path) else {
            problems.add(
                "files include each other in a circle: \(Self.shown(chain + [path])); remove one of "
                    + "these includes",
                at: place
            )
            return nil
        }
        guard chain.count <= Self.includeDepthLimit else {
            problems.add(
                "files are included more than \(Self.includeDepthLimit) deep: "
                    + "\(Self.shown(chain + [path])); include fewer from one another",
                at: place
            )
            return nil
        }
        includeCount += 1
        guard includeCount <= Self.includeLimit else {
            // Once is enough; what follows would say the same.
            if includeCount == Self.includeLimit + 1 {
                problems.add(
                    "a template may include \(Self.includeLimit) files in all, each time counted; "
                        + "this is one more, by \(Self.shown(chain + [path]))",
                    at: place
                )
            }
            return nil
        }
        return path
    }

    private static func shown(_ name: String) -> String { "'\(name.inOneLine(limit: 100))'" }

    private static func shown(_ chain: [FilePath]) -> String {
        chain.map { $0.string.inOneLine(limit: 100) }.joined(separator: " → ")
    }
}
