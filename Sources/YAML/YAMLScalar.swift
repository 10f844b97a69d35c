/// A scalar as it stands in the file; its value is worked out by the core schema of YAML 1.2 (section 10.3).
package struct YAMLScalar: Sendable {
    /// What an explicit tag asks for.
    package enum Tag: Sendable {
        /// No tag: plain text is looked at, quoted text is a string.
        case none
        /// `!` or `!!str`
        case string
        case integer
        case float
        case boolean
        case null
    }

    /// The value of a scalar.
    package enum Value: Equatable, Sendable {
        case null
        case boolean(Bool)
        case integer(Int)
        /// A whole number that 64 bits don't hold.
        case hugeInteger
        case float(Double)
        case string(String)
    }

    /// The text with quotes, escapes and folding undone.
    package let text: String
    /// Neither quoted nor a block.
    package let isPlain: Bool
    let tag: Tag

    package init(text: String, isPlain: Bool, tag: Tag = .none) {
        self.text = text
        self.isPlain = isPlain
        self.tag = tag
    }

    /// The value by its tag, else by its looks.
    ///
    /// `yes`, `no`, `on`, `off`, `1_000`, `12:30:45` and dates are strings, `0777` is 777.
    package var value: Value {
        switch tag {
        case .none: isPlain ? Self.resolved(text) : .string(text)
        case .string: .string(text)
        case .null: .null
        case .integer, .boolean: Self.resolved(text)
        case .float:
            if case .integer(let number) = Self.resolved(text) {
                .float(Double(number))
            } else {
                Self.resolved(text)
            }
        }
    }

    /// Whether the text is what the tag says.
    var agreesWithTag: Bool {
        switch (tag, Self.resolved(text)) {
        case (.none, _), (.string, _), (.null, .null), (.boolean, .boolean),
            (.integer, .integer), (.integer, .hugeInteger), (.float, .float), (.float, .integer):
            true
        case (.null, _), (.boolean, _), (.integer, _), (.float, _): false
        }
    }

    private static func resolved(_ text: String) -> Value {
        var text = text
        return text.withUTF8 { bytes in
            guard let first = unsafe bytes.first else { return nil }
            switch first {
            case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "+"), UInt8(ascii: "-"),
                UInt8(ascii: "."):
                return unsafe number(bytes)
            default: return nil
            }
        } ?? word(text)
    }

    private static func word(_ text: String) -> Value {
        switch text {
        case "", "~", "null", "Null", "NULL": .null
        case "true", "True", "TRUE": .boolean(true)
        case "false", "False", "FALSE": .boolean(false)
        case ".inf", ".Inf", ".INF", "+.inf", "+.Inf", "+.INF": .float(.infinity)
        case "-.inf", "-.Inf", "-.INF": .float(-.infinity)
        case ".nan", ".NaN", ".NAN": .float(.nan)
        default: .string(text)
        }
    }

    /// A number in one of the core schema's four ways of writing, else `nil`.
    private static func number(_ bytes: UnsafeBufferPointer<UInt8>) -> Value? {
        let text = unsafe String(decoding: bytes, as: UTF8.self)
        if text.hasPrefix("0o") { return integer(text.dropFirst(2), radix: 8) }
        if text.hasPrefix("0x") { return integer(text.dropFirst(2), radix: 16) }
        var index = 0
        let count = bytes.count
        func skipDigits() -> Int {
            let start = index
            while index < count, unsafe (0x30...0x39).contains(bytes[index]) { index += 1 }
            return index - start
        }
        func skip(_ allowed: UInt8...) -> Bool {
            guard index < count, unsafe allowed.contains(bytes[index]) else { return false }
            index += 1
            return true
        }
        _ = skip(UInt8(ascii: "+"), UInt8(ascii: "-"))
        let whole = skipDigits()
        if index == count {
            return whole > 0 ? Int(text).map { .integer($0) } ?? .hugeInteger : nil
        }
        let fraction = skip(UInt8(ascii: ".")) ? skipDigits() : 0
        guard whole + fraction > 0 else { return nil }
        if skip(UInt8(ascii: "e"), UInt8(ascii: "E")) {
            _ = skip(UInt8(ascii: "+"), UInt8(ascii: "-"))
            guard skipDigits() > 0 else { return nil }
        }
        guard index == count else { return nil }
        return Double(text).map { .float($0) }
    }

    private static func integer(_ digits: Substring, radix: Int) -> Value? {
        guard !digits.isEmpty, digits.utf8.allSatisfy({ isDigit($0, radix: radix) }) else {
            return nil
        }
        return Int(digits, radix: radix).map { .integer($0) } ?? .hugeInteger
    }

    private static func isDigit(_ byte: UInt8, radix: Int) -> Bool {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "7"): true
        case UInt8(ascii: "8")...UInt8(ascii: "9"), UInt8(ascii: "a")...UInt8(ascii: "f"),
            UInt8(ascii: "A")...UInt8(ascii: "F"):
            radix == 16
        default: false
        }
    }
}
