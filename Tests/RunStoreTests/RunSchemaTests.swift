import Disk
import Domain
import Testing

@testable import RunStore

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

@Suite struct RunSchemaTests {
    /// A record made of the schema's examples.
    private func example(_ shape: RecordShape, at path: String = "") throws -> JSONNode {
        switch shape {
        case .record(let members):
            return .object(
                try members.map { member in
                    let name = path.isEmpty ? member.name : "\(path).\(member.name)"
                    return (member.name, try example(member.shape, at: name))
                }
            )
        case .list(.record(let members)):
            return .array([try example(.record(members), at: path)])
        case .text, .integer, .number, .boolean, .time, .ticketKey, .word, .list:
            return try #require(RunSchema.words[path]?.example, "\(path) has no example")
        }
    }

    /// Every way to leave out one key, or to make it null, and whether the schema allows it.
    private func changes(
        of node: JSONNode,
        by shape: RecordShape,
        at path: String = ""
    ) -> [(what: String, node: JSONNode, isAllowed: Bool)] {
        switch (node, shape) {
        case (.array(let items), .list(let element)):
            guard let first = items.first else { return [] }
            return changes(of: first, by: element, at: path).map {
                ($0.what, .array([$0.node]), $0.isAllowed)
            }
        case (.object(let values), .record(let members)):
            return zip(values.indices, members).flatMap { index, member in
                let name = path.isEmpty ? member.name : "\(path).\(member.name)"
                var without = values
                without.remove(at: index)
                let replaced = { (value: JSONNode) -> JSONNode in
                    var result = values
                    result[index].value = value
                    return .object(result)
                }
                return [
                    ("without \(name)", .object(without), member.isOptional),
                    ("\(name) is null", replaced(.null), member.isOptional),
                ]
                    + changes(of: values[index].value, by: member.shape, at: name).map {
                        ($0.what, replaced($0.node), $0.isAllowed)
                    }
            }
        default: return []
        }
    }

    private func run(_ node: JSONNode) throws -> Run {
        try RecordDecoder.value(Run.self, from: Array(node.lineText.utf8))
    }

    @Test func `every key of a run record is described, and nothing else is`() throws {
        let gaps = try RunSchema.gaps()
        #expect(gaps.undescribed == [])
        #expect(gaps.unknown == [])
    }

    @Test func `the schema has the keys that are written, in their order, and its examples fit`()
        throws
    {
        let example = try example(try RecordShape.of(Run.self))
        #expect(try RecordEncoder.node(of: try run(example)) == example)
    }

    @Test func `the schema asks for what the reader asks for`() throws {
        let shape = try RecordShape.of(Run.self)
        let changes = changes(of: try example(shape), by: shape)
        #expect(changes.count > 100)
        for change in changes {
            #expect(((try? run(change.node)) != nil) == change.isAllowed, "\(change.what)")
        }
    }

    @Test func `the schema that ships is the one that the types make`() throws {
        let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        let shipped = root.appending(path: "Config/schema/run.schema.json")
        #expect(
            try String(contentsOf: shipped, encoding: .utf8) == RunSchema.text(),
            "write it anew: linecook schema --write Config/schema"
        )
    }
}
