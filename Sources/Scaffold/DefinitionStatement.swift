/// Tells what a statement declares, by its shape.
struct DefinitionStatement {
    typealias Token = DefinitionBraces.Token
    typealias Owner = DefinitionBraces.Owner

    private enum Kind {
        case type
        case function
        case value
    }

    let syntax: DefinitionSyntax

    private static let control: Set<String> = [
        "if", "for", "while", "switch", "catch", "else", "guard", "do", "return", "try", "match",
        "loop", "repeat", "with", "using", "lock", "synchronized", "when", "foreach", "elif",
        "select", "defer", "unsafe", "case", "default", "in", "await", "throw", "finally", "new",
        "import", "package", "goto", "sizeof", "assert", "yield", "fixed", "checked", "delete",
        "until", "then", "fi", "done", "esac", "range", "from",
    ]
    private static let attributes: Set<String> = [
        "__attribute__", "__declspec", "alignas", "noexcept", "_Alignas", "requires", "explicit",
        "decltype",
    ]
    /// Words that go on with the line before.
    private static let continuing: Set<String> = [
        "extends", "implements", "where", "throws", "rethrows", "else", "catch", "by",
        "finally", "with", "satisfies",
    ]

    // MARK: Where it ends

    /// Whether a statement goes on with a token of the next line.
    func continues(_ tokens: [Token], with next: Token) -> Bool {
        switch tokens.last {
        case .sign(let sign):
            let text = string(sign)
            if !["?", "!", ">", ">>", "++", "--", "*", "?>"].contains(text) { return true }
        case .word, .string, .group, nil: break
        }
        if syntax.ignoresNextLine { return false }
        switch next {
        case .group(let bracket):
            if bracket == UInt8(ascii: "{") { return true }
        case .sign(let sign):
            // `@` and `#` begin something; all other signs go on.
            let first = string(sign)
            if first != "@", first != "#", first != "~", first != "*" { return true }
        case .word(let word):
            let text = string(word)
            // Elsewhere the next function may begin with it.
            let isEffect = text == "async" && syntax.words.functions.contains("func")
            if isEffect || Self.continuing.contains(text) { return true }
        case .string: break
        }
        return withoutAttributes(tokens).isEmpty
    }

    /// Whether a statement whose last token is a block ends with it.
    func endsWithBlock(_ tokens: [Token]) -> Bool {
        let tokens = withoutAttributes(tokens)
        if case .word(let first) = tokens.first {
            let word = string(first)
            if word == "typedef" || word == "return" { return false }
            if word == "extern" || word == "template" { return true }
        }
        if let (kind, _) = keyword(in: tokens), kind != .value { return true }
        return assignment(in: tokens) == nil && !tokens.contains { $0 == .sign([0x3A]) }
            || (syntax.words.hasTypesFirst && assignment(in: tokens) == nil)
            || (keyword(in: tokens)?.kind == .value && assignment(in: tokens) == nil)
            || (syntax.words.hasBareFunctions && assignment(in: tokens) == nil
                && bareFunction(in: tokens) != nil)
    }

    // MARK: What it is

    /// To what a block belongs that opens behind these tokens.
    func owner(ofBlockBehind tokens: [Token], in outer: Owner, _ bracket: UInt8) -> Owner {
        let tokens = withoutAttributes(tokens)
        guard let first = tokens.first else {
            return bracket == UInt8(ascii: "(") || bracket == UInt8(ascii: "[")
                || outer == .value ? .value : .function
        }
        if case .word(let word) = first {
            if ["extern", "namespace"].contains(string(word)) { return .file }
            if string(word) == "typedef" { return .type }
            if Self.control.contains(string(word)), string(word) != "default" {
                return string(word) == "return" && tokens.count == 1 ? .value : .function
            }
        }
        if case .sign(let sign) = tokens.last, string(sign) == "=>" || string(sign) == "->" {
            return .function
        }
        if syntax.words.hasTypesFirst, bareFunction(in: tokens) != nil, !isJavaType(tokens) {
            return .function
        }
        if let (kind, _) = keyword(in: tokens) {
            switch kind {
            case .type: return .type
            case .function: return .function
            case .value: break
            }
        }
        switch tokens.last {
        case .sign(let sign):
            let text = string(sign)
            return text == "=" || text == ":" || text == "," ? .value : .function
        case .word, .string, .group, nil: return .function
        }
    }

