extension StringProtocol {
    /// The text with every character that a person would not see written out, such as `<U+202E>`.
    ///
    /// Escape sequences, other control characters, bidirectional controls, zero-width characters, tags
    /// and fillers come from strangers to steer a terminal or to hide words from a reader; written out
    /// they do nothing, and the reader sees that they were there. Line ends become `\n`, tabs stay, and so
    /// do the joiners that emoji and non-Latin scripts need.
    package var withHiddenCharactersShown: String {
        var result = String.UnicodeScalarView()
        var previous: Unicode.Scalar = " "
        var afterReturn = false
        for scalar in unicodeScalars {
            defer {
                previous = scalar
                afterReturn = scalar == "\r"
            }
            switch scalar {
            case "\r": result.append("\n")
            case "\n": if !afterReturn { result.append("\n") }
            case " "..."~", "\t": result.append(scalar)
            case "\u{200C}", "\u{200D}":
                if previous.takesJoiner {
                    result.append(scalar)
                } else {
                    result.append(contentsOf: scalar.writtenOut)
                }
            default:
                if scalar.isHidden {
                    result.append(contentsOf: scalar.writtenOut)
                } else {
                    result.append(scalar)
                }
            }
        }
        return String(result)
    }

    /// `withHiddenCharactersShown` on one line of at most `limit` characters: line ends and tabs become
    /// spaces, a run of spaces one, and what is cut is marked with `…`.
    package func inOneLine(limit: Int) -> String {
        // Far more than `limit` needs, so that a long text costs no more than a short one.
        let head = prefix(limit * 4 + 64)
        var line = ""
        var count = 0
        for word in String(head).withHiddenCharactersShown.split(whereSeparator: \.isWhitespace) {
            if count > limit { break }
            line += count == 0 ? String(word) : " " + word
            count += word.count + 1
        }
        let isCut = head.endIndex != endIndex
        guard line.count > limit || isCut else { return line }
        return line.prefix(limit - 1) + "…"
    }
}

extension Unicode.Scalar {
    fileprivate var isHidden: Bool {
        switch properties.generalCategory {
        case .control, .format, .lineSeparator, .paragraphSeparator, .privateUse: return true
        default: break
        }
        switch value {
        // Combining grapheme joiner, Hangul fillers, braille blank, and the variation selectors but for
        // the two that choose between a character's text and emoji form.
        case 0x034F, 0x115F, 0x1160, 0x3164, 0xFFA0, 0x2800, 0x180B...0x180F, 0xFE00...0xFE0D,
            0xE0100...0xE01EF:
            return true
        default: return false
        }
    }

    /// Whether a joiner after this scalar is ordinary writing: in emoji, Persian, Hindi and the like.
    fileprivate var takesJoiner: Bool {
        guard value > 0x2FF else { return false }
        return value == 0xFE0F || properties.isAlphabetic || properties.isEmoji
            || properties.generalCategory == .nonspacingMark
    }

    fileprivate var writtenOut: String.UnicodeScalarView {
        let digits = String(value, radix: 16, uppercase: true)
        let zeros = String(repeating: "0", count: Swift.max(0, 4 - digits.count))
        return "<U+\(zeros)\(digits)>".unicodeScalars
    }
}
