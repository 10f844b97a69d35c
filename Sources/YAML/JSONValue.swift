/// A JSON value whose objects keep the order in which their keys were given.
///
/// A number that JSON has no word for (infinite, not a number) is written as `null`.
package indirect enum JSONValue: Sendable {
    case null
    case bool(Bool)
    case integer(Int)
    case number(Double)
    case string(String)
    case array([JSONValue])
    case object([(String, JSONValue)])

    /// The value as text, indented by two spaces a level, without a line end at the end.
    package var text: String {
        var result = ""
        write(to: &result, indent: 0)
        return result
    }

    private func write(to result: inout String, indent: Int) {
        switch self {
        case .null: result += "null"
        case .bool(let value): result += value ? "true" : "false"
        case .integer(let value): result += String(value)
        case .number(let value) where !value.isFinite: result += "null"
        case .number(let value):
            result +=
                value == value.rounded() && abs(value) < 1e15 ? String(Int(value)) : "\(value)"
        case .string(let text): Self.write(text, to: &result)
        case .array(let items) where items.allSatisfy(\.isShort) && items.count <= 12:
            result += "["
            for (index, item) in items.enumerated() {
                result += index == 0 ? "" : ", "
                item.write(to: &result, indent: indent)
            }
            result += "]"
        case .array(let items):
            Self.writeLines(items.count, between: ("[", "]"), to: &result, indent: indent) {
                items[$0].write(to: &$1, indent: indent + 1)
            }
        case .object(let members):
            guard !members.isEmpty else {
                result += "{}"
                return
            }
            Self.writeLines(members.count, between: ("{", "}"), to: &result, indent: indent) {
                Self.write(members[$0].0, to: &$1)
                $1 += ": "
                members[$0].1.write(to: &$1, indent: indent + 1)
            }
        }
    }

    private var isShort: Bool {
        switch self {
        case .null, .bool, .integer, .number: true
        case .string(let text): text.utf8.count <= 32
        case .array, .object: false
        }
    }

    private static func writeLines(
        _ count: Int,
        between marks: (String, String),
        to result: inout String,
        indent: Int,
        line: (Int, inout String) -> Void
    ) {
        result += marks.0 + "\n"
        for index in 0..<count {
            result += String(repeating: "  ", count: indent + 1)
            line(index, &result)
            result += index + 1 < count ? ",\n" : "\n"
        }
        result += String(repeating: "  ", count: indent) + marks.1
    }

    /// Escapes as RFC 8259 section 7 asks, and line separators too, which JavaScript once took badly.
    private static func write(_ text: String, to result: inout String) {
        result += "\""
        for scalar in text.unicodeScalars {
            switch scalar.value {
            case 0x22: result += "\\\""
            case 0x5C: result += "\\\\"
            case 0x0A: result += "\\n"
            case 0x0D: result += "\\r"
            case 0x09: result += "\\t"
            case 0..<0x20, 0x7F, 0x2028, 0x2029:
                let digits = String(scalar.value, radix: 16)
                result += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
            default: result.unicodeScalars.append(scalar)
            }
        }
        result += "\""
    }
}
