internal import Disk
internal import Domain

/// The JSON Schema of `run.json`, made from the types that read and write it.
package enum RunSchema {
    /// The schema (draft 2020-12) as JSON with a line end at its end.
    ///
    /// Keys that it doesn't know are allowed, as a newer program may write some. It asks for what the reader
    /// asks for; the writer writes every key, with null for what has no value.
    ///
    /// - Throws: what `RecordShape` can't make sense of, which a test would have found.
    package static func text() throws -> String {
        let head: [(name: String, value: JSONNode)] = [
            ("$schema", .string("https://json-schema.org/draft/2020-12/schema")),
            ("title", .string("Linecook run record")),
            ("description", .string(summary)),
        ]
        let members = schema(of: try RecordShape.of(Run.self), at: "")
        return JSONNode.object(head + members).prettyText + "\n"
    }

    /// The keys without a description, and the descriptions without a key; both are empty, as a test makes sure.
    static func gaps() throws -> (undescribed: [String], unknown: [String]) {
        let names = names(in: try RecordShape.of(Run.self), at: "")
        return (
            names.filter { words[$0] == nil },
            words.keys.filter { !names.contains($0) }.sorted()
        )
    }

    private static func schema(
        of shape: RecordShape,
        at path: String
    ) -> [(name: String, value: JSONNode)] {
        switch shape {
        case .text: [("type", .string("string"))]
        case .integer: [("type", .string("integer"))]
        case .number: [("type", .string("number"))]
        case .boolean: [("type", .string("boolean"))]
        case .time:
            [
                ("type", .string("string")), ("format", .string("date-time")),
                ("pattern", .string(timePattern)),
            ]
        case .ticketKey: [("type", .string("string")), ("pattern", .string(TicketKey.pattern))]
        case .word(let words): [("enum", .array(words.map { .string($0) }))]
        case .list(let element):
            [
                ("type", .string("array")),
                ("items", .object(schema(of: element, at: path))),
            ]
        case .record(let members):
            [
                ("type", .string("object")),
                ("required", .array(members.filter { !$0.isOptional }.map { .string($0.name) })),
                ("properties", .object(members.map { ($0.name, property($0, in: path)) })),
            ]
        }
    }

    private static func property(_ member: RecordShape.Member, in path: String) -> JSONNode {
        let name = path.isEmpty ? member.name : "\(path).\(member.name)"
        var result: [(name: String, value: JSONNode)] = []
        if let word = words[name] { result.append(("description", .string(word.description))) }
        for (name, value) in schema(of: member.shape, at: name) {
            switch (name, value) {
            case ("type", .string) where member.isOptional:
                result.append((name, .array([value, .string("null")])))
            case ("enum", .array(let words)) where member.isOptional:
                result.append((name, .array(words + [.null])))
            default: result.append((name, value))
            }
        }
        if name == "schema" { result.append(("maximum", .number(String(newestSchema)))) }
        if member.isOptional { result.append(("default", .null)) }
        if let example = words[name]?.example { result.append(("examples", .array([example]))) }
        return .object(result)
    }

    private static func names(in shape: RecordShape, at path: String) -> [String] {
        switch shape {
        case .text, .integer, .number, .boolean, .time, .ticketKey, .word: []
        case .list(let element): names(in: element, at: path)
        case .record(let members):
            members.flatMap { member in
                let name = path.isEmpty ? member.name : "\(path).\(member.name)"
                return [name] + names(in: member.shape, at: name)
            }
        }
    }

    /// What `Timestamp.date(of:)` takes, but for the ranges of its numbers.
    private static let timePattern =
        "^[0-9]{4}-[0-9]{2}-[0-9]{2}[Tt ][0-9]{2}:[0-9]{2}:[0-9]{2}([.][0-9]+)?([Zz]|[+-][0-9]{2}:[0-9]{2})$"
}
