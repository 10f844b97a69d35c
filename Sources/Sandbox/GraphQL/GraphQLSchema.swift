/// The types that a server knows, read from the schema definition language without descriptions,
/// defaults, directives, interfaces and unions.
struct GraphQLSchema: Sendable {
    typealias TypeReference = GraphQLDocument.TypeReference

    struct Field: Sendable {
        var arguments: [String: TypeReference] = [:]
        var type: TypeReference
    }

    enum Definition: Sendable {
        case object([String: Field])
        case input([String: TypeReference])
        case enumeration([String])
        case scalar
    }

    let types: [String: Definition]

    init(parsing text: String) throws(GraphQLError) {
        var types: [String: Definition] = [:]
        for scalar in ["Int", "Float", "String", "Boolean", "ID"] { types[scalar] = .scalar }
        var parser = try GraphQLParser(text)
        while !parser.isAtEnd {
            let place = parser.place
            let keyword = try parser.name()
            let name = try parser.name()
            switch keyword {
            case "scalar": types[name] = .scalar
            case "enum": types[name] = .enumeration(try Self.names(&parser))
            case "input": types[name] = .input(try Self.inputs(&parser, from: "{", to: "}"))
            case "type": types[name] = .object(try Self.fields(&parser))
            default: throw .validation("The schema can't hold a '\(keyword)'.", at: place)
            }
        }
        self.types = types
    }

    func fields(of type: String) -> [String: Field]? {
        if case .object(let fields)? = types[type] { fields } else { nil }
    }

    func field(_ name: String, of type: String) -> Field? {
        name == "__typename"
            ? Field(type: .required(.named("String"))) : fields(of: type)?[name]
    }

    func isInput(_ type: String) -> Bool {
        switch types[type] {
        case .input, .enumeration, .scalar: true
        case .object, nil: false
        }
    }

    private static func names(_ parser: inout GraphQLParser) throws(GraphQLError) -> [String] {
        try parser.expect("{")
        var names: [String] = []
        while try !parser.skip("}") { names.append(try parser.name()) }
        return names
    }

    private static func inputs(
        _ parser: inout GraphQLParser,
        from opening: String,
        to closing: String
    ) throws(GraphQLError) -> [String: TypeReference] {
        try parser.expect(opening)
        var inputs: [String: TypeReference] = [:]
        while try !parser.skip(closing) {
            let name = try parser.name()
            try parser.expect(":")
            inputs[name] = try parser.typeReference()
        }
        return inputs
    }

    private static func fields(
        _ parser: inout GraphQLParser
    ) throws(GraphQLError) -> [String: Field] {
        try parser.expect("{")
        var fields: [String: Field] = [:]
        while try !parser.skip("}") {
            let name = try parser.name()
            let arguments =
                parser.isAt("(") ? try inputs(&parser, from: "(", to: ")") : [:]
            try parser.expect(":")
            fields[name] = Field(arguments: arguments, type: try parser.typeReference())
        }
        return fields
    }
}
