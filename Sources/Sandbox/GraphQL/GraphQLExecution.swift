/// What a resolver answers for one field.
indirect enum GraphQLAnswer: Sendable {
    case leaf(JSONValue)
    case object(GraphQLSource)
    case list([GraphQLAnswer])

    static let null = Self.leaf(.null)
}

/// What the fields of an object are read from.
enum GraphQLSource: Sendable {
    case root
    /// A record of the world, which the resolver reads field by field.
    case record(type: String, id: String)
    /// An object that was made whole: a page, an edge, the answer of a mutation.
    case ready([String: GraphQLAnswer])
}

/// Knows the answer to each field of a schema.
protocol GraphQLResolver {
    mutating func resolve(
        _ field: String,
        of type: String,
        source: GraphQLSource,
        arguments: [String: JSONValue]
    ) throws(GraphQLError) -> GraphQLAnswer
}

/// Carries out one operation of a sound document (October 2021 specification, section 6).
struct GraphQLExecution<Resolver: GraphQLResolver> {
    typealias Document = GraphQLDocument

    private let schema: GraphQLSchema
    private let document: Document
    private let variables: [String: JSONValue]
    private(set) var resolver: Resolver
    private(set) var errors: [GraphQLError] = []

    init(
        _ document: Document,
        schema: GraphQLSchema,
        variables: [String: JSONValue],
        resolver: Resolver
    ) {
        self.document = document
        self.schema = schema
        self.variables = variables
        self.resolver = resolver
    }

    /// The operation's data; a field that fails takes everything up to the next nullable one with it.
    mutating func run(_ operation: Document.Operation) -> JSONValue {
        do throws(GraphQLError) {
            return try object(
                [operation.selections],
                of: operation.kind == .query ? "Query" : "Mutation",
                source: .root,
                path: []
            )
        } catch {
            errors.append(error)
            return .null
        }
    }

    private mutating func object(
        _ sets: [[Document.Selection]],
        of type: String,
        source: GraphQLSource,
        path: [JSONValue]
    ) throws(GraphQLError) -> JSONValue {
        var order: [String] = []
        var groups: [String: [Document.Field]] = [:]
        for set in sets { collect(set, into: &groups, order: &order) }
        var members: [JSONValue.Member] = []
        for key in order {
            guard let fields = groups[key], let field = fields.first else { continue }
            let path = path + [.string(key)]
            let value = try self.value(of: fields, field, in: type, source: source, path: path)
            members.append(.init(name: key, value: value))
        }
        return .object(members)
    }

    private mutating func value(
        of fields: [Document.Field],
        _ field: Document.Field,
        in type: String,
        source: GraphQLSource,
        path: [JSONValue]
    ) throws(GraphQLError) -> JSONValue {
        guard field.name != "__typename" else { return .string(type) }
        guard let definition = schema.field(field.name, of: type) else {
            preconditionFailure("a document is validated before it is carried out")
        }
        do throws(GraphQLError) {
            let answer: GraphQLAnswer
            if case .ready(let answers) = source, let ready = answers[field.name] {
                answer = ready
            } else {
                answer = try resolver.resolve(
                    field.name,
                    of: type,
                    source: source,
                    arguments: arguments(of: field)
                )
            }
            return try complete(answer, as: definition.type, fields, path: path)
        } catch {
            var error = error
            if error.path.isEmpty {
                error.path = path
                (error.line, error.column) = (field.place.line, field.place.column)
            }
            guard !definition.type.isRequired else { throw error }
            errors.append(error)
            return .null
        }
    }

    private mutating func complete(
        _ answer: GraphQLAnswer,
        as type: Document.TypeReference,
        _ fields: [Document.Field],
        path: [JSONValue]
    ) throws(GraphQLError) -> JSONValue {
        switch answer {
        case .leaf(.null) where type.isRequired:
            throw GraphQLError(
                message: "Cannot return null for non-nullable field \(fields[0].name).",
                kind: .input(code: "INTERNAL_SERVER_ERROR")
            )
        case .leaf(let value): return value
        case .object(let source):
            return try object(
                fields.map(\.selections),
                of: type.name,
                source: source,
                path: path
            )
        case .list(let items):
            guard case .list(let inner) = type.withoutRequired else {
                preconditionFailure("a list is only answered where the schema has one")
            }
            var values: [JSONValue] = []
            for (index, item) in items.enumerated() {
                values.append(
                    try complete(item, as: inner, fields, path: path + [.integer(index)])
                )
            }
            return .array(values)
        }
    }

    private func collect(
        _ selections: [Document.Selection],
        into groups: inout [String: [Document.Field]],
        order: inout [String]
    ) {
        for selection in selections where isIncluded(selection) {
            switch selection {
            case .field(let field):
                if groups[field.key] == nil { order.append(field.key) }
                groups[field.key, default: []].append(field)
            case .inline(_, _, let inner, _): collect(inner, into: &groups, order: &order)
            case .spread(let name, _, _):
                collect(
                    document.fragments[name]?.selections ?? [],
                    into: &groups,
                    order: &order
                )
            }
        }
    }

    private func isIncluded(_ selection: Document.Selection) -> Bool {
        selection.directives.allSatisfy { directive in
            let literal = directive.arguments.first?.value ?? .null
            let condition = values.value(of: literal, variables: variables)
            return condition == .boolean(directive.name == "include")
        }
    }

    private var values: GraphQLValues { GraphQLValues(schema: schema) }

    private func arguments(of field: Document.Field) -> [String: JSONValue] {
        var arguments: [String: JSONValue] = [:]
        for argument in field.arguments {
            arguments[argument.name] = values.value(of: argument.value, variables: variables)
        }
        return arguments
    }
}
