/// libyaml's complaints in words that say how to mend the file.
enum SyntaxProblem {
    /// - Parameters:
    ///   - problem: As libyaml reports it.
    ///   - source: The text, to see which character is meant.
    ///   - markLength: The bytes of a byte-order mark that libyaml wasn't given.
    /// - Returns: Place, message and hint.
    static func explained(
        _ problem: EventReader.Problem,
        in source: SourceText,
        markLength: Int
    ) -> (SourcePlace?, String, hint: String?) {
        switch problem.kind {
        case .memory: return (nil, "there isn't enough memory to read the file", nil)
        case .unreadable(let byteOffset):
            let place = source.place(ofByte: byteOffset + markLength)
            return unreadable(problem.problem, at: place, byteOffset: byteOffset, in: source)
        case .syntax: return syntax(problem, in: source)
        }
    }

    private static func unreadable(
        _ problem: String,
        at place: SourcePlace,
        byteOffset: Int,
        in source: SourceText
    ) -> (SourcePlace?, String, hint: String?) {
        if problem == "control characters are not allowed" {
            return (
                place, "a control character stands here",
                "remove it, or write it as an escape such as \\x1b in double quotes"
            )
        }
        if byteOffset == 0 {
            return (place, "the file isn't text in UTF-8", "save it as UTF-8")
        }
        return (place, "these bytes aren't UTF-8", "save the file as UTF-8")
    }

    private static func syntax(
        _ problem: EventReader.Problem,
        in source: SourceText
    ) -> (SourcePlace?, String, hint: String?) {
        // The end of the file is counted as a line of its own; the reader looks for it in the last one.
        let here = shownPlace(line: problem.line + 1, column: problem.column + 1, in: source)
        let opened = shownPlace(
            line: problem.contextLine + 1,
            column: problem.contextColumn + 1,
            in: source
        )
        if let template = unquotedTemplate(
            in: [problem.line + 1, problem.contextLine + 1],
            of: source
        ) {
            return template
        }
        let next = source.line(here.line).unicodeScalars.dropFirst(here.column - 1).first
        if next == "\t" {
            return (
                here, "a tab stands where YAML wants spaces",
                "indent with spaces, two for each level"
            )
        }
        switch problem.problem {
        case "could not find expected ':'":
            return (
                opened, "this line has no ':' after its key",
                "write 'key: value', or put text of several lines in quotes"
            )
        case "mapping values are not allowed in this context":
            return (
                here, "a second ':' stands in this line, or the line is indented too far",
                "put a value with ': ' in it in quotes; keys of one mapping start in the same column"
            )
        case "block sequence entries are not allowed in this context":
            return (
                here, "a list can't start in the line of its key",
                "start the list in the next line, or write it as [one, two]"
            )
        case "mapping keys are not allowed in this context":
            return (here, "no key can stand here", "start it in a line of its own")
        case "found character that cannot start any token":
            let character = next.map { ShownText.quoted(String($0)) } ?? "this character"
            return (here, "\(character) can't start a value", "put the value in quotes")
        case "found unexpected end of stream":
            return (opened, "the quote that opens here is never closed", "close it")
        case "found unexpected document indicator":
            return (
                opened, "the quote that opens here isn't closed before the document ends",
                "close it"
            )
        case "found unknown escape character":
            return (
                here, "this escape isn't known in double quotes",
                "use single quotes, or double the backslash"
            )
        case "did not find expected hexdecimal number",
            "found invalid Unicode character escape code":
            return (
                here, "this escape doesn't name a character",
                #"write two digits after \x, four after \u, eight after \U"#
            )
        case "did not find expected key":
            return (
                here,
                "this line doesn't fit the mapping that starts in line \(opened.line)",
                "keys of one mapping start in the same column, and a quoted value ends with its quote"
            )
        case "did not find expected '-' indicator":
            return (
                here,
                "this line doesn't fit the list that starts in line \(opened.line)",
                "entries of one list start with '- ' in the same column"
            )
        case "did not find expected ',' or ']'":
            return (
                opened, "the list that opens here isn't closed or lacks a comma",
                "separate its values with ', ' and end it with ']'"
            )
        case "did not find expected ',' or '}'":
            return (
                opened, "the mapping that opens here isn't closed or lacks a comma",
                "separate its entries with ', ' and end it with '}'"
            )
        case "did not find expected node content":
            return (here, "a value is missing here", "write one, or '' for empty text")
        case "did not find expected comment or line break":
            return (
                here, "text stands behind the '|' or '>' that starts a block of text",
                "start the text in the next line"
            )
        case "found an indentation indicator equal to 0":
            return (here, "a block of text is indented by 1 to 9 spaces", "remove the 0")
        case "did not find expected alphabetic or numeric character":
            return (
                here, "'&' and '*' start the name of an anchor, and none stands here",
                "put the value in quotes"
            )
        case "did not find expected <document start>":
            return (
                here, "this line stands outside the file's one mapping",
                "indent all keys of the top level alike, and use no '%' or '...' line"
            )
        case "found unexpected ':'":
            return (here, "a ':' can't stand here", "put the value in quotes")
        case "found a tab character where an indentation space is expected",
            "found a tab character that violates indentation":
            return (
                here, "a tab stands where YAML wants spaces",
                "indent with spaces, two for each level"
            )
        case "found undefined tag handle": return unreadableTag(at: opened)
        case "found incompatible YAML document":
            return (here, "the file asks for a YAML other than 1.2", "remove the %YAML line")
        case _ where problem.context.hasSuffix(" a tag"): return unreadableTag(at: opened)
        case _ where problem.context.contains("directive") || problem.problem.contains("directive"):
            return (opened, "a line that starts with '%' is an order to YAML", "remove the line")
        default:
            let context = problem.context.isEmpty ? "" : " \(problem.context)"
            return (here, "YAML can't read this: \(problem.problem)\(context)", nil)
        }
    }

    private static func unreadableTag(
        at place: SourcePlace
    ) -> (SourcePlace?, String, hint: String?) {
        (place, "'!' starts a tag, and this is none that is known", "put the value in quotes")
    }

    /// A place that is in the file: what is missing at its very end is shown at the end of its last line.
    private static func shownPlace(line: Int, column: Int, in source: SourceText) -> SourcePlace {
        var (line, column) = (line, column)
        if line > source.lineCount { (line, column) = (source.end.line, source.end.column) }
        while line > 1, column == 1, source.line(line).isEmpty {
            line -= 1
            column = source.line(line).unicodeScalars.count + 1
        }
        return SourcePlace(line: line, column: column, length: 1)
    }

    /// The usual reason why a line with a template in it can't be read.
    private static func unquotedTemplate(
        in lines: [Int],
        of source: SourceText
    ) -> (SourcePlace?, String, hint: String?)? {
        for line in lines {
            let text = source.line(line).unicodeScalars
            guard let colon = text.firstIndex(of: ":") else { continue }
            let value = text[colon...].dropFirst().drop { $0 == " " }
            guard value.starts(with: "{{".unicodeScalars) else { continue }
            let column = text.distance(from: text.startIndex, to: value.startIndex) + 1
            return (
                SourcePlace(line: line, column: column, length: 2),
                "'{{' without quotes starts a mapping in YAML",
                #"put the whole template in quotes: "{{ ticket.key }}""#
            )
        }
        return nil
    }
}
