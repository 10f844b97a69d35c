/// Finds what a schema would refuse in a document (October 2021 specification, section 5), in the words
/// of the reference implementation.
struct GraphQLValidation {
    typealias Document = GraphQLDocument
    typealias TypeReference = GraphQLDocument.TypeReference

    private let schema: GraphQLSchema
    private let document: Document
    private let values: GraphQLValues
    private var errors: [GraphQLError] = []
    private var usedFragments: Set<String> = []
    private var operation: Document.Operation?
    private var usedVariables: Set<String> = []

    /// Every error, in the order of the document; empty when the document is sound.
    static func errors(in document: Document, schema: GraphQLSchema) -> [GraphQLError] {
        var validation = Self(schema: schema, document: document)
        validation.checkDocument()
        return validation.errors
    }

    private init(schema: GraphQLSchema, document: Document) {
        self.schema = schema
        self.document = document
        values = GraphQLValues(schema: schema)
    }

    private mutating func report(_ message: String, _ place: Place) {
        let error = GraphQLError.validation(message, at: place)
        // A fragment that is spread twice is looked at twice.
        if !errors.contains(error) { errors.append(error) }
    }

    private mutating func checkDocument() {
        var names: Set<String> = []
        for operation in document.operations {
            if operation.name == nil, document.operations.count > 1 {
                report(
                    "This anonymous operation must be the only defined operation.",
                    operation.place
                )
            }
            if let name = operation.name, !names.insert(name).inserted {
                report("There can be only one operation named \"\(name)\".", operation.place)
            }
            check(operation)
        }
        for fragment in document.fragments.values.sorted(by: { $0.place.line < $1.place.line })
        where !usedFragments.contains(fragment.name) {
            report("Fragment \"\(fragment.name)\" is never used.", fragment.place)
        }
    }

    private mutating func check(_ operation: Document.Operation) {
        self.operation = operation
        usedVariables = []
        var names: Set<String> = []
        for variable in operation.variables {
            let name = variable.name
            if !names.insert(name).inserted {
                report("There can be only one variable named \"$\(name)\".", variable.place)
            }
            let type = variable.type.name
            guard schema.types[type] != nil else {
                report("Unknown type \"\(type)\".", variable.place)
                continue
            }
            if !schema.isInput(type) {
                report(
                    "Variable \"$\(name)\" cannot be non-input type \"\(variable.type)\".",
                    variable.place
                )
            } else if let preset = variable.preset,
                let reason = values.misfit(of: preset, as: variable.type)
            {
                report(reason, variable.place)
            }
        }
        let root = operation.kind == .query ? "Query" : "Mutation"
        check([operation.selections], of: root, within: [])
        let title = operation.name.map { " in operation \"\($0)\"" } ?? ""
        for variable in operation.variables where !usedVariables.contains(variable.name) {
            report("Variable \"$\(variable.name)\" is never used\(title).", variable.place)
        }
    }

    /// Checks all selections that end up in one object of the answer together.
    private mutating func check(
        _ sets: [[Document.Selection]],
        of type: String,
        within fragments: [String]
    ) {
        var fields: [(field: Document.Field, fragments: [String])] = []
        for set in sets { flatten(set, of: type, within: fragments, into: &fields) }
        var order: [String] = []
        var groups: [String: [(field: Document.Field, fragments: [String])]] = [:]
        for entry in fields {
            if groups[entry.field.key] == nil { order.append(entry.field.key) }
            groups[entry.field.key, default: []].append(entry)
        }
        for key in order {
            guard let group = groups[key], let first = group.first?.field else { continue }
            for (other, _) in group.dropFirst() { checkMerge(first, other) }
            for (field, _) in group { checkField(field, of: type) }
            guard let definition = schema.field(first.name, of: type),
                schema.fields(of: definition.type.name) != nil
            else { continue }
            check(
                group.map(\.field.selections),
                of: definition.type.name,
                within: group.flatMap(\.fragments)
            )
        }
    }

    private mutating func flatten(
        _ selections: [Document.Selection],
        of type: String,
        within fragments: [String],
        into fields: inout [(field: Document.Field, fragments: [String])]
    ) {
        for selection in selections {
            for directive in selection.directives { check(directive) }
            switch selection {
            case .field(let field): fields.append((field, fragments))
            case .inline(let condition, _, let inner, let place):
                if let condition, !fits(condition, type, fragment: nil, place) { continue }
                flatten(inner, of: type, within: fragments, into: &fields)
            case .spread(let name, _, let place):
                guard let fragment = document.fragments[name] else {
                    report("Unknown fragment \"\(name)\".", place)
                    continue
                }
                usedFragments.insert(name)
                guard !fragments.contains(name) else {
                    report("Cannot spread fragment \"\(name)\" within itself.", place)
                    continue
                }
                guard fits(fragment.type, type, fragment: name, place) else { continue }
                flatten(fragment.selections, of: type, within: fragments + [name], into: &fields)
            }
        }
    }

