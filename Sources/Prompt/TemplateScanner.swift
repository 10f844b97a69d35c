/// Cuts a template into text and tags.
///
/// A `{% %}` tag or a comment that is alone on its line takes the whole line with it, so that a template
/// can be laid out like any text. `{%- -%}` and `{{- -}}` take all white space on their side.
struct TemplateScanner {
    enum Piece: Equatable {
        case text(String)
        /// What stands between `{{` and `}}`, and where that begins.
        case output([Character], at: TemplateOffset)
        /// What stands between `{%` and `%}`, and whether the tag took the end of its line with it.
        case tag([Character], at: TemplateOffset, ownsLine: Bool)
    }

    private let characters: [Character]
    private var position = 0
    private var text = ""
    private var pieces: [Piece] = []
    /// Whether the tag before took the white space that follows.
    private var isSkippingSpace = false

    init(_ characters: [Character]) { self.characters = characters }

    /// The offsets at which lines begin.
    static func lineStarts(of characters: [Character]) -> [TemplateOffset] {
        [0] + characters.indices.filter { characters[$0].endsLine }.map { $0 + 1 }
    }

    mutating func scan(into problems: inout TemplateProblems) -> [Piece] {
        while position < characters.count {
            guard characters[position] == "{", position + 1 < characters.count else {
                take()
                continue
            }
            switch characters[position + 1] {
            case "{": scanTag(closing: "}", into: &problems)
            case "%": scanTag(closing: "%", into: &problems)
            case "#": scanComment(into: &problems)
            default: take()
            }
        }
        endText()
        return pieces
    }

    private mutating func take() {
        let character = characters[position]
        position += 1
        if isSkippingSpace, character.isWhitespace { return }
        isSkippingSpace = false
        // Prompts have one kind of line end, whatever the editor of the template wrote.
        text.append(character == "\r\n" ? "\n" : character)
    }

    private mutating func endText() {
        if !text.isEmpty { pieces.append(.text(text)) }
        text = ""
    }

    private mutating func scanTag(closing: Character, into problems: inout TemplateProblems) {
        let start = position
        guard let end = endOfTag(closing: closing) else {
            problems.add(
                "this isn't closed; write \(closing == "}" ? "}}" : "%}") at its end, or "
                    + "{% raw %} … {% endraw %} around text that looks like a template",
                at: start
            )
            position = characters.count
            return
        }
        var content = start + 2..<end
        let trimsBefore = content.first.map { characters[$0] } == "-"
        if trimsBefore { content.removeFirst() }
        let trimsAfter = content.last.map { characters[$0] } == "-"
        if trimsAfter { content.removeLast() }
        let isTag = closing == "%"
        let ownsLine = leave(
            from: start,
            to: end + 2,
            mayOwnLine: isTag,
            trims: (trimsBefore, trimsAfter)
        )
        let words = characters[content].split(whereSeparator: \.isWhitespace)
        if isTag, words.count == 1, words[0].elementsEqual("raw") {
            scanRaw(from: start, into: &problems)
        } else {
            let piece = Array(characters[content])
            pieces.append(
                isTag
                    ? .tag(piece, at: content.lowerBound, ownsLine: ownsLine)
                    : .output(piece, at: content.lowerBound)
            )
        }
    }

    /// Ends the text before a tag and moves behind the tag.
    ///
    /// - Returns: Whether the tag is alone on its line and took the line's end with it.
    @discardableResult
    private mutating func leave(
        from start: Int,
        to end: Int,
        mayOwnLine: Bool,
        trims: (before: Bool, after: Bool)
    ) -> Bool {
        // Only blanks are walked over, so that many tags on one long line cost no more than few.
        var before = start
        while before > 0, characters[before - 1].isBlank { before -= 1 }
        var after = end
        while after < characters.count, characters[after].isBlank { after += 1 }
        let ownsLine =
            mayOwnLine && (before == 0 || characters[before - 1].isNewline)
            && (after == characters.count || characters[after].isNewline)
        if trims.before {
            while text.last?.isWhitespace == true { text.removeLast() }
        } else if ownsLine {
            while text.last?.isBlank == true { text.removeLast() }
        }
        endText()
        position = ownsLine ? min(after + 1, characters.count) : end
        isSkippingSpace = trims.after
        return ownsLine && after < characters.count
    }

    private func endOfTag(closing: Character) -> Int? {
        var index = position + 2
        var quote: Character?
        while index + 1 < characters.count {
            let character = characters[index]
            if let open = quote {
                if character == "\\" { index += 1 } else if character == open { quote = nil }
            } else if character == "\"" || character == "'" {
                quote = character
            } else if character == closing, characters[index + 1] == "}" {
                return index
            }
            index += 1
        }
        return nil
    }

    private mutating func scanComment(into problems: inout TemplateProblems) {
        let start = position
        var end = start + 2
        while end + 1 < characters.count, characters[end] != "#" || characters[end + 1] != "}" {
            end += 1
        }
        guard end + 1 < characters.count else {
            problems.add("this comment isn't closed; write #} at its end", at: start)
            position = characters.count
            return
        }
        leave(from: start, to: end + 2, mayOwnLine: true, trims: (false, false))
    }

    /// Takes everything up to `{% endraw %}` as it is.
    private mutating func scanRaw(from start: Int, into problems: inout TemplateProblems) {
        while position + 1 < characters.count {
            guard characters[position] == "{", characters[position + 1] == "%",
                let end = endOfTag(closing: "%")
            else {
                take()
                continue
            }
            let inner = characters[(position + 2)..<end].drop { $0 == "-" }
            let words = inner.split { $0.isWhitespace || $0 == "-" }
            guard words.count == 1, words[0].elementsEqual("endraw") else {
                take()
                continue
            }
            leave(from: position, to: end + 2, mayOwnLine: true, trims: (false, false))
            return
        }
        problems.add("this isn't closed; write {% endraw %} where the raw text ends", at: start)
        position = characters.count
    }
}

extension Character {
    fileprivate var isBlank: Bool { self == " " || self == "\t" }

    /// Whether editors begin a line after it.
    fileprivate var endsLine: Bool { self == "\n" || self == "\r\n" || self == "\r" }
}
