/// An error in the shape in which Linear sends it.
struct GraphQLError: Error, Equatable, Sendable {
    /// What `extensions` says about it.
    enum Kind: Equatable, Sendable {
        /// HTTP 400; the document can't be read.
        case syntax
        /// HTTP 400; the document asks for what the schema hasn't got.
        case validation
        /// HTTP 400; the variables don't fit.
        case variables
        /// HTTP 400; the operation isn't in the document.
        case operation
        /// HTTP 400; there is no document.
        case request
        /// HTTP 200; something in the input is wrong.
        case input(code: String = "INPUT_ERROR", property: String? = nil)
    }
    var message: String
    var kind: Kind
    /// For a person; Linear adds it to errors in the input.
    var presentable: String?
    /// From 1.
    var line: Int?
    var column: Int?
    var path: [JSONValue] = []

    static func validation(_ message: String, at place: Place) -> Self {
        Self(message: message, kind: .validation, line: place.line, column: place.column)
    }

    static func notFound(_ type: String) -> Self {
        Self(
            message: "Entity not found: \(type)",
            kind: .input(),
            presentable: "Could not find referenced \(type)."
        )
    }

    /// Linear's check of arguments.
    static func argument(_ message: String, of property: String) -> Self {
        Self(
            message: "Argument Validation Error",
            kind: .input(code: "INVALID_INPUT", property: property),
            presentable: message
        )
    }

    var json: JSONValue {
        var members: [JSONValue.Member] = [.init(name: "message", value: .string(message))]
        if let line, let column {
            members.append(
                .init(
                    name: "locations",
                    value: [["line": .integer(line), "column": .integer(column)]]
                )
            )
        }
        if !path.isEmpty { members.append(.init(name: "path", value: .array(path))) }
        members.append(.init(name: "extensions", value: .object(extensions)))
        return .object(members)
    }

    private var extensions: [JSONValue.Member] {
        func document(_ code: String) -> [JSONValue.Member] {
            [
                .init(name: "code", value: .string(code)),
                .init(name: "type", value: "graphql error"),
                .init(name: "userError", value: true),
                .init(name: "meta", value: [:]),
                .init(name: "http", value: ["status": 400]),
            ]
        }
        switch kind {
        case .syntax: return document("GRAPHQL_PARSE_FAILED")
        case .validation: return document("GRAPHQL_VALIDATION_FAILED")
        case .variables: return document("BAD_USER_INPUT")
        case .operation: return document("OPERATION_RESOLUTION_FAILURE")
        case .request: return document("BAD_REQUEST")
        case .input(let code, let property):
            var members: [JSONValue.Member] = [
                .init(name: "type", value: "invalid input"),
                .init(name: "code", value: .string(code)),
                .init(name: "statusCode", value: 400),
                .init(name: "userError", value: true),
            ]
            if let property {
                let failure: JSONValue = [
                    "property": .string(property), "children": [],
                    "constraints": ["custom": JSONValue(presentable)],
                ]
                members.append(.init(name: "validationErrors", value: [failure]))
            }
            if let presentable {
                members.append(.init(name: "userPresentableMessage", value: .string(presentable)))
            }
            return members
        }
    }
}

extension GraphQLError: CustomStringConvertible {
    var description: String { presentable.map { "\(message): \($0)" } ?? message }
}

/// Where something stands in a document, from 1.
struct Place: Equatable, Sendable {
    var line: Int
    var column: Int
}
