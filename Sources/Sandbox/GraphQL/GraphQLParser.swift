/// Reads documents and schemas; both are written in the same tokens.
struct GraphQLParser {
    typealias Document = GraphQLDocument

    private var lexer: GraphQLLexer
    private var token = GraphQLLexer.Token.end
    private(set) var place = Place(line: 1, column: 1)
    /// Bounds the recursion over a hostile document.
    private var depth = 0

    init(_ text: String) throws(GraphQLError) {
        lexer = GraphQLLexer(text)
        try advance()
    }

    // MARK: Documents

    static func document(_ text: String) throws(GraphQLError) -> Document {
        var parser = try Self(text)
        var document = Document()
        repeat {
            if parser.isAt("{") || parser.isAtName("query") || parser.isAtName("mutation") {
                document.operations.append(try parser.operation())
            } else if parser.isAtName("fragment") {
                let fragment = try parser.fragment()
                guard document.fragments[fragment.name] == nil else {
                    throw .validation(
                        "There can be only one fragment named \"\(fragment.name)\".",
                        at: fragment.place
                    )
                }
                document.fragments[fragment.name] = fragment
            } else {
                throw parser.unexpected()
            }
        } while parser.token != .end
        return document
    }

    private mutating func operation() throws(GraphQLError) -> Document.Operation {
        let start = place
        if isAt("{") {
            return .init(kind: .query, name: nil, selections: try selections(), place: start)
        }
        let kind: Document.Operation.Kind = try name() == "mutation" ? .mutation : .query
        var operation = Document.Operation(kind: kind, name: nil, selections: [], place: start)
        if case .name = token { operation.name = try name() }
        if try skip("(") {
            repeat {
                let start = place
                try expect("$")
                let name = try name()
                try expect(":")
                let type = try typeReference()
                let preset = try skip("=") ? try literal(constant: true) : nil
                operation.variables.append(
                    .init(name: name, type: type, preset: preset, place: start)
                )
            } while try !skip(")")
        }
        guard !isAt("@") else { throw unexpected() }
        operation.selections = try selections()
        return operation
    }

    private mutating func fragment() throws(GraphQLError) -> Document.Fragment {
        let start = place
        _ = try name()
        guard !isAtName("on") else { throw unexpected() }
        let name = try name()
        guard try self.name() == "on" else { throw unexpected() }
        let type = try self.name()
        return .init(name: name, type: type, selections: try selections(), place: start)
    }

    private mutating func selections() throws(GraphQLError) -> [Document.Selection] {
        try enter()
        defer { depth -= 1 }
        try expect("{")
        var selections: [Document.Selection] = []
        repeat { selections.append(try selection()) } while try !skip("}")
        return selections
    }

    private mutating func selection() throws(GraphQLError) -> Document.Selection {
        let start = place
        guard try skip("...") else { return .field(try field()) }
        if isAtName("on") {
            try advance()
            let type = try name()
            return .inline(type: type, directives: try directives(), try selections(), start)
        }
        if case .name = token {
            return .spread(name: try name(), directives: try directives(), start)
        }
        return .inline(type: nil, directives: try directives(), try selections(), start)
    }

    private mutating func field() throws(GraphQLError) -> Document.Field {
        var field = Document.Field(name: try name(), place: place)
        field.place = lastPlace
        if try skip(":") {
            field.alias = field.name
            field.name = try name()
        }
        field.arguments = try arguments()
        field.directives = try directives()
        if isAt("{") { field.selections = try selections() }
        return field
    }

    private mutating func arguments() throws(GraphQLError) -> [Document.Argument] {
        guard try skip("(") else { return [] }
        var arguments: [Document.Argument] = []
        repeat {
            let start = place
            let name = try name()
            try expect(":")
            arguments.append(.init(name: name, value: try literal(constant: false), place: start))
        } while try !skip(")")
        return arguments
    }

    private mutating func directives() throws(GraphQLError) -> [Document.Directive] {
        var directives: [Document.Directive] = []
        while isAt("@") {
            let start = place
            try advance()
            directives.append(.init(name: try name(), arguments: try arguments(), place: start))
        }
        return directives
    }

    private mutating func literal(constant: Bool) throws(GraphQLError) -> Document.Literal {
        try enter()
        defer { depth -= 1 }
        switch token {
        case .punctuator("$") where !constant:
            try advance()
            return .variable(try name())
        case .punctuator("["):
            try advance()
            var items: [Document.Literal] = []
            while try !skip("]") { items.append(try literal(constant: constant)) }
            return .list(items)
        case .punctuator("{"):
            try advance()
            var members: [Document.Literal.Member] = []
            while try !skip("}") {
                let name = try name()
                try expect(":")
                members.append(.init(name: name, value: try literal(constant: constant)))
            }
            return .object(members)
        case .integer(let text):
            guard let value = Int(text) else { throw unexpected() }
            try advance()
            return .integer(value)
        case .float(let text):
            guard let value = Double(text) else { throw unexpected() }
            try advance()
            return .float(value)
        case .string(let text):
            try advance()
            return .string(text)
        case .name(let name):
            try advance()
            switch name {
            case "true": return .boolean(true)
            case "false": return .boolean(false)
            case "null": return .null
            default: return .enumeration(name)
            }
        case .punctuator, .end: throw unexpected()
        }
    }

    // MARK: Tokens

    private var lastPlace = Place(line: 1, column: 1)

    var isAtEnd: Bool { token == .end }

    func isAt(_ punctuator: String) -> Bool { token == .punctuator(punctuator) }

    private func isAtName(_ name: String) -> Bool { token == .name(name) }

    mutating func name() throws(GraphQLError) -> String {
        guard case .name(let name) = token else {
            throw lexer.syntaxError("Expected Name, found \(token.description).", at: place)
        }
        try advance()
        return name
    }

    mutating func skip(_ punctuator: String) throws(GraphQLError) -> Bool {
        guard isAt(punctuator) else { return false }
        try advance()
        return true
    }

    mutating func expect(_ punctuator: String) throws(GraphQLError) {
        guard try skip(punctuator) else {
            throw lexer.syntaxError(
                "Expected \"\(punctuator)\", found \(token.description).",
                at: place
            )
        }
    }

    mutating func typeReference() throws(GraphQLError) -> Document.TypeReference {
        try enter()
        defer { depth -= 1 }
        let type: Document.TypeReference
        if try skip("[") {
            type = .list(try typeReference())
            try expect("]")
        } else {
            type = .named(try name())
        }
        return try skip("!") ? .required(type) : type
    }

    private func unexpected() -> GraphQLError {
        lexer.syntaxError("Unexpected \(token.description).", at: place)
    }

    private mutating func advance() throws(GraphQLError) {
        lastPlace = place
        (token, place) = try lexer.next()
    }

    private mutating func enter() throws(GraphQLError) {
        depth += 1
        guard depth <= 64 else {
            throw lexer.syntaxError("The document is nested more than 64 levels deep.", at: place)
        }
    }
}
