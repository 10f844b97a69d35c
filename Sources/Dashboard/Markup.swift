import Domain

/// HTML, or the SVG in it: what a literal says stands as it is, and every text put into one is escaped.
///
/// Tickets, agents and files on disk may hold anything; this is the one place where their text enters a page.
struct Markup: Equatable, Sendable {
    /// What goes to the reader.
    private(set) var source: String

    /// A text that means nothing but itself, between tags and in quoted attributes alike.
    init(escaping text: String) {
        var escaped = ""
        for byte in text.withHiddenCharactersShown.unicodeScalars {
            switch byte {
            case "&": escaped += "&amp;"
            case "<": escaped += "&lt;"
            case ">": escaped += "&gt;"
            case "\"": escaped += "&quot;"
            case "'": escaped += "&#39;"
            default: escaped.unicodeScalars.append(byte)
            }
        }
        source = escaped
    }

    private init(source: String) { self.source = source }

    static func += (left: inout Self, right: Self) { left.source += right.source }

    /// A link where `address` is one that a person may safely follow, and the text alone where it isn't.
    ///
    /// - Parameters:
    ///   - address: From a ticket or a forge; taken only with one of `schemes`, a host, no user's name before
    ///     the host, and no character that has to be encoded or that can't be seen.
    ///   - text: What is shown.
    ///   - schemes: The schemes that are taken.
    /// - Returns: The link or the text.
    static func link(to address: String, _ text: String, schemes: [String]) -> Markup {
        guard isPlainAddress(address, schemes) else { return "\(text)" }
        return "<a href=\"\(address)\" rel=\"noopener noreferrer\">\(text)</a>"
    }

    private static func isPlainAddress(_ address: String, _ schemes: [String]) -> Bool {
        guard let colon = address.firstIndex(of: ":"),
            schemes.contains(address[..<colon].lowercased()),
            address[colon...].hasPrefix("://"), address.utf8.count <= 2000
        else { return false }
        let rest = address[colon...].dropFirst(3)
        let host = rest.prefix { $0 != "/" && $0 != "?" && $0 != "#" }
        return !host.isEmpty && !host.contains("@")
            && address.utf8.allSatisfy { byte in
                UInt8(ascii: "!")...UInt8(ascii: "~") ~= byte && byte != UInt8(ascii: "\\")
                    && byte != UInt8(ascii: "\"") && byte != UInt8(ascii: "'")
                    && byte != UInt8(ascii: "<") && byte != UInt8(ascii: ">")
            }
    }
}

extension Markup: ExpressibleByStringInterpolation {
    init(stringLiteral value: String) { source = value }

    init(stringInterpolation: StringInterpolation) { source = stringInterpolation.source }

    struct StringInterpolation: StringInterpolationProtocol {
        fileprivate var source = ""

        init(literalCapacity: Int, interpolationCount: Int) {
            source.reserveCapacity(literalCapacity + 16 * interpolationCount)
        }

        mutating func appendLiteral(_ literal: String) { source += literal }

        mutating func appendInterpolation(_ text: String) {
            source += Markup(escaping: text).source
        }

        mutating func appendInterpolation(_ markup: Markup) { source += markup.source }

        mutating func appendInterpolation(_ parts: [Markup]) {
            for part in parts { source += part.source }
        }

        mutating func appendInterpolation(_ number: Int) { source += String(number) }

        /// A length or a place in a drawing, to a tenth.
        mutating func appendInterpolation(_ length: Double) {
            source += Figures.decimal(length, places: 1)
        }
    }
}

extension [Markup] {
    /// One piece of markup, with `separator` between the parts.
    func joined(by separator: Markup) -> Markup {
        var result: Markup = ""
        for (index, part) in enumerated() {
            if index > 0 { result += separator }
            result += part
        }
        return result
    }
}
