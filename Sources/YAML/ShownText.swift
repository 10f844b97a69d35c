/// Text from a file made fit for a terminal, a log or a page: one visible character for each one found.
///
/// Control and format characters (escape sequences, right-to-left overrides, zero-width spaces) become
/// `U+FFFD`, tabs and line breaks become a space, and whatever looks like a token of a known provider
/// is covered with `•`.
package enum ShownText {
    /// The beginnings by which Linear, GitHub, GitLab, Anthropic, OpenAI, Slack and AWS mark their tokens.
    private static let tokenPrefixes = [
        "lin_api_", "lin_oauth_", "lin_wh_", "ghp_", "gho_", "ghu_", "ghs_", "ghr_",
        "github_pat_", "glpat-", "sk-", "xoxb-", "xoxp-", "AKIA",
    ]

    /// A value as a message quotes it: harmless, in one line, in single quotes, with `…` when it is long.
    package static func quoted(_ text: String, limit: Int = 60) -> String {
        let harmless = harmless(
            String(String.UnicodeScalarView(text.unicodeScalars.prefix(limit * 2)))
        )
        guard harmless.count > limit || text.unicodeScalars.count > limit * 2 else {
            return "'\(harmless)'"
        }
        return "'\(harmless.prefix(limit))…'"
    }

    /// The same text with as many characters, none of which can do harm.
    package static func harmless(_ text: String) -> String {
        var shown = String.UnicodeScalarView()
        for scalar in text.unicodeScalars { shown.append(harmless(scalar)) }
        return covered(String(shown))
    }

    /// Whether `text` holds what looks like a token of a known provider.
    package static func holdsToken(_ text: String) -> Bool { covered(text) != text }

    /// How many cells of a terminal a character takes; exact for what workflow files hold, wide for emoji.
    static func width(of scalar: Unicode.Scalar) -> Int {
        switch scalar.value {
        case 0x0300...0x036F, 0xFE00...0xFE0F: 0
        case 0x1100...0x115F, 0x2E80...0xA4CF, 0xAC00...0xD7A3, 0xF900...0xFAFF, 0xFE30...0xFE6F,
            0xFF00...0xFF60, 0xFFE0...0xFFE6, 0x1F300...0x1FAFF, 0x20000...0x3FFFD:
            2
        default: 1
        }
    }

    private static func harmless(_ scalar: Unicode.Scalar) -> Unicode.Scalar {
        if scalar.isASCII {
            return switch scalar.value {
            case 0x09, 0x0A, 0x0D: " "
            case 0x20...0x7E: scalar
            default: "\u{FFFD}"
            }
        }
        return switch scalar.properties.generalCategory {
        case .control, .format, .lineSeparator, .paragraphSeparator, .privateUse, .surrogate,
            .unassigned:
            "\u{FFFD}"
        default: scalar
        }
    }

    private static func covered(_ text: String) -> String {
        guard tokenPrefixes.contains(where: { text.contains($0) }) else { return text }
        var result = ""
        var word = ""
        for character in text {
            if isTokenCharacter(character) {
                word.append(character)
            } else {
                result += coveredWord(word)
                result.append(character)
                word = ""
            }
        }
        return result + coveredWord(word)
    }

    private static func coveredWord(_ word: String) -> String {
        for prefix in tokenPrefixes where word.hasPrefix(prefix) && word.count >= prefix.count + 12
        {
            return String(repeating: "•", count: word.unicodeScalars.count)
        }
        return word
    }

    private static func isTokenCharacter(_ character: Character) -> Bool {
        character.isASCII && (character.isLetter || character.isNumber)
            || character == "_" || character == "-"
    }
}
