/// A text by its lines, none of which loses a byte.
enum Lines {
    /// The lines with their ends: LF, CR or CRLF.
    static func split(_ text: String) -> [Substring] {
        var lines: [Substring] = []
        let bytes = text.utf8
        var start = bytes.startIndex
        var index = start
        while index < bytes.endIndex {
            let byte = bytes[index]
            index = bytes.index(after: index)
            guard byte == 0x0A || byte == 0x0D else { continue }
            if byte == 0x0D, index < bytes.endIndex, bytes[index] == 0x0A {
                index = bytes.index(after: index)
            }
            lines.append(text[start..<index])
            start = index
        }
        if start < bytes.endIndex { lines.append(text[start...]) }
        return lines
    }
}

extension Substring {
    /// The line without its end.
    var content: Substring {
        let bytes = utf8
        var end = bytes.endIndex
        while end > bytes.startIndex {
            let before = bytes.index(before: end)
            guard bytes[before] == 0x0A || bytes[before] == 0x0D else { break }
            end = before
        }
        return self[startIndex..<end]
    }

    /// Without the spaces and tabs around it.
    var trimmed: Substring {
        var bytes = utf8
        while let first = bytes.first, first.isBlank { bytes.removeFirst() }
        while let last = bytes.last, last.isBlank { bytes.removeLast() }
        return Substring(bytes)
    }

    /// Whether it holds spaces, tabs and line ends only.
    var isBlankLine: Bool {
        utf8.allSatisfy { $0.isBlank || $0 == 0x0A || $0 == 0x0D }
    }

    /// The columns that the spaces and tabs at the start take; a tab goes on to the next multiple of 4.
    var indentation: Int {
        var columns = 0
        for byte in utf8 {
            switch byte {
            case 0x20: columns += 1
            case 0x09: columns += 4 - columns % 4
            default: return columns
            }
        }
        return columns
    }
}

extension UInt8 {
    /// Space or tab.
    var isBlank: Bool { self == 0x20 || self == 0x09 }

    /// 0 to 9.
    var isDigit: Bool { UInt8(ascii: "0")...UInt8(ascii: "9") ~= self }
}
