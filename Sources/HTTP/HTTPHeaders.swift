/// The header fields of a request or an answer, in order; names compare without regard to case.
package struct HTTPHeaders: Equatable, Sendable {
    /// One field as it stands on the wire.
    package struct Field: Equatable, Sendable {
        package var name: String
        package var value: String
    }

    /// All fields; a name may stand there more than once.
    package private(set) var fields: [Field] = []

    /// No fields.
    package init() {}

    /// The first value of the field with this name; setting replaces every field of that name.
    package subscript(name: String) -> String? {
        get { fields.first { Self.areSame($0.name, name) }?.value }
        set {
            fields.removeAll { Self.areSame($0.name, name) }
            if let newValue { fields.append(Field(name: name, value: newValue)) }
        }
    }

    mutating func append(_ field: Field) { fields.append(field) }
    mutating func removeAll() { fields.removeAll() }

    private static func areSame(_ left: String, _ right: String) -> Bool {
        left.utf8.count == right.utf8.count
            && left.utf8.elementsEqual(right.utf8) {
                $0 == $1 || (isLetter($0) && isLetter($1) && $0 | 0x20 == $1 | 0x20)
            }
    }

    private static func isLetter(_ byte: UInt8) -> Bool {
        UInt8(ascii: "a")...UInt8(ascii: "z") ~= byte | 0x20
    }
}

extension HTTPHeaders: ExpressibleByDictionaryLiteral {
    package init(dictionaryLiteral elements: (String, String)...) {
        fields = elements.map { Field(name: $0.0, value: $0.1) }
    }
}

extension HTTPHeaders.Field {
    /// Reads one line of an answer's head, `nil` when it isn't a field.
    init?(line: Substring) {
        guard let colon = line.firstIndex(of: ":"), colon != line.startIndex else { return nil }
        name = String(line[..<colon])
        value = String(line[line.index(after: colon)...].trimmed)
    }

    /// A name or value that could break out of its line isn't sendable (RFC 9110, 5.1 and 5.5).
    var isSendable: Bool {
        !name.isEmpty && name.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7F && $0 != UInt8(ascii: ":") }
            && value.utf8.allSatisfy { ($0 >= 0x20 && $0 != 0x7F) || $0 == 0x09 }
    }
}

extension Substring {
    fileprivate var trimmed: Substring {
        var rest = self
        while rest.first?.isWhitespace == true { rest.removeFirst() }
        while rest.last?.isWhitespace == true { rest.removeLast() }
        return rest
    }
}
