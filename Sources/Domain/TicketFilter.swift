/// Which of a team's cycles tickets are taken from.
package enum CycleChoice: Codable, Equatable, Sendable {
    /// The one that runs now.
    case active
    /// The one that comes after it.
    case next
    /// By its number, from 1, as in "Cycle 12".
    case number(Int)
    /// By its name, without regard to capitals.
    case named(String)
}

/// A value of a filter that is handed on to Linear: JSON without `null`, which Linear takes for no filter at
/// all.
package indirect enum FilterValue: Codable, Equatable, Sendable {
    case boolean(Bool)
    case integer(Int)
    case number(Double)
    case string(String)
    case list([FilterValue])
    case mapping([String: FilterValue])

    package init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        // Each attempt that fails leaves the next kind of JSON value; the last one says what is wrong.
        if let value = try? container.decode(Bool.self) {
            self = .boolean(value)
        } else if let value = try? container.decode(Int.self) {
            self = .integer(value)
        } else if let value = try? container.decode(Double.self) {
            self = .number(value)
        } else if let value = try? container.decode(String.self) {
            self = .string(value)
        } else if let values = try? container.decode([FilterValue].self) {
            self = .list(values)
        } else {
            self = .mapping(try container.decode([String: FilterValue].self))
        }
    }

    package func encode(to encoder: any Encoder) throws {
        switch self {
        case .boolean(let value): try value.encode(to: encoder)
        case .integer(let value): try value.encode(to: encoder)
        case .number(let value): try value.encode(to: encoder)
        case .string(let value): try value.encode(to: encoder)
        case .list(let values): try values.encode(to: encoder)
        case .mapping(let members):
            // In alphabetical order, so that the same filter is always the same text.
            var container = encoder.container(keyedBy: Name.self)
            for (name, value) in members.sorted(by: { $0.key < $1.key }) {
                try container.encode(value, forKey: Name(stringValue: name))
            }
        }
    }

    private struct Name: CodingKey {
        let stringValue: String
        var intValue: Int? { nil }

        init(stringValue: String) { self.stringValue = stringValue }
        init?(intValue: Int) { nil }
    }
}
