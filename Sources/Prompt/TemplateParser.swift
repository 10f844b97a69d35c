/// Puts the pieces of a template together: blocks within blocks.
struct TemplateParser {
    private let pieces: [TemplateScanner.Piece]
    private var next = 0
    private var depth = 0
    private(set) var problems: TemplateProblems
    /// How deep blocks may nest; far more than a person writes.
    private static let depthLimit = 50

    init(text: String, file: String) {
        let characters = Array(text)
        problems = TemplateProblems(
            file: file,
            lineStarts: TemplateScanner.lineStarts(of: characters)
        )
        var scanner = TemplateScanner(characters)
        pieces = scanner.scan(into: &problems)
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
            case .tag(let content, let offset):
                guard var parser = makeParser(content, at: offset) else { continue }
                let start = parser.offset
                switch parser.take() {
                case .word("if"): nodes.append(parseChoice(parser, at: start))
                case .word("for"): if let node = parseLoop(parser, at: start) { nodes.append(node) }
                case .word(let word) where ["elif", "else", "endif", "endfor"].contains(word):
                    return (nodes, Closing(word: word, rest: parser, offset: start))
                case let token:
                    problems.add(
                        "\(token.written) isn't a tag; there are if, elif, else, endif, for, endfor, raw",
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
}
