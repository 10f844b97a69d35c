import Domain

/// Reads what stands in a tag: `ticket.labels | join(", ")`, `attempt.number > 1 and not slot`.
struct ExpressionParser {
    enum Token: Equatable {
        case word(String)
        case text(String)
        case number(Double)
        case symbol(String)
        case end

        var written: String {
            switch self {
            case .word(let word): "'\(word)'"
            case .text(let text): "\"\(text.inOneLine(limit: 40))\""
            case .number(let number): TemplateValue.number(number).printed ?? ""
            case .symbol(let symbol): "'\(symbol)'"
            case .end: "the end of the tag"
            }
        }
    }

    /// Ends the reading of one tag; the problem has been said.
    struct Stop: Error {}

    private var tokens: [(token: Token, offset: TemplateOffset)] = []
    private var next = 0
    private var depth = 0
    /// How deep parentheses and `not` may nest; far more than a person writes.
    private static let depthLimit = 50

    /// - Parameters:
    ///   - content: The tag without its braces.
    ///   - offset: Where `content` begins in the template.
    ///   - problems: Takes what can't be read.
    /// - Throws: `Stop` at the first thing that can't be read.
    init(
        _ content: [Character],
        at offset: TemplateOffset,
        problems: inout TemplateProblems
    ) throws(Stop) {
        var index = 0
        while index < content.count {
            let start = index
            let character = content[index]
            if character.isWhitespace {
                index += 1
                continue
            }
            if character == "\"" || character == "'" {
                var text = ""
                index += 1
                while index < content.count, content[index] != character {
                    if content[index] == "\\", index + 1 < content.count {
                        index += 1
                        text.append(content[index] == "n" ? "\n" : content[index])
                    } else {
                        text.append(content[index])
                    }
                    index += 1
                }
                guard index < content.count else {
                    problems.add(
                        "this text isn't closed; write \(character) at its end",
                        at: offset + start
                    )
                    throw Stop()
                }
                index += 1
                tokens.append((.text(text), offset + start))
            } else if character.isDigit {
                while index < content.count, content[index].isDigit || content[index] == "." {
                    index += 1
                }
                let digits = String(content[start..<index])
                guard let number = Double(digits) else {
                    problems.add("'\(digits)' isn't a number", at: offset + start)
                    throw Stop()
                }
                tokens.append((.number(number), offset + start))
            } else if character.isWordStart {
                while index < content.count, content[index].isWordStart || content[index].isDigit {
                    index += 1
                }
                tokens.append((.word(String(content[start..<index])), offset + start))
            } else {
                let pair = String(content[start..<min(start + 2, content.count)])
                let symbol = ["==", "!=", "<=", ">="].contains(pair) ? pair : String(character)
                guard symbol.count == 2 || ".|(),<>".contains(character) else {
                    let shown = String(character).withHiddenCharactersShown
                    problems.add(
                        "'\(shown)' means nothing here; allowed are names, texts in quotes, numbers, | . "
                            + "( ) , == != < <= > >= and or not in",
                        at: offset + start
                    )
                    throw Stop()
                }
                index += symbol.count
                tokens.append((.symbol(symbol), offset + start))
            }
        }
        tokens.append((.end, offset + content.count))
    }

    var peek: Token { tokens[next].token }
    var offset: TemplateOffset { tokens[next].offset }

    mutating func take() -> Token {
        let token = peek
        if token != .end { next += 1 }
        return token
    }

    mutating func take(_ token: Token) -> Bool {
        guard peek == token else { return false }
        _ = take()
        return true
    }

    /// - Throws: `Stop` when something is left that doesn't belong there.
    mutating func expectEnd(_ problems: inout TemplateProblems) throws(Stop) {
        guard peek == .end else {
            problems.add("\(peek.written) doesn't belong here; remove it", at: offset)
            throw Stop()
        }
    }

    /// A whole expression, as after `{{` and `{% if`.
    mutating func expression(_ problems: inout TemplateProblems) throws(Stop) -> TemplateExpression
    {
        try enter(&problems)
        defer { depth -= 1 }
        var left = try conjunction(&problems)
        while take(.word("or")) { left = .or(left, try conjunction(&problems)) }
        return left
    }

    private mutating func enter(_ problems: inout TemplateProblems) throws(Stop) {
        guard depth < Self.depthLimit else {
            problems.add("this is nested more than \(Self.depthLimit) deep", at: offset)
            throw Stop()
        }
        depth += 1
    }

    private mutating func conjunction(
        _ problems: inout TemplateProblems
    ) throws(Stop) -> TemplateExpression {
        var left = try negation(&problems)
        while take(.word("and")) { left = .and(left, try negation(&problems)) }
        return left
    }

