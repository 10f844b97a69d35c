import Domain

/// What a value can be passed through: `{{ ticket.title | truncate(60) }}`.
enum TemplateFilter: String, CaseIterable {
    /// The other value when this one is nothing or empty: `default("none")`.
    case `default`
    /// In a Markdown code fence longer than any in the text, so that the text can't get out:
    /// `fence`, `fence("diff")`.
    case fence
    case firstLine = "first_line"
    /// Every line but the first moved to the right, by 4 or `indent(2)`.
    case indent
    /// A list as one text: `join(", ")`, which is also what `join` does.
    case join
    /// As JSON, on one line.
    case json
    case lower
    /// As a Markdown quotation: `> ` before each line.
    case quote
    case slug
    case trim
    /// At most so many characters, the last of them `…` when some were cut: `truncate(200)`.
    case truncate
    case upper

    /// How many arguments it takes.
    var argumentCount: ClosedRange<Int> {
        switch self {
        case .default, .truncate: 1...1
        case .fence, .indent, .join: 0...1
        case .firstLine, .json, .lower, .quote, .slug, .trim, .upper: 0...0
        }
    }

    /// Whether its argument is a whole number of this range, written in the template; else a text.
    var numberRange: ClosedRange<Double>? {
        switch self {
        case .indent: 0...100
        case .truncate: 1...1_000_000
        case .default, .fence, .firstLine, .join, .json, .lower, .quote, .slug, .trim, .upper: nil
        }
    }

    /// How it is written, for a message.
    var usage: String {
        switch self {
        case .default: "default(\"none\")"
        case .fence: "fence or fence(\"diff\")"
        case .indent: "indent or indent(4), from 0 to 100"
        case .join: "join or join(\", \")"
        case .truncate: "truncate(200), from 1 to 1000000"
        case .firstLine, .json, .lower, .quote, .slug, .trim, .upper: rawValue
        }
    }

    /// How it is written, for the reference.
    var written: String {
        switch self {
        case .default: "default(\"none\")"
        case .fence: "fence(\"diff\")"
        case .indent: "indent(4)"
        case .join: "join(\", \")"
        case .truncate: "truncate(200)"
        case .firstLine, .json, .lower, .quote, .slug, .trim, .upper: rawValue
        }
    }

    /// What it does, for the reference.
    var doc: String {
        switch self {
        case .default: "the other value where this one is nothing or empty"
        case .fence:
            "in a Markdown code fence that the text can't get out of; the language may be left out"
        case .firstLine: "the first line that isn't empty"
        case .indent: "every line but the first moved to the right; by 4 where nothing is said"
        case .join: "a list as one text; with `, ` where nothing is said"
        case .json: "as JSON in one line"
        case .lower: "in small letters"
        case .quote: "as a Markdown quotation, `> ` before each line"
        case .slug: "in the letters of a branch's name: `a-z`, `0-9` and `-`"
        case .trim: "without white space at both ends"
        case .truncate: "at most so many characters, the last of them `…` when some were cut"
        case .upper: "in capitals"
        }
    }

    /// - Returns: What comes out; `nil` when the filter can't take `value`.
    func apply(to value: TemplateValue, _ argument: TemplateValue?) -> TemplateValue? {
        switch self {
        case .default: return value.isTrue ? value : argument
        case .json: return .text(Self.json(value))
        case .join:
            guard case .list(let items) = value else { return value == .none ? .text("") : nil }
            let texts = items.compactMap(\.printed)
            guard texts.count == items.count else { return nil }
            return .text(texts.joined(separator: argument?.printed ?? ", "))
        case .fence, .firstLine, .indent, .lower, .quote, .slug, .trim, .truncate, .upper:
            return value.printed.map { .text(apply(toText: $0, argument)) }
        }
    }

    private func apply(toText text: String, _ argument: TemplateValue?) -> String {
        let number: Int? =
            if case .number(let number) = argument { Int(exactly: number) } else { nil }
        switch self {
        case .fence: return Self.fenced(text, language: argument?.printed ?? "")
        case .firstLine: return text.split(whereSeparator: \.isNewline).first.map(String.init) ?? ""
        case .indent: return Self.lines(of: text).joined(separator: "\n" + Self.spaces(number ?? 4))
        case .lower: return text.lowercased()
        case .quote: return Self.lines(of: text).map { "> " + $0 }.joined(separator: "\n")
        case .slug: return Domain.slug(of: text)
        case .trim: return Self.trimmed(text)
        case .truncate:
            let limit = number ?? 1
            let head = text.prefix(limit)
            return head.endIndex == text.endIndex ? text : text.prefix(limit - 1) + "…"
        case .upper: return text.uppercased()
        case .default, .join, .json: return text
        }
    }

    private static func spaces(_ count: Int) -> String { String(repeating: " ", count: count) }

    private static func lines(of text: String) -> [Substring] {
        text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline)
    }

    private static func trimmed(_ text: String) -> String {
        guard let first = text.firstIndex(where: { !$0.isWhitespace }),
            let last = text.lastIndex(where: { !$0.isWhitespace })
        else { return "" }
        return String(text[first...last])
    }

    private static func fenced(_ text: String, language: String) -> String {
        var longest = 0
        var run = 0
        for byte in text.utf8 {
            run = byte == UInt8(ascii: "`") ? run + 1 : 0
            longest = max(longest, run)
        }
        let fence = String(repeating: "`", count: max(3, longest + 1))
        let name = language.filter {
            $0.isASCII && ($0.isLetter || $0.isNumber || "+#-_.".contains($0))
        }
        let body = text.hasSuffix("\n") || text.isEmpty ? text : text + "\n"
        return fence + name + "\n" + body + fence
    }

    private static func json(_ value: TemplateValue) -> String {
        switch value {
        case .none: return "null"
        case .truth, .number: return value.printed ?? "null"
        case .text(let text): return quoted(text)
        case .list(let items): return "[" + items.map(json).joined(separator: ", ") + "]"
        case .record(let fields, _):
            let pairs = fields.sorted { $0.key < $1.key }.map {
                quoted($0.key) + ": " + json($0.value)
            }
            return "{" + pairs.joined(separator: ", ") + "}"
        }
    }

    private static func quoted(_ text: String) -> String {
        var result = "\""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"": result += "\\\""
            case "\\": result += "\\\\"
            case "\n": result += "\\n"
            case "\r": result += "\\r"
            case "\t": result += "\\t"
            case "\0"..." ":
                if scalar == " " {
                    result += " "
                } else {
                    let digits = String(scalar.value, radix: 16)
                    result += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
                }
            default: result.unicodeScalars.append(scalar)
            }
        }
        return result + "\""
    }
}
