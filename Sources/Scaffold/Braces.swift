/// Finds definitions in a language of braces, whatever stands in its strings and comments.
struct Braces {
    private let lines: [Substring]
    private let hasHashComments: Bool
    private var found: [Definition] = []
    /// The text before an opening brace, back to the statement before it.
    private var header: [UInt8] = []
    private var headerLine = 0
    private var open: [Block] = []

    private struct Block {
        var name: String?
        var line: Int
        /// The header that goes on behind a brace inside its parentheses, with its line.
        var outer: (header: [UInt8], line: Int)?
    }

    init(_ lines: [Substring], hasHashComments: Bool) {
        self.lines = lines
        self.hasHashComments = hasHashComments
    }

    /// Where the scanner stands between two characters.
    private enum State: Equatable {
        case code
        case blockComment
        /// A string that goes on over line ends until this mark.
        case long([UInt8])
    }

    consuming func definitions() -> [Definition] {
        var scan = self
        var state = State.code
        for (number, line) in scan.lines.enumerated() {
            scan.scan(Array(line.utf8), number, &state)
        }
        return scan.found
    }

    private mutating func scan(_ line: [UInt8], _ number: Int, _ state: inout State) {
        var index = 0
        func starts(_ text: StaticString) -> Bool {
            line.count - index >= text.utf8CodeUnitCount
                && line[index..<(index + text.utf8CodeUnitCount)].elementsEqual(
                    text.withUTF8Buffer { Array($0) }
                )
        }
        while index < line.count {
            let byte = line[index]
            switch state {
            case .blockComment:
                if starts("*/") {
                    state = .code
                    index += 1
                }
            case .long(let mark):
                if byte == UInt8(ascii: "\\"), mark.count == 1 {
                    index += 1
                } else if line[index...].starts(with: mark) {
                    state = .code
                    index += mark.count - 1
                }
            case .code:
                if starts("//")
                    || (hasHashComments && byte == UInt8(ascii: "#") && isFree(line, index))
                {
                    return endLine(number)
                } else if starts("/*") {
                    state = .blockComment
                    index += 1
                } else if starts("\"\"\"") {
                    state = .long(Array("\"\"\"".utf8))
                    index += 2
                } else if byte == UInt8(ascii: "`") {
                    state = .long([byte])
                } else if byte == UInt8(ascii: "\"") {
                    index = stringEnd(line, index)
                } else if byte == UInt8(ascii: "'") {
                    index = quoteEnd(line, index)
                } else {
                    take(byte, number)
                }
            }
            index += 1
        }
        if state == .code { endLine(number) }
    }

    private func isFree(_ line: [UInt8], _ index: Int) -> Bool {
        index == 0 || line[index - 1] == UInt8(ascii: " ") || line[index - 1] == UInt8(ascii: "\t")
    }

    /// The end of a string that ends in its line, closed or not.
    private func stringEnd(_ line: [UInt8], _ start: Int) -> Int {
        var index = start + 1
        while index < line.count, line[index] != line[start] {
            index += line[index] == UInt8(ascii: "\\") ? 2 : 1
        }
        return min(index, line.count)
    }

    /// The end of a string in single quotes; an apostrophe or a lifetime is none.
    private func quoteEnd(_ line: [UInt8], _ start: Int) -> Int {
        let end = stringEnd(line, start)
        return end < line.count ? end : start
    }

    private mutating func take(_ byte: UInt8, _ number: Int) {
        switch byte {
        case UInt8(ascii: "{"):
            if Self.depth(of: header) > 0 {
                // A pattern, a default value or a closure among the parameters.
                open.append(Block(name: nil, line: number, outer: (header, headerLine)))
            } else {
                open.append(
                    Block(
                        name: Self.name(in: header),
                        line: header.isEmpty ? number : headerLine,
                        outer: nil
                    )
                )
            }
            header = []
        case UInt8(ascii: "}"):
            let block = open.popLast()
            if let block, let name = block.name {
                found.append(Definition(name: name, lines: block.line...number))
            }
            header = block?.outer?.header ?? []
            if let line = block?.outer?.line { headerLine = line }
        case UInt8(ascii: ";"): header = []
        default:
            if header.isEmpty {
                if byte == UInt8(ascii: " ") || byte == UInt8(ascii: "\t") { return }
                headerLine = number
            }
            // A header is never long; what is longer is data.
            if header.count < 2000 { header.append(byte) }
        }
    }

