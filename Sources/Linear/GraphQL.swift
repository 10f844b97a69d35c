/// A value of a GraphQL variable.
enum GraphQLValue: Encodable, Equatable, Sendable {
    case string(String)
    case integer(Int)
    case number(Double)
    case boolean(Bool)
    case list([GraphQLValue])
    case object([String: GraphQLValue])

    func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        switch self {
        case .string(let value): try container.encode(value)
        case .integer(let value): try container.encode(value)
        case .number(let value): try container.encode(value)
        case .boolean(let value): try container.encode(value)
        case .list(let values): try container.encode(values)
        case .object(let fields): try container.encode(fields)
        }
    }
}

extension GraphQLValue: ExpressibleByStringLiteral, ExpressibleByIntegerLiteral,
    ExpressibleByBooleanLiteral, ExpressibleByArrayLiteral, ExpressibleByDictionaryLiteral
{
    init(stringLiteral value: String) { self = .string(value) }
    init(integerLiteral value: Int) { self = .integer(value) }
    init(booleanLiteral value: Bool) { self = .boolean(value) }
    init(arrayLiteral elements: GraphQLValue...) { self = .list(elements) }
    init(dictionaryLiteral elements: (String, GraphQLValue)...) {
        self = .object(Dictionary(elements) { _, last in last })
    }
}

/// One operation: text that we wrote, and values that travel beside it.
struct GraphQLRequest: Encodable, Equatable, Sendable {
    var operationName: String
    var query: String
    var variables: [String: GraphQLValue]
}

/// The outermost object of an answer.
struct GraphQLAnswer<Content: Decodable>: Decodable {
    var data: Content?
    var errors: [GraphQLFailure]?
}

/// One entry of an answer's `errors`.
struct GraphQLFailure: Decodable, Equatable, Sendable {
    struct Extensions: Decodable, Equatable, Sendable {
        struct Meta: Decodable, Equatable, Sendable {
            struct RateLimitResult: Decodable, Equatable, Sendable {
                /// Milliseconds since 1970.
                var reset: Double?
            }
            var rateLimitResult: RateLimitResult?
        }
        var code: String?
        var statusCode: Int?
        var userPresentableMessage: String?
        var meta: Meta?
    }
    var message: String
    /// The first step of the path: the alias of the root field that failed.
    var root: String?
    var extensions: Extensions?

    private enum CodingKeys: CodingKey {
        case message
        case path
        case extensions
    }

    init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        message = try container.decode(String.self, forKey: .message)
        // A path or extensions of another form than Linear's tell us nothing; the message still does.
        var path = try? container.nestedUnkeyedContainer(forKey: .path)
        root = try? path?.decode(String.self)
        extensions = try? container.decodeIfPresent(Extensions.self, forKey: .extensions)
    }
}

/// A list's element that may be malformed without spoiling the list.
enum Readable<Record: Decodable & Sendable>: Decodable, Sendable {
    case record(Record)
    /// With its id, when at least that can be read.
    case unreadable(id: String?)

    private enum CodingKeys: CodingKey {
        case id
    }

    init(from decoder: any Decoder) throws {
        do {
            self = .record(try Record(from: decoder))
        } catch is DecodingError {
            // What can't even be read as an object has no id.
            let container = try? decoder.container(keyedBy: CodingKeys.self)
            self = .unreadable(id: try? container?.decode(String.self, forKey: .id))
        }
    }
}

/// A page of a connection.
struct Page<Node: Decodable & Sendable>: Decodable, Sendable {
    struct Info: Decodable, Sendable {
        var hasNextPage: Bool
        var endCursor: String?
    }
    var nodes: [Node]
    /// `nil` where it wasn't asked for, because the page holds all.
    var pageInfo: Info?
}