    /// The name of what a whole statement declares.
    func name(of tokens: [Token], in owner: Owner) -> String? {
        let tokens = withoutAttributes(tokens)
        let hasBlock = tokens.contains(.group(UInt8(ascii: "{")))
        guard let first = tokens.first else { return nil }
        let isOutside = owner != .function
        if syntax.words.hasTypesFirst, isOutside, !isJavaType(tokens),
            let name = bareFunction(in: tokens),
            hasBlock || tokens.count > 2
        {
            return name
        }
        if let (kind, index) = keyword(in: tokens) {
            switch kind {
            case .type, .function: return declaredName(tokens, index)
            case .value:
                guard owner == .file || owner == .type else { return nil }
                if tokens[index] == .word(ArraySlice("typedef".utf8)) {
                    return lastWord(tokens[...])
                }
                return declaredName(tokens, index)
            }
        }
        guard isOutside, case .word(let word) = first, !Self.control.contains(string(word)) else {
            return nil
        }
        if let sign = assignment(in: tokens) {
            guard owner == .type || (syntax.words.hasTypesFirst && owner == .file) else {
                return nil
            }
            let before = tokens[..<sign]
            let isTyped = before.filter { if case .word = $0 { true } else { false } }.count > 1
            return isTyped || !syntax.words.hasTypesFirst ? fieldName(before) : nil
        }
        if owner == .value, hasBlock, tokens.count > 2, tokens[1] == .sign([0x3A]) {
            return string(word)
        }
        if syntax.words.hasBareFunctions, !syntax.words.hasTypesFirst,
            let name = bareFunction(in: tokens),
            hasBlock || owner == .type
        {
            return name
        }
        // `public int Size { get; }`
        if syntax.words.hasTypesFirst, hasBlock, owner == .type, tokens.count > 2,
            tokens.last == .group(UInt8(ascii: "{")), keyword(in: tokens) == nil
        {
            return lastWord(tokens[...])
        }
        return nil
    }

    // MARK: Parts

    private func string(_ bytes: ArraySlice<UInt8>) -> String {
        String(decoding: bytes, as: UTF8.self)
    }

    /// Behind `@Name(…)`, `#[…]` and `[…]`.
    private func withoutAttributes(_ tokens: [Token]) -> [Token] {
        var index = 0
        func isWord(_ place: Int) -> Bool {
            if place < tokens.count, case .word = tokens[place] { true } else { false }
        }
        while index < tokens.count {
            if tokens[index] == .sign([UInt8(ascii: "@")]), isWord(index + 1) {
                if tokens[index + 1] == .word(ArraySlice("interface".utf8)) { break }
                index += 2
                while index < tokens.count, tokens[index] == .sign([UInt8(ascii: ".")]),
                    isWord(index + 1)
                {
                    index += 2
                }
                if index < tokens.count, tokens[index] == .group(UInt8(ascii: "(")) { index += 1 }
            } else if tokens[index] == .sign([UInt8(ascii: "#")]), index + 1 < tokens.count,
                tokens[index + 1] == .group(UInt8(ascii: "["))
            {
                index += 2
            } else if tokens[index] == .group(UInt8(ascii: "[")) {
                index += 1
            } else {
                break
            }
        }
        return Array(tokens[index...])
    }

    /// The word that says what is declared, with only modifiers before it.
    private func keyword(in tokens: [Token]) -> (kind: Kind, index: Int)? {
        var value: Int?
        for (index, token) in tokens.prefix(16).enumerated() {
            switch token {
            case .word(let bytes):
                let word = string(bytes)
                let words = syntax.words
                let isLast = index + 1 == tokens.count
                if word == "typedef", index == 0 { return (.value, index) }
                if words.types.contains(word), !isLast { return (.type, index) }
                if words.functions.contains(word), !isLast { return (.function, index) }
                // `const fn` and `const enum` are no constants.
                if words.values.contains(word), value == nil { value = index }
                if value.map({ index > $0 + 1 }) ?? false { break }
                if index == 0, Self.control.contains(word), word != "default", word != "unsafe" {
                    return nil
                }
            case .group(let bracket):
                // `pub(crate)`, `private(set)`
                if bracket != UInt8(ascii: "(") || index != 1 || value != nil {
                    return value.map { (.value, $0) }
                }
            case .sign, .string:
                // `extern "C" fn`; `const f = function` is named by its constant.
                if token != .string || value != nil { return value.map { (.value, $0) } }
            }
        }
        return value.map { (.value, $0) }
    }

    /// Whether it declares a type, as `record Point(int x) {` does.
    private func isJavaType(_ tokens: [Token]) -> Bool {
        guard let (kind, index) = keyword(in: tokens), kind == .type else { return false }
        return syntax.words.types.contains("interface") && index < 6
    }

