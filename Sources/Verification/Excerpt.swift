/// The end of some output for a person or a prompt: no more than `limitInLines` and
/// `limitInBytes`, without colours and controls, with what a progress bar showed last.
func excerpt(of output: [UInt8], limitInLines: Int = 60, limitInBytes: Int = 4096) -> String {
    var lines: [String] = []
    var bytes = 0
    let text = plain(String(decoding: output, as: UTF8.self))
    for line in text.split(separator: "\n", omittingEmptySubsequences: false).reversed() {
        // What a carriage return lets the next words be written over is what nobody saw.
        let shown = line.split(separator: "\r").last.map(String.init) ?? ""
        if lines.isEmpty && shown.isEmpty { continue }
        let room = limitInBytes - bytes
        guard lines.count < limitInLines, room > 0 else { break }
        if shown.utf8.count > room {
            lines.append(String(decoding: shown.utf8.suffix(room), as: UTF8.self))
            break
        }
        lines.append(shown)
        bytes += shown.utf8.count + 1
    }
    return lines.reversed().joined(separator: "\n")
}

/// A text without the sequences that a terminal obeys; lines, tabs and carriage returns stay.
private func plain(_ text: String) -> String {
    var result = String.UnicodeScalarView()
    var scalars = text.unicodeScalars.makeIterator()
    while let scalar = scalars.next() {
        switch scalar {
        case "\n", "\t", "\r": result.append(scalar)
        case "\u{1B}":
            // ECMA-48: ESC [ parameters final, ESC ] text BEL, or ESC and one character.
            guard let kind = scalars.next() else { break }
            if kind == "[" {
                while let next = scalars.next(), !("\u{40}"..."\u{7E}" ~= next) {}
            } else if kind == "]" {
                while let next = scalars.next(), next != "\u{7}", next != "\n" {}
            }
        default:
            switch scalar.properties.generalCategory {
            case .control, .format, .lineSeparator, .paragraphSeparator: break
            default: result.append(scalar)
            }
        }
    }
    return String(result)
}
