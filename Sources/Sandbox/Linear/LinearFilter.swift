#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// Answers whether a record passes a filter; knows every key that the sandbox's schema lets through.
struct LinearFilter {
    typealias Record = LinearWorld.Record

    let world: LinearWorld
    /// The id of the user who asks.
    let actor: String
    let now: Date

    /// Where a reference is empty, `record` is `nil`.
    func passes(_ record: Record?, _ filter: JSONValue, type: String) throws(GraphQLError) -> Bool {
        for member in filter.members where member.value != .null {
            let passes: Bool
            switch member.name {
            case "and", "or":
                passes = try combine(member) { filter throws(GraphQLError) in
                    try self.passes(record, filter, type: type)
                }
            case "null": passes = member.value == .boolean(record == nil)
            default:
                guard let record else { return false }
                passes = try field(member.name, of: record, passes: member.value)
            }
            guard passes else { return false }
        }
        return true
    }

    private func combine(
        _ member: JSONValue.Member,
        _ test: (JSONValue) throws(GraphQLError) -> Bool
    ) throws(GraphQLError) -> Bool {
        let isAll = member.name == "and"
        for item in member.value.items where try test(item) != isAll { return !isAll }
        return isAll
    }

    private func field(
        _ name: String,
        of record: Record,
        passes filter: JSONValue
    ) throws(GraphQLError) -> Bool {
        if let target = LinearResolver.references[record.type]?[name] {
            let reference = world.record(target, record["\(name)Id"].text)
            return try passes(reference, filter, type: target)
        }
        if record.type == "Issue", name == "labels" {
            let labels = record["labelIds"].items.compactMap {
                world.record("IssueLabel", $0.text)
            }
            return try passes(labels, filter, type: "IssueLabel")
        }
        if record.type == "Issue", name == "children" {
            let children = world.all("Issue").filter { $0["parentId"].text == record.id }
            return try passes(children, filter, type: "Issue")
        }
        return try compare(value(name, of: record), filter) { text throws(GraphQLError) in
            if name.hasSuffix("At") { return try self.moment(text) }
            return name == "id" && record.type == "Issue" ? self.world.issueID(text) : text
        }
    }

    private func value(_ name: String, of record: Record) -> JSONValue {
        func isRelated(_ type: String, _ ends: String...) -> JSONValue {
            .boolean(
                world.relations(of: record.id).contains { relation in
                    relation["type"].text == type
                        && ends.contains { relation[$0].text == record.id }
                }
            )
        }
        switch name {
        case "hasBlockedByRelations": return isRelated("blocks", "relatedIssueId")
        case "hasBlockingRelations": return isRelated("blocks", "issueId")
        case "hasRelatedRelations": return isRelated("related", "issueId", "relatedIssueId")
        case "hasDuplicateRelations": return isRelated("duplicate", "issueId")
        case "isMe": return .boolean(record.id == actor)
        case "isActive", "isFuture", "isNext", "isPast", "isPrevious":
            return world.isCycle(record, name, at: LinearWorld.text(of: now))
        default: return record[name]
        }
    }

    /// A filter on many records; a bare key means that some of them pass it.
    private func passes(
        _ records: [Record],
        _ filter: JSONValue,
        type: String
    ) throws(GraphQLError) -> Bool {
        for member in filter.members where member.value != .null {
            let passes: Bool
            switch member.name {
            case "and", "or":
                passes = try combine(member) { filter throws(GraphQLError) in
                    try self.passes(records, filter, type: type)
                }
            case "length":
                passes = try compare(.integer(records.count), member.value) { $0 }
            case "null": passes = member.value == .boolean(records.isEmpty)
            case "every": passes = try matches(in: records, member.value, type) == records.count
            case "some": passes = try matches(in: records, member.value, type) > 0
            default: passes = try matches(in: records, .object([member]), type) > 0
            }
            guard passes else { return false }
        }
        return true
    }

    private func matches(
        in records: [Record],
        _ filter: JSONValue,
        _ type: String
    ) throws(GraphQLError) -> Int {
        var count = 0
        for record in records where try passes(record, filter, type: type) { count += 1 }
        return count
    }

    // MARK: Comparators