    private mutating func endLine(_ number: Int) {
        guard !header.isEmpty else { return }
        // A statement without a semicolon ends with its line, unless something is still open in it.
        let depth = Self.depth(of: header)
        let continues = [",", "=", ">", ":", "&", "|", "+", "-"].contains {
            header.last == $0.utf8.first
        }
        let isDeclared = Self.keywords.contains { Self.words(in: header).contains($0) }
        if depth <= 0, !continues, !isDeclared {
            // Only `) {` on a line of its own still belongs to what stands above.
            header = header.last == UInt8(ascii: ")") ? header : []
        } else {
            header.append(UInt8(ascii: " "))
        }
        if number - headerLine > 40 { header = [] }
    }

    /// How many parentheses and brackets are open at the end of a header.
    private static func depth(of header: [UInt8]) -> Int {
        header.reduce(0) { depth, byte in
            switch byte {
            case UInt8(ascii: "("), UInt8(ascii: "["): depth + 1
            case UInt8(ascii: ")"), UInt8(ascii: "]"): depth - 1
            default: depth
            }
        }
    }

    private static let keywords: Set<String> = [
        "func", "function", "class", "struct", "enum", "protocol", "extension", "interface",
        "trait", "impl", "fn", "type", "namespace", "record", "object", "actor", "message",
        "service", "macro", "init", "deinit", "subscript", "module",
    ]
    private static let control: Set<String> = [
        "if", "for", "while", "switch", "catch", "else", "guard", "do", "return", "try", "match",
        "loop", "repeat", "with", "using", "lock", "synchronized", "when", "foreach", "elif",
        "select", "defer", "unsafe", "case", "default", "in", "await", "throw", "finally",
    ]

    private static func words(in header: [UInt8]) -> [String] {
        header.split { !isWord($0) }.map { String(decoding: $0, as: UTF8.self) }
    }

    private static func isWord(_ byte: UInt8) -> Bool {
        (0x30...0x39).contains(byte) || (0x41...0x5A).contains(byte & 0xDF) || byte == 0x5F
            || byte == UInt8(ascii: "$") || byte >= 0x80
    }

    /// What the block behind a header defines, or `nil` when it's a statement or a closure.
    static func name(in header: [UInt8]) -> String? {
        let words = words(in: header)
        guard let first = words.first else { return nil }
        for (index, word) in words.enumerated() where keywords.contains(word) {
            if word == "init" || word == "deinit" || word == "subscript" { return word }
            // Go: func (r *Receiver) Name(
            if word == "func", header.starts(with: Array("func (".utf8)) {
                let end = header.firstIndex(of: UInt8(ascii: ")")) ?? 0
                return Self.words(in: Array(header[end...])).first
            }
            if word == "impl" {
                let rest = Array(words[(index + 1)...])
                if let target = rest.firstIndex(of: "for"), target + 1 < rest.count {
                    return rest[target + 1]
                }
                return rest.first
            }
            if index + 1 < words.count, !keywords.contains(words[index + 1]) {
                return words[index + 1]
            }
        }
        if control.contains(first) { return nil }
        let modifiers: Set<String> = [
            "export", "default", "public", "private", "static", "const", "let", "var", "async",
        ]
        // const name = (…) => {, export const name = {
        if let sign = header.firstIndex(of: UInt8(ascii: "=")),
            words.contains(where: { ["const", "let", "var", "val"].contains($0) })
        {
            return Self.words(in: Array(header[..<sign])).first { !modifiers.contains($0) }
        }
        // name(…) {, as methods are written
        guard let paren = header.firstIndex(of: UInt8(ascii: "(")),
            !header[..<paren].contains(UInt8(ascii: "=")),
            !header[..<paren].contains(UInt8(ascii: "."))
        else {
            // A rule of a style sheet, or a block without a name.
            return nil
        }
        let name = Self.words(in: Array(header[..<paren])).last
        return name.flatMap { control.contains($0) ? nil : $0 }
    }
}
