/// Cuts a GraphQL document into tokens (October 2021 specification, section 2.1).
struct GraphQLLexer {
    enum Token: Equatable {
        /// One of `! $ & ( ) ... : = @ [ ] { | }`.
        case punctuator(String)
        case name(String)
        case integer(String)
        case float(String)
        case string(String)
        case end

        /// As the reference implementation names it in its messages.
        var description: String {
            switch self {
            case .punctuator(let text): "\"\(text)\""
            case .name(let text): "Name \"\(text)\""
            case .integer(let text): "Int \"\(text)\""
            case .float(let text): "Float \"\(text)\""
            case .string(let text): "String \"\(text)\""
            case .end: "<EOF>"
            }
        }
    }

    private let bytes: [UInt8]
    private var position = 0
    private var line = 1
    private var lineStart = 0

    init(_ text: String) { bytes = Array(text.utf8) }

    /// The next token and where it begins.
    mutating func next() throws(GraphQLError) -> (token: Token, place: Place) {
        skipIgnored()
        let place = here
        guard let byte = peek() else { return (.end, place) }
        switch byte {
        case UInt8(ascii: "."):
            guard bytes[position...].starts(with: "...".utf8) else { throw unexpected(byte) }
            position += 3
            return (.punctuator("..."), place)
        case _ where "!$&():=@[]{|}".utf8.contains(byte):
            position += 1
            return (.punctuator(String(UnicodeScalar(byte))), place)
        case _ where Self.startsName(byte): return (.name(name()), place)
        case _ where byte == UInt8(ascii: "-") || Self.isDigit(byte):
            return (try number(), place)
        case UInt8(ascii: "\""):
            let isBlock = bytes[position...].starts(with: "\"\"\"".utf8)
            return (.string(isBlock ? try blockString() : try string()), place)
        default: throw unexpected(byte)
        }
    }

    func syntaxError(_ message: String, at place: Place) -> GraphQLError {
        GraphQLError(
            message: "Syntax Error: \(message)",
            kind: .syntax,
            line: place.line,
            column: place.column
        )
    }

    private var here: Place { Place(line: line, column: position - lineStart + 1) }

    private func peek(_ offset: Int = 0) -> UInt8? {
        position + offset < bytes.count ? bytes[position + offset] : nil
    }

    private func unexpected(_ byte: UInt8) -> GraphQLError {
        let shown = byte < 0x80 ? "\"\(UnicodeScalar(byte))\"" : "U+\(String(byte, radix: 16))"
        return syntaxError("Unexpected character: \(shown).", at: here)
    }

    private mutating func skipIgnored() {
        while let byte = peek() {
            switch byte {
            case UInt8(ascii: "\n"):
                position += 1
                (line, lineStart) = (line + 1, position)
            case UInt8(ascii: " "), UInt8(ascii: "\t"), UInt8(ascii: "\r"), UInt8(ascii: ","):
                position += 1
            case UInt8(ascii: "#"):
                while let byte = peek(), byte != UInt8(ascii: "\n") { position += 1 }
            case 0xEF where bytes[position...].starts(with: [0xEF, 0xBB, 0xBF]): position += 3
            default: return
            }
        }
    }

    private mutating func name() -> String {
        let start = position
        while let byte = peek(), Self.startsName(byte) || Self.isDigit(byte) { position += 1 }
        return String(decoding: bytes[start..<position], as: UTF8.self)
    }

    private mutating func number() throws(GraphQLError) -> Token {
        let start = position
        var isFloat = false
        if peek() == UInt8(ascii: "-") { position += 1 }
        let leadsWithZero = peek() == UInt8(ascii: "0")
        let digits = try self.digits()
        if leadsWithZero, digits > 1 {
            throw syntaxError("Invalid number, unexpected digit after 0.", at: here)
        }
        if peek() == UInt8(ascii: ".") {
            isFloat = true
            position += 1
            _ = try self.digits()
        }
        if peek() == UInt8(ascii: "e") || peek() == UInt8(ascii: "E") {
            isFloat = true
            position += 1
            if peek() == UInt8(ascii: "-") || peek() == UInt8(ascii: "+") { position += 1 }
            _ = try self.digits()
        }
        if let byte = peek(), Self.startsName(byte) || byte == UInt8(ascii: ".") {
            throw unexpected(byte)
        }
        let text = String(decoding: bytes[start..<position], as: UTF8.self)
        return isFloat ? .float(text) : .integer(text)
    }

