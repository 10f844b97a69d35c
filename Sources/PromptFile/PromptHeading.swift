import Domain

/// The heading that begins a prompt, `## Prompt 3: FRE-61 Article page layout`.
enum PromptHeading {
    enum Reading: Equatable {
        case prompt(number: Int, key: TicketKey?, title: String)
        /// Speaks of a prompt with a number, but not in the form that is read.
        case malformed
        /// Speaks of a prompt without a number.
        case unnumbered
        case other
    }

    /// Reads a heading's text.
    static func read(_ text: Substring) -> Reading {
        let bytes = text.utf8
        let word = bytes.prefix(6).map { $0 | 0x20 }
        guard word.elementsEqual("prompt".utf8) else { return .other }
        var rest = Substring(bytes.dropFirst(6))
        guard rest.isEmpty || rest.utf8.first?.isBlank ?? false || rest.hasPrefix(":") else {
            return rest.utf8.first?.isDigit ?? false ? .malformed : .other
        }
        rest = rest.trimmed
        let digits = rest.utf8.prefix(while: \.isDigit)
        guard !digits.isEmpty else {
            return rest.utf8.dropFirst().first?.isDigit ?? false ? .malformed : .unnumbered
        }
        guard digits.count <= 6, let number = Int(Substring(digits)), number > 0 else {
            return .malformed
        }
        rest = Substring(rest.utf8.dropFirst(digits.count)).trimmed
        guard !rest.isEmpty else { return .prompt(number: number, key: nil, title: "") }
        guard let title = withoutSeparator(rest) else { return .malformed }
        let first = title.prefix { !$0.isWhitespace }
        let name = first.hasSuffix(":") ? first.dropLast() : first
        guard let key = TicketKey(String(name)), key.rawValue == name else {
            return .prompt(number: number, key: nil, title: unescaped(title))
        }
        let afterKey = Substring(title.utf8.dropFirst(first.utf8.count)).trimmed
        return .prompt(
            number: number,
            key: key,
            title: unescaped(withoutSeparator(afterKey) ?? afterKey)
        )
    }

    /// The line, without its end; the title is taken literally.
    static func line(number: Int, key: TicketKey?, title: String) -> String {
        var rest = title.inOneLine(limit: 300)
        if key == nil, let first = rest.split(separator: " ").first, TicketKey(String(first)) != nil
        {
            rest = "— " + rest
        }
        let text = escaped(rest)
        let name = [key?.rawValue, text.isEmpty ? nil : text].compactMap(\.self)
        return "## Prompt \(number)" + (name.isEmpty ? "" : ": " + name.joined(separator: " "))
    }

    private static func withoutSeparator(_ text: Substring) -> Substring? {
        guard let first = text.first, ":—–-".contains(first) else { return nil }
        return text.dropFirst().trimmed
    }

    private static func escaped(_ text: String) -> String {
        var result = ContainedText.escaped(text[...])
        // A `#` at the end would be taken for the heading's own.
        if result.hasSuffix("#") {
            let marks = result.utf8.reversed().prefix { $0 == UInt8(ascii: "#") }.count
            result = String(result.dropLast(marks)) + "\\" + result.suffix(marks)
        }
        return result
    }

    private static func unescaped(_ text: Substring) -> String {
        var result = ""
        var isEscaped = false
        for character in text {
            if isEscaped {
                if !"<#".contains(character) { result.append("\\") }
                result.append(character)
                isEscaped = false
            } else if character == "\\" {
                isEscaped = true
            } else {
                result.append(character)
            }
        }
        return isEscaped ? result + "\\" : result
    }
}
