/// Turns what a client wrote into values of the schema's input types, or says why it doesn't fit.
struct GraphQLValues {
    typealias Literal = GraphQLDocument.Literal
    typealias TypeReference = GraphQLDocument.TypeReference

    let schema: GraphQLSchema

    /// Why a literal doesn't fit a type, or `nil`; variables are taken to fit.
    func misfit(of literal: Literal, as type: TypeReference) -> String? {
        switch (literal, type) {
        case (.variable, _): nil
        case (.null, .required): "Expected value of type \"\(type)\", found null."
        case (_, .required(let inner)): misfit(of: literal, as: inner)
        case (.null, _): nil
        case (.list(let items), .list(let inner)):
            items.lazy.compactMap { misfit(of: $0, as: inner) }.first
        case (_, .list(let inner)): misfit(of: literal, as: inner)
        case (_, .named(let name)): misfit(of: literal, asNamed: name)
        }
    }

    /// - Precondition: the literal fits the type and the variables are coerced.
    /// - Returns: `nil` for a variable that wasn't sent.
    func value(of literal: Literal, variables: [String: JSONValue]) -> JSONValue? {
        switch literal {
        case .variable(let name): variables[name]
        case .integer(let value): .integer(value)
        case .float(let value): .number(value)
        case .string(let text), .enumeration(let text): .string(text)
        case .boolean(let value): .boolean(value)
        case .null: .null
        case .list(let items):
            .array(items.map { value(of: $0, variables: variables) ?? .null })
        case .object(let members):
            .object(
                members.compactMap { member in
                    value(of: member.value, variables: variables)
                        .map { .init(name: member.name, value: $0) }
                }
            )
        }
    }

    /// The variables of an operation, with its presets for those that weren't sent.
    func variables(
        _ sent: JSONValue,
        for operation: GraphQLDocument.Operation
    ) throws(GraphQLError) -> [String: JSONValue] {
        var variables: [String: JSONValue] = [:]
        for definition in operation.variables {
            let name = definition.name
            guard let value = sent[name] else {
                if let preset = definition.preset {
                    variables[name] = value(of: preset, variables: [:])
                } else if definition.type.isRequired {
                    throw mismatch(
                        "Variable \"$\(name)\" of required type \"\(definition.type)\" was not"
                            + " provided.",
                        definition
                    )
                }
                continue
            }
            if value == .null, definition.type.isRequired {
                throw mismatch(
                    "Variable \"$\(name)\" of non-null type \"\(definition.type)\" must not be null.",
                    definition
                )
            }
            if let reason = misfit(of: value, as: definition.type) {
                throw mismatch(
                    "Variable \"$\(name)\" got invalid value \(value); \(reason)",
                    definition
                )
            }
            variables[name] = value
        }
        return variables
    }

    private func mismatch(
        _ message: String,
        _ definition: GraphQLDocument.VariableDefinition
    ) -> GraphQLError {
        GraphQLError(
            message: message,
            kind: .variables,
            line: definition.place.line,
            column: definition.place.column
        )
    }

    private func misfit(of literal: Literal, asNamed name: String) -> String? {
        switch (schema.types[name], literal) {
        case (.enumeration(let names)?, .enumeration(let value)):
            return names.contains(value)
                ? nil : "Value \"\(value)\" does not exist in \"\(name)\" enum."
        case (.enumeration?, _):
            return "Enum \"\(name)\" cannot represent non-enum value: \(literal)."
        case (.input(let fields)?, .object(let members)):
            for member in members {
                guard let type = fields[member.name] else {
                    return "Field \"\(member.name)\" is not defined by type \"\(name)\"."
                }
                if let reason = misfit(of: member.value, as: type) { return reason }
            }
            return missing(fields, of: name) { key in members.contains { $0.name == key } }
        case (.input?, _): return "Expected value of type \"\(name)\", found \(literal)."
        case (.scalar?, .enumeration):
            return "\(name) cannot represent value: \(literal)"
        case (.scalar?, _):
            guard let value = value(of: literal, variables: [:]) else { return nil }
            return misfit(of: value, asScalar: name)
        case (.object?, _), (nil, _): return "Unknown type \"\(name)\"."
        }
    }

    private func misfit(of value: JSONValue, as type: TypeReference) -> String? {
        switch (value, type) {
        case (.null, .required(let inner)):
            "Expected non-nullable type \"\(inner)!\" not to be null."
        case (_, .required(let inner)): misfit(of: value, as: inner)
        case (.null, _): nil
        case (.array(let items), .list(let inner)):
            items.lazy.compactMap { misfit(of: $0, as: inner) }.first
        case (_, .list(let inner)): misfit(of: value, as: inner)
        case (_, .named(let name)):
            switch schema.types[name] {
            case .enumeration(let names)?: misfit(of: value, asOneOf: names, name)
            case .input(let fields)?: misfit(of: value, asInput: fields, name)
            case .scalar?: misfit(of: value, asScalar: name)
            case .object?, nil: "Unknown type \"\(name)\"."
            }
        }
    }

    private func misfit(of value: JSONValue, asOneOf names: [String], _ type: String) -> String? {
        guard let name = value.text else {
            return "Enum \"\(type)\" cannot represent non-string value: \(value)."
        }
        return names.contains(name) ? nil : "Value \"\(name)\" does not exist in \"\(type)\" enum."
    }

    private func misfit(
        of value: JSONValue,
        asInput fields: [String: TypeReference],
        _ type: String
    ) -> String? {
        guard case .object(let members) = value else {
            return "Expected type \"\(type)\" to be an object."
        }
        for member in members {
            guard let type = fields[member.name] else {
                return "Field \"\(member.name)\" is not defined by type \"\(type)\"."
            }
            if let reason = misfit(of: member.value, as: type) { return reason }
        }
        return missing(fields, of: type) { value[$0] != nil }
    }

    private func missing(
        _ fields: [String: TypeReference],
        of type: String,
        _ isThere: (String) -> Bool
    ) -> String? {
        for (name, field) in fields.sorted(by: { $0.key < $1.key })
        where field.isRequired && !isThere(name) {
            return "Field \"\(type).\(name)\" of required type \"\(field)\" was not provided."
        }
        return nil
    }

    private func misfit(of value: JSONValue, asScalar name: String) -> String? {
        switch (name, value) {
        case ("Int", .integer), ("Float", .integer), ("Float", .number), ("ID", .integer),
            ("ID", .string), ("String", .string), ("Boolean", .boolean), ("JSONObject", .object):
            nil
        case ("Int", _): "Int cannot represent non-integer value: \(value)"
        case ("Float", _): "Float cannot represent non numeric value: \(value)"
        case ("ID", _): "ID cannot represent value: \(value)"
        case ("Boolean", _): "Boolean cannot represent a non boolean value: \(value)"
        case ("String", _): "String cannot represent a non string value: \(value)"
        case ("JSONObject", _): "JSONObject cannot represent non-object value: \(value)"
        case (_, .string): nil
        default: "\(name) cannot represent value: \(value)"
        }
    }
}