    private func declaredName(_ tokens: [Token], _ index: Int) -> String? {
        guard case .word(let bytes) = tokens[index] else { return nil }
        let word = string(bytes)
        if ["init", "deinit", "subscript", "constructor"].contains(word) { return word }
        var place = index + 1
        if word == "impl" {
            place = behindAngles(tokens, place)
            if let target = tokens[place...].firstIndex(of: .word(ArraySlice("for".utf8))) {
                place = target + 1
            }
        }
        while place < tokens.count {
            switch tokens[place] {
            case .word(let bytes):
                let name = string(bytes)
                let isModifier =
                    syntax.words.types.contains(name) || syntax.words.functions.contains(name)
                    || name == "mut"
                if isModifier {
                    place += 1
                    continue
                }
                return qualified(tokens, place)
            case .group(let bracket):
                // A receiver, or an attribute; braces are a pattern or a body without a name.
                if bracket == UInt8(ascii: "{") || place > index + 1 { return nil }
                place += 1
            case .sign(let sign):
                let text = string(sign)
                if text == "<" {
                    place = behindAngles(tokens, place)
                } else if text == "*" || text == "!" || text == "&" {
                    place += 1
                } else {
                    return word == "func" ? text : nil
                }
            case .string: return nil
            }
        }
        return nil
    }

    /// The last of names that dots or colons join.
    private func qualified(_ tokens: [Token], _ start: Int) -> String? {
        var place = start
        while place + 2 < tokens.count,
            tokens[place + 1] == .sign([UInt8(ascii: ".")])
        {
            guard case .word = tokens[place + 2] else { break }
            place += 2
        }
        guard case .word(let name) = tokens[place] else { return nil }
        return string(name)
    }

    private func behindAngles(_ tokens: [Token], _ start: Int) -> Int {
        guard start < tokens.count, tokens[start] == .sign([UInt8(ascii: "<")]) else {
            return start
        }
        var depth = 0
        for place in start..<tokens.count {
            guard case .sign(let sign) = tokens[place], string(sign) != "->", string(sign) != "=>"
            else { continue }
            depth += sign.count { $0 == UInt8(ascii: "<") }
            depth -= sign.count { $0 == UInt8(ascii: ">") }
            if depth <= 0 { return place + 1 }
        }
        return tokens.count
    }

    private func assignment(in tokens: [Token]) -> Int? {
        for (index, token) in tokens.enumerated() where token == .sign([UInt8(ascii: "=")]) {
            if index > 0, tokens[index - 1] == .word(ArraySlice("operator".utf8)) { continue }
            return index
        }
        return nil
    }

    /// The name before the first parentheses, unless it's a call.
    private func bareFunction(in tokens: [Token]) -> String? {
        guard case .word(let first) = tokens.first ?? .string,
            !Self.control.contains(string(first)) || string(first) == "default"
        else { return nil }
        for (index, token) in tokens.enumerated() {
            switch token {
            case .group(let bracket) where bracket == UInt8(ascii: "("):
                guard index > 0 else { return nil }
                if case .sign(let sign) = tokens[index - 1] {
                    if index > 1, tokens[index - 2] == .word(ArraySlice("operator".utf8)) {
                        return "operator" + string(sign)
                    }
                    // `name<T>(…)`, `name?(…)`
                    guard sign.allSatisfy({ $0 == UInt8(ascii: ">") || $0 == UInt8(ascii: "?") }),
                        !syntax.words.hasTypesFirst,
                        case .word(let name) = tokens[0]
                    else { return nil }
                    return string(name)
                }
                guard case .word(let name) = tokens[index - 1] else { return nil }
                let text = string(name)
                if Self.attributes.contains(text) { continue }
                let isCall = index > 1 && tokens[index - 2] == .sign([UInt8(ascii: ".")])
                return Self.control.contains(text) || isCall ? nil : text
            case .group(let bracket) where bracket == UInt8(ascii: "{"): return nil
            case .sign(let sign):
                let text = string(sign)
                if text == "=" || text == "=>" {
                    guard index > 0, tokens[index - 1] == .word(ArraySlice("operator".utf8)) else {
                        return nil
                    }
                }
            case .word, .string, .group: break
            }
        }
        return nil
    }

    /// The name of a field, before its type, its size or its value.
    private func fieldName(_ tokens: ArraySlice<Token>) -> String? {
        if let colon = tokens.firstIndex(of: .sign([UInt8(ascii: ":")])),
            !syntax.words.hasTypesFirst
        {
            return lastWord(tokens[..<colon])
        }
        return lastWord(tokens)
    }

    private func lastWord(_ tokens: ArraySlice<Token>) -> String? {
        for token in tokens.reversed() { if case .word(let word) = token { return string(word) } }
        return nil
    }
}