    private mutating func negation(
        _ problems: inout TemplateProblems
    ) throws(Stop) -> TemplateExpression {
        guard take(.word("not")) else { return try comparison(&problems) }
        try enter(&problems)
        defer { depth -= 1 }
        return .not(try negation(&problems))
    }

    private mutating func comparison(
        _ problems: inout TemplateProblems
    ) throws(Stop) -> TemplateExpression {
        let left = try filtered(&problems)
        let start = offset
        let written: String
        switch peek {
        case .symbol(let symbol): written = symbol
        case .word("in"): written = "in"
        case .word("not") where tokens[next + 1].token == .word("in"):
            next += 2
            return .not(.compared(left, .isIn, try filtered(&problems), at: start))
        case .word, .text, .number, .end: return left
        }
        guard let comparison = TemplateExpression.Comparison(rawValue: written) else { return left }
        _ = take()
        return .compared(left, comparison, try filtered(&problems), at: start)
    }

    private mutating func filtered(
        _ problems: inout TemplateProblems
    ) throws(Stop) -> TemplateExpression {
        var value = try primary(&problems)
        var count = 0
        while take(.symbol("|")) {
            count += 1
            guard count <= Self.depthLimit else {
                problems.add("these are more than \(Self.depthLimit) filters", at: offset)
                throw Stop()
            }
            value = try filter(of: value, &problems)
        }
        return value
    }

    private mutating func filter(
        of value: TemplateExpression,
        _ problems: inout TemplateProblems
    ) throws(Stop) -> TemplateExpression {
        let start = offset
        guard case .word(let name) = peek else {
            problems.add("\(peek.written) stands where the name of a filter belongs", at: start)
            throw Stop()
        }
        _ = take()
        var arguments: [(TemplateExpression, TemplateOffset)] = []
        if take(.symbol("(")) {
            while peek != .symbol(")") {
                let place = offset
                arguments.append((try primary(&problems), place))
                guard take(.symbol(",")) else { break }
            }
            guard take(.symbol(")")) else {
                problems.add("\(peek.written) stands where ')' belongs", at: offset)
                throw Stop()
            }
        }
        guard let filter = TemplateFilter(rawValue: name) else {
            let names = TemplateFilter.allCases.map(\.rawValue)
            problems.add("no filter '\(name)'; " + advice(for: name, among: names), at: start)
            // The rest of the tag can be read all the same.
            return value
        }
        guard filter.argumentCount.contains(arguments.count) else {
            problems.add(
                "\(name) has \(arguments.count) arguments; write \(filter.usage)",
                at: start
            )
            return value
        }
        guard let (argument, place) = arguments.first else {
            return .filtered(value, filter, nil, at: start)
        }
        switch (argument, filter.numberRange) {
        case (.literal(.number(let number)), let range?):
            if range.contains(number), number == number.rounded() { break }
            problems.add("this number isn't allowed; write \(filter.usage)", at: place)
        case (_, _?): problems.add("this isn't a number; write \(filter.usage)", at: place)
        case (.literal(.text), nil): break
        case (_, nil) where filter == .default: break
        case (_, nil): problems.add("this isn't a text in quotes; write \(filter.usage)", at: place)
        }
        return .filtered(value, filter, argument, at: start)
    }

    private mutating func primary(
        _ problems: inout TemplateProblems
    ) throws(Stop) -> TemplateExpression {
        let start = offset
        switch peek {
        case .text(let text):
            _ = take()
            return .literal(.text(text))
        case .number(let number):
            _ = take()
            return .literal(.number(number))
        case .word("true"), .word("false"): return .literal(.truth(take() == .word("true")))
        case .word("none"):
            _ = take()
            return .literal(.none)
        case .word(let word) where !Self.reserved.contains(word):
            _ = take()
            var parts = [word]
            while take(.symbol(".")) {
                guard case .word(let part) = peek else {
                    problems.add("\(peek.written) stands where a name belongs", at: offset)
                    throw Stop()
                }
                parts.append(part)
                _ = take()
            }
            return .name(parts, at: start)
        case .symbol("("):
            _ = take()
            let inner = try expression(&problems)
            guard take(.symbol(")")) else {
                problems.add("\(peek.written) stands where ')' belongs", at: offset)
                throw Stop()
            }
            return inner
        case .word, .symbol, .end:
            problems.add(
                "\(peek.written) stands where a name, a text in quotes or a number belongs",
                at: start
            )
            throw Stop()
        }
    }

    /// Words that aren't names.
    static let reserved: Set<String> = ["and", "or", "not", "in", "true", "false", "none"]
}

extension Character {
    fileprivate var isDigit: Bool { "0"..."9" ~= self }
    fileprivate var isWordStart: Bool { isASCII && (isLetter || self == "_") }
}