    private mutating func digits() throws(GraphQLError) -> Int {
        let start = position
        while let byte = peek(), Self.isDigit(byte) { position += 1 }
        guard position > start else {
            throw syntaxError("Invalid number, expected digit.", at: here)
        }
        return position - start
    }

    private mutating func string() throws(GraphQLError) -> String {
        position += 1
        var text: [UInt8] = []
        while let byte = peek(), byte != UInt8(ascii: "\n"), byte != UInt8(ascii: "\r") {
            position += 1
            switch byte {
            case UInt8(ascii: "\""): return String(decoding: text, as: UTF8.self)
            case UInt8(ascii: "\\"): text += try escape().utf8
            default: text.append(byte)
            }
        }
        throw syntaxError("Unterminated string.", at: here)
    }

    private mutating func escape() throws(GraphQLError) -> String {
        let place = here
        guard let byte = peek() else { throw syntaxError("Unterminated string.", at: here) }
        position += 1
        switch byte {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"):
            return String(UnicodeScalar(byte))
        case UInt8(ascii: "b"): return "\u{8}"
        case UInt8(ascii: "f"): return "\u{c}"
        case UInt8(ascii: "n"): return "\n"
        case UInt8(ascii: "r"): return "\r"
        case UInt8(ascii: "t"): return "\t"
        case UInt8(ascii: "u"):
            var units = [try codeUnit(at: place)]
            if UTF16.isLeadSurrogate(units[0]), peek() == UInt8(ascii: "\\"),
                peek(1) == UInt8(ascii: "u")
            {
                position += 2
                units.append(try codeUnit(at: place))
            }
            guard let text = String(validating: units, as: UTF16.self) else {
                throw syntaxError("Invalid Unicode escape sequence.", at: place)
            }
            return text
        default: throw syntaxError("Invalid character escape sequence.", at: place)
        }
    }

    private mutating func codeUnit(at place: Place) throws(GraphQLError) -> UInt16 {
        let digits = String(decoding: bytes[position...].prefix(4), as: UTF8.self)
        guard digits.utf8.count == 4,
            digits.utf8.allSatisfy({ Self.isDigit($0) || Self.startsName($0) }),
            let unit = UInt16(digits, radix: 16)
        else { throw syntaxError("Invalid Unicode escape sequence.", at: place) }
        position += 4
        return unit
    }

    /// Lines keep their relative indentation; empty lines at both ends are dropped.
    private mutating func blockString() throws(GraphQLError) -> String {
        position += 3
        var text: [UInt8] = []
        while let byte = peek() {
            if bytes[position...].starts(with: "\"\"\"".utf8) {
                position += 3
                return Self.dedented(String(decoding: text, as: UTF8.self))
            }
            if bytes[position...].starts(with: "\\\"\"\"".utf8) {
                text += "\"\"\"".utf8
                position += 4
                continue
            }
            text.append(byte)
            position += 1
            if byte == UInt8(ascii: "\n") { (line, lineStart) = (line + 1, position) }
        }
        throw syntaxError("Unterminated string.", at: here)
    }

    private static func dedented(_ text: String) -> String {
        func isBlank(_ line: Substring) -> Bool { line.allSatisfy { $0 == " " || $0 == "\t" } }
        var lines = text.split(omittingEmptySubsequences: false) { $0.isNewline }
        let indents = lines.dropFirst().filter { !isBlank($0) }
            .map { $0.prefix { $0 == " " || $0 == "\t" }.count }
        let indent = indents.min() ?? 0
        for index in lines.indices.dropFirst() { lines[index] = lines[index].dropFirst(indent) }
        while let first = lines.first, isBlank(first) { lines.removeFirst() }
        while let last = lines.last, isBlank(last) { lines.removeLast() }
        return lines.joined(separator: "\n")
    }

    private static func startsName(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "_"):
            true
        default: false
        }
    }

    private static func isDigit(_ byte: UInt8) -> Bool {
        UInt8(ascii: "0")...UInt8(ascii: "9") ~= byte
    }
}
