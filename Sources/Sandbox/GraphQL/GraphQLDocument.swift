/// A request's document, as it was written.
struct GraphQLDocument: Sendable {
    struct Operation: Sendable {
        enum Kind: String, Sendable {
            case query
            case mutation
        }
        var kind: Kind
        var name: String?
        var variables: [VariableDefinition] = []
        var selections: [Selection]
        var place: Place
    }

    struct VariableDefinition: Sendable {
        var name: String
        var type: TypeReference
        var preset: Literal?
        var place: Place
    }

    struct Fragment: Sendable {
        var name: String
        var type: String
        var selections: [Selection]
        var place: Place
    }

    indirect enum Selection: Sendable {
        case field(Field)
        case spread(name: String, directives: [Directive], Place)
        case inline(type: String?, directives: [Directive], [Selection], Place)

        var directives: [Directive] {
            switch self {
            case .field(let field): field.directives
            case .spread(_, let directives, _): directives
            case .inline(_, let directives, _, _): directives
            }
        }
    }

    struct Field: Sendable {
        var alias: String?
        var name: String
        var arguments: [Argument] = []
        var directives: [Directive] = []
        var selections: [Selection] = []
        var place: Place
        /// The name in the answer.
        var key: String { alias ?? name }
    }

    struct Argument: Equatable, Sendable {
        var name: String
        var value: Literal
        var place: Place

        static func == (left: Self, right: Self) -> Bool {
            left.name == right.name && left.value == right.value
        }
    }

    struct Directive: Sendable {
        var name: String
        var arguments: [Argument]
        var place: Place
    }

    indirect enum Literal: Equatable, Sendable, CustomStringConvertible {
        struct Member: Equatable, Sendable {
            var name: String
            var value: Literal
        }
        case variable(String)
        case integer(Int)
        case float(Double)
        case string(String)
        case boolean(Bool)
        case null
        case enumeration(String)
        case list([Literal])
        case object([Member])

        var description: String {
            switch self {
            case .variable(let name): "$\(name)"
            case .integer(let value): "\(value)"
            case .float(let value): "\(value)"
            case .string(let text): JSONValue.string(text).description
            case .boolean(let value): "\(value)"
            case .null: "null"
            case .enumeration(let name): name
            case .list(let items): "[\(items.map(\.description).joined(separator: ", "))]"
            case .object(let members):
                "{\(members.map { "\($0.name): \($0.value)" }.joined(separator: ", "))}"
            }
        }
    }

    indirect enum TypeReference: Equatable, Sendable, CustomStringConvertible {
        case named(String)
        case list(TypeReference)
        case required(TypeReference)

        var description: String {
            switch self {
            case .named(let name): name
            case .list(let inner): "[\(inner)]"
            case .required(let inner): "\(inner)!"
            }
        }

        /// The name within all brackets.
        var name: String {
            switch self {
            case .named(let name): name
            case .list(let inner), .required(let inner): inner.name
            }
        }

        var isRequired: Bool {
            if case .required = self { true } else { false }
        }

        var withoutRequired: Self {
            if case .required(let inner) = self { inner } else { self }
        }
    }

    var operations: [Operation] = []
    var fragments: [String: Fragment] = [:]
}