    private mutating func fits(
        _ condition: String,
        _ type: String,
        fragment: String?,
        _ place: Place
    ) -> Bool {
        guard schema.types[condition] != nil else {
            report("Unknown type \"\(condition)\".", place)
            return false
        }
        guard condition == type else {
            let name = fragment.map { " \"\($0)\"" } ?? ""
            report(
                "Fragment\(name) cannot be spread here as objects of type \"\(type)\" can never be of"
                    + " type \"\(condition)\".",
                place
            )
            return false
        }
        return true
    }

    private mutating func checkMerge(_ first: Document.Field, _ other: Document.Field) {
        let reason: String
        if first.name != other.name {
            reason = "\"\(first.name)\" and \"\(other.name)\" are different fields"
        } else if first.arguments.count != other.arguments.count
            || !first.arguments.allSatisfy(other.arguments.contains)
        {
            reason = "they have differing arguments"
        } else {
            return
        }
        report(
            "Fields \"\(first.key)\" conflict because \(reason). Use different aliases on the fields"
                + " to fetch both if this was intentional.",
            first.place
        )
    }

    private mutating func checkField(_ field: Document.Field, of type: String) {
        guard let definition = schema.field(field.name, of: type) else {
            return report("Cannot query field \"\(field.name)\" on type \"\(type)\".", field.place)
        }
        let title = "Field \"\(field.name)\""
        let isObject = schema.fields(of: definition.type.name) != nil
        if isObject, field.selections.isEmpty {
            report(
                "\(title) of type \"\(definition.type)\" must have a selection of subfields."
                    + " Did you mean \"\(field.name) { ... }\"?",
                field.place
            )
        } else if !isObject, !field.selections.isEmpty {
            report(
                "\(title) must not have a selection since type \"\(definition.type)\" has no"
                    + " subfields.",
                field.place
            )
        }
        check(
            field.arguments,
            against: definition.arguments,
            at: field.place,
            unknown: { "Unknown argument \"\($0)\" on field \"\(type).\(field.name)\"." },
            missing: { name, type in
                "\(title) argument \"\(name)\" of type \"\(type)\" is required, but it was not"
                    + " provided."
            }
        )
    }

    private mutating func check(_ directive: Document.Directive) {
        guard ["include", "skip"].contains(directive.name) else {
            return report("Unknown directive \"@\(directive.name)\".", directive.place)
        }
        check(
            directive.arguments,
            against: ["if": .required(.named("Boolean"))],
            at: directive.place,
            unknown: { "Unknown argument \"\($0)\" on directive \"@\(directive.name)\"." },
            missing: { name, type in
                "Directive \"@\(directive.name)\" argument \"\(name)\" of type \"\(type)\" is"
                    + " required, but it was not provided."
            }
        )
    }

    private mutating func check(
        _ arguments: [Document.Argument],
        against known: [String: TypeReference],
        at place: Place,
        unknown: (String) -> String,
        missing: (String, TypeReference) -> String
    ) {
        var names: Set<String> = []
        for argument in arguments {
            if !names.insert(argument.name).inserted {
                report("There can be only one argument named \"\(argument.name)\".", argument.place)
            }
            guard let type = known[argument.name] else {
                report(unknown(argument.name), argument.place)
                continue
            }
            if let reason = values.misfit(of: argument.value, as: type) {
                report(reason, argument.place)
            }
            checkVariables(in: argument.value, at: type, argument.place)
        }
        for (name, type) in known.sorted(by: { $0.key < $1.key })
        where type.isRequired && !names.contains(name) {
            report(missing(name, type), place)
        }
    }

    private mutating func checkVariables(
        in literal: Document.Literal,
        at type: TypeReference,
        _ place: Place
    ) {
        switch literal {
        case .variable(let name):
            usedVariables.insert(name)
            guard let definition = operation?.variables.first(where: { $0.name == name }) else {
                let title = operation?.name.map { " by operation \"\($0)\"" } ?? ""
                return report("Variable \"$\(name)\" is not defined\(title).", place)
            }
            guard schema.types[definition.type.name] != nil else { return }
            // A preset makes up for a variable that may be missing.
            let hasPreset = definition.preset.map { $0 != .null } ?? false
            let target = hasPreset ? type.withoutRequired : type
            if !Self.isUsable(definition.type, as: target) {
                report(
                    "Variable \"$\(name)\" of type \"\(definition.type)\" used in position expecting"
                        + " type \"\(type)\".",
                    place
                )
            }
        case .list(let items):
            guard case .list(let inner) = type.withoutRequired else { return }
            for item in items { checkVariables(in: item, at: inner, place) }
        case .object(let members):
            guard case .input(let fields)? = schema.types[type.name] else { return }
            for member in members {
                guard let type = fields[member.name] else { continue }
                checkVariables(in: member.value, at: type, place)
            }
        case .integer, .float, .string, .boolean, .null, .enumeration: break
        }
    }

    private static func isUsable(_ variable: TypeReference, as position: TypeReference) -> Bool {
        switch (variable, position) {
        case (.required(let left), .required(let right)): isUsable(left, as: right)
        case (_, .required): false
        case (.required(let left), _): isUsable(left, as: position)
        case (.list(let left), .list(let right)): isUsable(left, as: right)
        case (.named(let left), .named(let right)): left == right
        case (.list, .named), (.named, .list): false
        }
    }
}
