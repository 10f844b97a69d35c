package import Domain

extension Batch {
    /// The batch for a terminal: phases as headings, below each its tickets with why they wait.
    ///
    /// - Parameters:
    ///   - width: of the terminal in columns, at least 40; no line is wider.
    ///   - reasons: why tickets wait. For others it's what their records say, else what they wait for in
    ///     this batch.
    /// - Returns: Lines, each with its end; escape sequences in titles are written out.
    package func tree(width: Int = 80, reasons: [TicketKey: String] = [:]) -> String {
        let width = max(40, width)
        var waitsFor: [TicketKey: [TicketKey]] = [:]
        for dependency in dependencies
        where !(waitsFor[dependency.ticket] ?? []).contains(dependency.on) {
            waitsFor[dependency.ticket, default: []].append(dependency.on)
        }
        let column = tickets.map { $0.ticket.rawValue.utf8.count }.max() ?? 0
        var lines: [String] = []
        for group in drawnPhases {
            if !lines.isEmpty { lines.append("") }
            let count = group.members.count
            lines.append("\(group.title) (\(count == 1 ? "1 ticket" : "\(count) tickets"))")
            for (index, member) in group.members.enumerated() {
                let isLast = index == count - 1
                let key = member.ticket.rawValue
                let padding = String(repeating: " ", count: column - key.utf8.count)
                let head = "\(isLast ? "└─" : "├─") \(key)\(padding)  "
                // Two scripts wide in a column are still cut right: `fitted` counts columns.
                lines.append((head + member.title.inOneLine(limit: width)).fitted(to: width))
                let others = waitsFor[member.ticket].map { keys in
                    "after " + keys.sorted().map(\.rawValue).joined(separator: ", ")
                }
                guard let reason = reasons[member.ticket] ?? member.reason ?? others else {
                    continue
                }
                let indent = (isLast ? "  " : "│ ") + String(repeating: " ", count: column + 3)
                let words = reason.inOneLine(limit: 2000)
                for line in words.wrapped(to: width - column - 5) { lines.append(indent + line) }
            }
        }
        return lines.map { $0 + "\n" }.joined()
    }
}

extension String {
    /// The text cut to a number of columns, with `…` where something is missing.
    fileprivate func fitted(to width: Int) -> String {
        var result = ""
        var columns = 0
        var cut = ""
        for character in self {
            // The longest beginning that leaves a column for the mark.
            if columns < width { cut = result }
            columns += character.columns
            result.append(character)
            if columns > width {
                while cut.reduce(0, { $0 + $1.columns }) >= width { cut.removeLast() }
                while cut.last == " " { cut.removeLast() }
                return cut + "…"
            }
        }
        return result
    }

    /// The words in lines of at most so many columns; a longer word is broken.
    package func wrapped(to width: Int) -> [String] {
        var lines: [String] = []
        var line = ""
        var columns = 0
        for word in split(separator: " ") {
            let length = word.reduce(0) { $0 + $1.columns }
            if !line.isEmpty, columns + 1 + length > width {
                lines.append(line)
                (line, columns) = ("", 0)
            }
            if !line.isEmpty {
                line += " "
                columns += 1
            }
            for character in word {
                if columns + character.columns > width {
                    lines.append(line)
                    (line, columns) = ("", 0)
                }
                line.append(character)
                columns += character.columns
            }
        }
        return line.isEmpty ? lines : lines + [line]
    }
}

extension Character {
    /// How many columns a terminal gives it.
    ///
    /// Two for the scripts of East Asia and for emoji, as terminals do; see Unicode's annex 11, "East Asian
    /// Width", `W` and `F`.
    fileprivate var columns: Int {
        guard let first = unicodeScalars.first else { return 0 }
        switch first.value {
        case 0...0x2FF: return 1
        case 0x1100...0x115F, 0x2E80...0x303E, 0x3041...0xA4CF, 0xA960...0xA97F, 0xAC00...0xD7A3,
            0xF900...0xFAFF, 0xFE30...0xFE6F, 0xFF00...0xFF60, 0xFFE0...0xFFE6, 0x1F300...0x1FAFF,
            0x20000...0x3FFFD:
            return 2
        default: break
        }
        if first.properties.isEmojiPresentation { return 2 }
        if unicodeScalars.contains("\u{FE0F}") { return 2 }
        return first.properties.generalCategory == .nonspacingMark ? 0 : 1
    }
}
