/// A text file by its lines, for showing the one that a diagnostic speaks of.
///
/// Lines end at LF, CR or CRLF, as editors and YAML 1.2 have it.
package struct SourceText: Sendable {
    private let bytes: [UInt8]
    private let lineStarts: [Int]
    private var hidden: [SourcePlace] = []

    /// Reads where the lines begin.
    package init(_ bytes: [UInt8]) {
        self.bytes = bytes
        var starts = [0]
        for (index, byte) in bytes.enumerated() {
            let endsLine =
                byte == 0x0A
                || byte == 0x0D && !(index + 1 < bytes.count && bytes[index + 1] == 0x0A)
            if endsLine { starts.append(index + 1) }
        }
        lineStarts = starts
    }

    /// Covers the place in whatever is shown from now on; for secrets that stand in the file by mistake.
    package mutating func hide(_ place: SourcePlace) { hidden.append(place) }

    /// The number of lines, a last empty one included.
    package var lineCount: Int { lineStarts.count }

    /// Line `number` (from 1) without its end, with `U+FFFD` for bytes that aren't UTF-8.
    package func line(_ number: Int) -> String {
        guard (1...lineStarts.count).contains(number) else { return "" }
        let start =
            number == 1 && bytes.starts(with: Self.byteOrderMark) ? 3 : lineStarts[number - 1]
        var end = number < lineStarts.count ? lineStarts[number] : bytes.count
        while end > start, bytes[end - 1] == 0x0A || bytes[end - 1] == 0x0D { end -= 1 }
        return String(decoding: bytes[start..<end], as: UTF8.self)
    }

    /// The place of a byte.
    package func place(ofByte offset: Int) -> SourcePlace {
        let offset = min(max(offset, 0), bytes.count)
        var low = 0
        var high = lineStarts.count
        while high - low > 1 {
            let middle = (low + high) / 2
            if lineStarts[middle] <= offset { low = middle } else { high = middle }
        }
        var start = lineStarts[low]
        if low == 0, bytes.starts(with: Self.byteOrderMark), offset >= 3 { start = 3 }
        let before = String(decoding: bytes[start..<offset], as: UTF8.self)
        return SourcePlace(line: low + 1, column: before.unicodeScalars.count + 1, length: 1)
    }

    /// The place behind the last character.
    var end: SourcePlace { place(ofByte: bytes.count) }

    /// The line of a place, harmless and with a marker below it; `nil` when the file has no such line.
    package func excerpt(at place: SourcePlace) -> Diagnostic.Excerpt? {
        guard (1...lineStarts.count).contains(place.line) else { return nil }
        var scalars = Array(line(place.line).unicodeScalars)
        for range in hidden where range.line == place.line {
            let start = min(range.column - 1, scalars.count)
            for index in start..<min(start + range.length, scalars.count) { scalars[index] = "•" }
        }
        let column = min(place.column - 1, scalars.count)
        let window = Self.window(around: column, of: scalars.count)
        let shown = Array(
            ShownText.harmless(String(String.UnicodeScalarView(scalars[window]))).unicodeScalars
        )
        let inset = min(column - window.lowerBound, shown.count)
        let marked = shown[inset..<min(inset + max(place.length, 1), shown.count)]
        let before = shown[..<inset].reduce(0) { $0 + ShownText.width(of: $1) }
        let width = max(marked.reduce(0) { $0 + ShownText.width(of: $1) }, 1)
        let cut = window.lowerBound > 0
        return Diagnostic.Excerpt(
            line: (cut ? "…" : "") + String(String.UnicodeScalarView(shown))
                + (window.upperBound < scalars.count ? "…" : ""),
            marker: String(repeating: " ", count: before + (cut ? 1 : 0)) + "^"
                + String(repeating: "~", count: width - 1)
        )
    }

    private static let byteOrderMark: [UInt8] = [0xEF, 0xBB, 0xBF]

    /// What is shown of a long line: 120 characters, a third of them before the place.
    private static func window(around column: Int, of count: Int) -> Range<Int> {
        guard count > 120 else { return 0..<count }
        let start = min(max(column - 40, 0), count - 120)
        return start..<(start + 120)
    }
}
