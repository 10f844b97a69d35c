#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// A page of records in Linear's manner: newest first, 50 by default, 1 to 250, keyset cursors, so that a
/// record keeps its place in a walk over the pages when it changes meanwhile.
struct LinearPage {
    typealias Record = LinearWorld.Record

    private struct Order {
        var name: String
        var isDescending: Bool
        var nullsFirst: Bool
    }

    /// A record's place in the order, and its cursor's content.
    private struct Mark {
        var values: [JSONValue]
        var id: String

        var cursor: String {
            Data(JSONValue.array([.string(id), .array(values)]).serialized).base64EncodedString()
        }

        init(_ record: Record, _ orders: [Order]) {
            id = record.id
            values = orders.map { record[$0.name] }
        }

        init?(cursor: String, count: Int) {
            // A cursor that isn't ours is answered with an error by the caller.
            guard let data = Data(base64Encoded: cursor),
                let json = try? JSONValue(parsing: Array(data)),
                json.items.count == 2, let id = json.items[0].text,
                json.items[1].items.count == count
            else { return nil }
            self.id = id
            values = json.items[1].items
        }
    }

    private let orders: [Order]
    private let arguments: [String: JSONValue]

    init(_ arguments: [String: JSONValue]) throws(GraphQLError) {
        self.arguments = arguments
        for name in ["first", "last"] {
            guard case .integer(let size)? = arguments[name] else { continue }
            if size > 250 { throw .argument("\(name) must not be greater than 250.", of: name) }
            if size < 1 { throw .argument("\(name) must not be less than 1.", of: name) }
        }
        let fields = [
            "priority": "priority", "createdAt": "createdAt", "updatedAt": "updatedAt",
            "manual": "sortOrder",
        ]
        var orders: [Order] = []
        for sort in arguments["sort"]?.items ?? [] {
            for member in sort.members where member.value != .null {
                guard let name = fields[member.name] else {
                    throw GraphQLError(
                        message: "Sort \(member.name) isn't simulated",
                        kind: .input()
                    )
                }
                orders.append(
                    Order(
                        name: name,
                        isDescending: member.value["order"] == "Descending",
                        nullsFirst: member.value["nulls"] == "first"
                    )
                )
            }
        }
        let last = arguments["orderBy"]?.text ?? "createdAt"
        self.orders = orders + [Order(name: last, isDescending: true, nullsFirst: false)]
    }

    /// The page of the records that passed the filter, which come in any order.
    func connection(_ records: [Record]) throws(GraphQLError) -> GraphQLAnswer {
        let isOpen = arguments["includeArchived"] != true
        let listed = records.filter { !isOpen || $0["archivedAt"] == .null }
            .map { (record: $0, mark: Mark($0, orders)) }
            .sorted { precedes($0.mark, $1.mark) }
        var start = 0
        var end = listed.count
        if let mark = try mark("after") {
            start = listed.firstIndex { precedes(mark, $0.mark) } ?? listed.count
        }
        if let mark = try mark("before") {
            end = listed.firstIndex { !precedes($0.mark, mark) } ?? listed.count
        }
        end = max(start, end)
        if case .integer(let size)? = arguments["last"], !isSet("first") {
            start = max(start, end - size)
        } else if case .integer(let size)? = arguments["first"] {
            end = min(end, start + size)
        } else {
            end = min(end, start + 50)
        }
        let page = listed[start..<end]
        func answer(_ record: Record) -> GraphQLAnswer {
            .object(.record(type: record.type, id: record.id))
        }
        return .object(
            .ready([
                "nodes": .list(page.map { answer($0.record) }),
                "edges": .list(
                    page.map { entry in
                        .object(
                            .ready([
                                "node": answer(entry.record),
                                "cursor": .leaf(.string(entry.mark.cursor)),
                            ])
                        )
                    }
                ),
                "pageInfo": .object(
                    .ready([
                        "hasNextPage": .leaf(.boolean(end < listed.count)),
                        "hasPreviousPage": .leaf(.boolean(start > 0)),
                        "startCursor": .leaf(JSONValue(page.first?.mark.cursor)),
                        "endCursor": .leaf(JSONValue(page.last?.mark.cursor)),
                    ])
                ),
            ])
        )
    }

    /// Numbers and texts by their size; anything else, `null` too, stands in no order.
    static func precedes(_ left: JSONValue, _ right: JSONValue) -> Bool {
        if let left = left.double, let right = right.double { return left < right }
        if let left = left.text, let right = right.text { return left < right }
        return false
    }

    private func isSet(_ name: String) -> Bool { (arguments[name] ?? .null) != .null }

    private func mark(_ name: String) throws(GraphQLError) -> Mark? {
        guard let cursor = arguments[name]?.text else { return nil }
        guard let mark = Mark(cursor: cursor, count: orders.count) else {
            throw .argument("\(name) is not a valid cursor", of: name)
        }
        return mark
    }

    private func precedes(_ left: Mark, _ right: Mark) -> Bool {
        for (index, order) in orders.enumerated() {
            let (first, second) = (weighed(left, index), weighed(right, index))
            if first == second { continue }
            if first == .null || second == .null { return (first == .null) == order.nullsFirst }
            return Self.precedes(first, second) != order.isDescending
        }
        return left.id > right.id
    }

    /// No priority counts as the least urgent.
    private func weighed(_ mark: Mark, _ index: Int) -> JSONValue {
        let value = mark.values[index]
        return orders[index].name == "priority" && value == 0 ? 5 : value
    }
}
