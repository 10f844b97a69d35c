internal import Domain
internal import YAML

/// What looks like a secret that stands in a file itself.
enum KnownSecret {
    /// Tokens of well-known services.
    static func tokens(in text: String) -> [(range: Range<String.Index>, words: String)] {
        let bytes = Array(text.utf8)
        var found: [(range: Range<String.Index>, words: String)] = []
        var end = 0
        while let token = KnownToken.first(in: bytes, from: end, isConfiguration: true) {
            end = token.start + token.length
            found.append((text.range(ofBytes: token.start..<end), token.words))
        }
        return found
    }

    /// Passwords in addresses, `scheme://user:…@host`, but for variables.
    static func passwords(in text: String) -> [Range<String.Index>] {
        var found: [Range<String.Index>] = []
        var rest = text[...]
        while let scheme = rest.firstRange(of: "://") {
            rest = rest[scheme.upperBound...]
            let authority = rest.prefix { $0.isASCII && !$0.isWhitespace && !"/\"'`".contains($0) }
            guard let at = authority.lastIndex(of: "@"),
                let colon = authority[..<at].firstIndex(of: ":")
            else { continue }
            let password = text.index(after: colon)..<at
            if !password.isEmpty, text[password.lowerBound] != "$" { found.append(password) }
        }
        return found
    }

    /// Whether a key is named as one whose value is a secret.
    static func isNamed(_ key: String) -> Bool {
        let name = key.lowercased().filter { $0 != "_" && $0 != "-" && $0 != "." }
        let words = ["password", "passwd", "passphrase", "secret", "token", "apikey", "credential"]
        return words.contains { name.contains($0) } || name.hasSuffix("privatekey")
    }

    /// Whether a text is long and without order, as keys that a program made are.
    static func isRandom(_ text: String) -> Bool {
        guard text.utf8.count >= 20,
            text.utf8.allSatisfy({ (0x21...0x7E).contains($0) && $0 != UInt8(ascii: "/") }),
            text.contains(where: \.isNumber), text.contains(where: \.isLetter)
        else { return false }
        return Set(text).count >= 10
    }
}

extension String {
    fileprivate func range(ofBytes bytes: Range<Int>) -> Range<String.Index> {
        utf8.index(
            startIndex,
            offsetBy: bytes.lowerBound
        )..<utf8.index(
            startIndex,
            offsetBy: bytes.upperBound
        )
    }

    /// Without what looks like a secret.
    var withSecretsCovered: String {
        let found = KnownSecret.tokens(in: self).map(\.range) + KnownSecret.passwords(in: self)
        return found.sorted { $0.lowerBound > $1.lowerBound }.reduce(into: self) { text, range in
            text.replaceSubrange(range, with: "••••••")
        }
    }
}

/// A token that was found in a file.
struct FoundToken {
    let place: SourcePlace
    let words: String
}

extension Reading {
    /// Covers what looks like a token, in values, keys and comments, also where the file is broken.
    mutating func coverTokens() -> [FoundToken] {
        var found: [FoundToken] = []
        for number in 1...max(source.lineCount, 1) {
            let line = source.line(number)
            // Most lines are too short for any.
            guard line.utf8.count >= 12 else { continue }
            func place(_ range: Range<String.Index>) -> SourcePlace {
                SourcePlace(
                    line: number,
                    column: line[..<range.lowerBound].unicodeScalars.count + 1,
                    length: line[range].unicodeScalars.count
                )
            }
            // The password of a test's database is no secret; it's only not shown.
            for range in KnownSecret.passwords(in: line) { hide(place(range)) }
            for (range, words) in KnownSecret.tokens(in: line) {
                hide(place(range))
                found.append(FoundToken(place: place(range), words: words))
            }
        }
        return found
    }

    /// Reports tokens where nothing else was said about the value.
    mutating func refuse(_ tokens: [FoundToken]) {
        for token in tokens {
            let isTold = diagnostics.contains { found in
                found.severity == .error && found.message.contains("not shown")
                    && found.place.map { covers($0, token.place) } ?? false
            }
            if isTold { continue }
            report(
                token.place,
                "\(token.words) seems to stand here, and is not shown; secrets are only named:"
                    + " $NAME of a variable or file:PATH",
                hint:
                    "move it into a variable or a file, and renew it if others have seen this file"
            )
        }
    }

    /// Covers what stands behind keys such as `api_key`, and refuses it when it looks made by a program.
    mutating func coverSecrets(in node: YAMLNode) {
        switch node.content {
        case .scalar(let scalar): coverEscaped(scalar.text, at: node.place)
        case .sequence(let nodes): for node in nodes { coverSecrets(in: node) }
        case .mapping(let entries):
            for entry in entries {
                coverSecrets(in: entry.value)
                guard KnownSecret.isNamed(entry.key),
                    case .string(let text) = entry.value.scalar,
                    !text.hasPrefix("$"), !text.hasPrefix("file:")
                else { continue }
                hide(entry.value.place)
                if entry.key.hasPrefix("x-"), KnownSecret.isRandom(text) {
                    report(
                        entry.value.place,
                        "a secret seems to stand here, and is not shown; secrets are only named:"
                            + " $NAME of a variable or file:PATH",
                        hint: "move it out of this file, and renew it if others have seen it"
                    )
                }
            }
        }
    }

    /// Covers and refuses a token that is written with escapes or over several lines, and so stands in no line.
    private mutating func coverEscaped(_ text: String, at place: SourcePlace) {
        guard let token = KnownSecret.tokens(in: text).first else { return }
        let isWhole = (place.line...max(place.line, source.lineCount)).contains {
            source.line($0).contains(text[token.range])
        }
        if isWhole { return }
        hide(place)
        refuse([FoundToken(place: place, words: token.words)])
    }

    /// Covers what stands behind `token:` and its like in a file that has no tree to look it up in.
    mutating func hideWhatLooksSecret() {
        for number in 1...max(source.lineCount, 1) {
            let line = Array(source.line(number).unicodeScalars)
            let text = source.line(number).lowercased()
            guard ["token", "secret", "password", "key"].contains(where: { text.contains($0) }),
                let colon = line.firstIndex(of: ":")
            else { continue }
            let start = line[(colon + 1)...].firstIndex { $0 != " " } ?? line.count
            let rest = String(String.UnicodeScalarView(line[start...]))
            guard !rest.hasPrefix("$"), !rest.hasPrefix("file:") else { continue }
            hide(SourcePlace(line: number, column: start + 1, length: line.count - start))
        }
    }

    private func covers(_ place: SourcePlace, _ inner: SourcePlace) -> Bool {
        place.line == inner.line && place.column <= inner.column
            && place.column + place.length >= inner.column + inner.length
    }
}
