import Disk

/// Text of a ticket or an agent, on its way into a pull request.
///
/// A pull request's title and text are read by more than its page: merging by squash makes them the commit's
/// message, where Markdown doesn't count, and Linear's own integration looks for keys of tickets. So what
/// has power is taken out of the letters themselves, and stays readable: a look-alike from the block
/// of full-width forms takes the place of the one character that matters.
enum UntrustedText {
    /// The text without mentions, references that could close or link a foreign issue or ticket, HTML,
    /// images, orders to the build server, and characters that can't be seen.
    static func neutralized(_ text: String) -> String {
        // What isn't seen goes first, or it would part a sign from the word that gives it its power.
        let source = Array(text.unicodeScalars).filter {
            $0.isSpace || !$0.isUnsafeToShow
        }
        var result = String.UnicodeScalarView()
        var index = 0
        while index < source.count {
            let scalar = source[index]
            let next = index + 1 < source.count ? source[index + 1] : "\0"
            let previous = index > 0 ? source[index - 1] : "\0"
            switch scalar {
            case "\n", "\t": result.append(scalar)
            case "\r": if next != "\n" { result.append("\n") }
            // A mention; not the sign in an e-mail address.
            case "@" where next.isWord && !previous.isWord: result.append("\u{FF20}")
            // A reference to an issue.
            case "#" where next.isDigit: result.append("\u{FF03}")
            // The same as GH-1, and Linear's FRE-69: a hyphen that looks alike and is another one.
            case "-" where next.isDigit && (previous.isWord || previous == "\\"):
                result.append("\u{2011}")
            // `&commat;` and `&#x23;` are these signs on the page.
            case "&" where isEntity(source[(index + 1)...]): result.append("\u{FF06}")
            case "<" where next.isLetter || "/!?".unicodeScalars.contains(next):
                result.append("\u{FF1C}")
            case "!" where next == "[": result.append("\u{FF01}")
            case "[" where isOrder(source[(index + 1)...]): result.append("\u{FF3B}")
            // A link to an issue closes it, too: with another colon it is no link.
            case ":" where isReference(source[(index + 1)...]): result.append("\u{FF1A}")
            default: result.append(scalar)
            }
            index += 1
        }
        return String(result)
    }

    /// The text on one line, of at most so many code points.
    static func line(_ text: String, limit: Int) -> String {
        // Enough for a line, white space and what can't be seen included; the rest isn't looked at.
        let start = String(text.unicodeScalars.prefix(limit * 8))
        let words = neutralized(start).split(whereSeparator: \.isWhitespace)
        let line = words.joined(separator: " ")
        let scalars = line.unicodeScalars
        guard scalars.count > limit else { return line }
        return String(scalars.prefix(limit - 1)) + "…"
    }

    /// The text as a quotation of at most so many bytes.
    static func quotation(_ text: String, limit: Int) -> String {
        let source = text.unicodeScalars.prefix(limit)
        var isCut = source.endIndex != text.unicodeScalars.endIndex
        let lines = neutralized(String(source))
            .split(separator: "\n", omittingEmptySubsequences: false)
        var quoted: [String] = []
        var room = limit - 20  // for the last line
        for line in lines {
            let start = start(of: line, room: room - 3)
            quoted.append(start.isEmpty ? ">" : "> \(start)")
            room -= start.utf8.count + 3
            isCut = isCut || start.utf8.count < line.utf8.count
            if room <= 3 { break }
        }
        if isCut || quoted.count < lines.count { quoted.append("> … (cut here)") }
        return quoted.joined(separator: "\n")
    }

    /// The text in a cell of a table, of at most so many code points.
    static func cell(_ text: String, limit: Int) -> String {
        var cell = ""
        for character in line(text, limit: limit) {
            if character == "|" || character == "\\" { cell += "\\" }
            cell.append(character)
        }
        return cell
    }

    private static func start(of line: Substring, room: Int) -> String {
        var start = ""
        var left = room
        for scalar in line.unicodeScalars {
            left -= UTF8.width(scalar)
            if left < 0 { break }
            start.unicodeScalars.append(scalar)
        }
        return start
    }

    /// `[skip ci]` and its kin in a commit's message keep checks from running.
    /// https://docs.github.com/en/actions/managing-workflow-runs/skipping-workflow-runs
    private static func isOrder(_ rest: ArraySlice<Unicode.Scalar>) -> Bool {
        let words = String(String.UnicodeScalarView(rest.prefix(16))).lowercased()
        return ["skip ci]", "ci skip]", "no ci]", "skip actions]", "actions skip]"]
            .contains { words.hasPrefix($0) }
    }

    /// Whether the rest of an address after its scheme is that of an issue, pull request, discussion or commit.
    private static func isReference(_ rest: ArraySlice<Unicode.Scalar>) -> Bool {
        guard rest.starts(with: "//".unicodeScalars) else { return false }
        let address = String(
            String.UnicodeScalarView(rest.prefix(2_000).prefix { !$0.properties.isWhitespace })
        ).lowercased()
        return ["/issues/", "/issue/", "/pull/", "/discussions/", "/commit/"]
            .contains { address.contains($0) }
    }

    /// Whether what follows an ampersand makes a character's name or number in Markdown.
    private static func isEntity(_ rest: ArraySlice<Unicode.Scalar>) -> Bool {
        let name = rest.prefix(40).prefix { $0.isWord || $0 == "#" }
        return !name.isEmpty && rest.dropFirst(name.count).first == ";"
    }
}

extension Unicode.Scalar {
    fileprivate var isDigit: Bool { ("0"..."9").contains(self) }
    fileprivate var isLetter: Bool { ("a"..."z").contains(self) || ("A"..."Z").contains(self) }
    fileprivate var isSpace: Bool { self == "\n" || self == "\t" || self == "\r" }
    fileprivate var isWord: Bool { isDigit || isLetter || self == "_" }
}