    private func compare(
        _ value: JSONValue,
        _ comparator: JSONValue,
        convert: (String) throws(GraphQLError) -> String
    ) throws(GraphQLError) -> Bool {
        for member in comparator.members where member.value != .null {
            let passes: Bool
            switch member.name {
            case "and", "or":
                passes = try combine(member) { comparator throws(GraphQLError) in
                    try self.compare(value, comparator, convert: convert)
                }
            case "null": passes = member.value == .boolean(value == .null)
            case "in", "nin":
                var isIn = false
                for item in member.value.items
                where Self.same(value, try Self.converted(item, convert)) {
                    isIn = true
                }
                passes = isIn == (member.name == "in")
            default:
                passes = try Self.test(
                    member.name,
                    value,
                    try Self.converted(member.value, convert)
                )
            }
            guard passes else { return false }
        }
        return true
    }

    private static func converted(
        _ value: JSONValue,
        _ convert: (String) throws(GraphQLError) -> String
    ) throws(GraphQLError) -> JSONValue {
        guard let text = value.text else { return value }
        return .string(try convert(text))
    }

    private static func same(_ left: JSONValue, _ right: JSONValue) -> Bool {
        if let left = left.double, let right = right.double { return left == right }
        return left == right
    }

    private static func test(
        _ name: String,
        _ value: JSONValue,
        _ wanted: JSONValue
    ) throws(GraphQLError) -> Bool {
        let text = value.text ?? ""
        let part = wanted.text ?? ""
        let small = (text: text.lowercased(), part: part.lowercased())
        switch name {
        case "eq": return same(value, wanted)
        case "neq": return !same(value, wanted)
        case "lt": return LinearPage.precedes(value, wanted)
        case "lte": return LinearPage.precedes(value, wanted) || same(value, wanted)
        case "gt": return LinearPage.precedes(wanted, value)
        case "gte": return LinearPage.precedes(wanted, value) || same(value, wanted)
        case "contains": return text.contains(part)
        case "notContains": return !text.contains(part)
        case "containsIgnoreCase": return small.text.contains(small.part)
        case "notContainsIgnoreCase": return !small.text.contains(small.part)
        case "startsWith": return text.hasPrefix(part)
        case "notStartsWith": return !text.hasPrefix(part)
        case "startsWithIgnoreCase": return small.text.hasPrefix(small.part)
        case "endsWith": return text.hasSuffix(part)
        case "notEndsWith": return !text.hasSuffix(part)
        case "eqIgnoreCase": return small.text == small.part
        case "neqIgnoreCase": return small.text != small.part
        default:
            throw GraphQLError(message: "Comparator \(name) isn't simulated", kind: .input())
        }
    }

    /// A time, or a span from now such as `-P2W`, as text that compares with the records' times.
    private func moment(_ text: String) throws(GraphQLError) -> String {
        if let span = Self.span(text) { return LinearWorld.text(of: now.addingTimeInterval(span)) }
        let styles = [
            Date.ISO8601FormatStyle(includingFractionalSeconds: true), Date.ISO8601FormatStyle(),
            Date.ISO8601FormatStyle().year().month().day(),
        ]
        for style in styles {
            // The next style is tried when this one doesn't read the text.
            if let date = try? style.parse(text) { return LinearWorld.text(of: date) }
        }
        throw .argument("'\(text)' is not a valid date or duration", of: "filter")
    }

    /// ISO 8601 durations in whole units; a year is 365 days and a month 30.
    private static func span(_ text: String) -> Double? {
        var rest = Substring(text)
        let sign: Double = rest.first == "-" ? -1 : 1
        if rest.first == "-" { rest.removeFirst() }
        guard rest.popFirst() == "P" else { return nil }
        var seconds = 0.0
        var isTime = false
        while !rest.isEmpty {
            if rest.first == "T" {
                isTime = true
                rest.removeFirst()
            }
            let digits = rest.prefix { $0.isNumber }
            rest = rest.dropFirst(digits.count)
            guard let count = Double(digits), let unit = rest.popFirst() else { return nil }
            switch (unit, isTime) {
            case ("Y", false): seconds += count * 365 * 86_400
            case ("M", false): seconds += count * 30 * 86_400
            case ("W", false): seconds += count * 7 * 86_400
            case ("D", false): seconds += count * 86_400
            case ("H", true): seconds += count * 3_600
            case ("M", true): seconds += count * 60
            case ("S", true): seconds += count
            default: return nil
            }
        }
        return sign * seconds
    }
}
