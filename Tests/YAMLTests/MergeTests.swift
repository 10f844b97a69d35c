import Testing
import YAML

@Suite struct MergeTests {
    private func document(_ text: String) -> YAMLDocument {
        YAMLDocument(Array(text.utf8), file: "a.yml")
    }

    private func entries(_ node: YAMLNode?) throws -> [String] {
        guard case .mapping(let entries) = try #require(node).content else { return [] }
        return entries.map { "\($0.key) \($0.keyPlace) \($0.value.place)" }
    }

    @Test func `one alias or a list of them fills in what the mapping does not set itself`() throws
    {
        let text = """
            one: &one {a: 1, b: 1}
            two: &two {b: 2, c: 2}
            single: {<<: *one, b: mine}
            both: {<<: [*one, *two], c: 3}
            quoted: {"<<": 4}
            tagged: {!!str <<: 5}
            """
        let document = document(text)
        let single = try #require(document.root?["single"])
        #expect(["a", "b"].map { single[$0]?.scalar } == [.integer(1), .string("mine")])
        let both = try #require(document.root?["both"])
        #expect(
            ["a", "b", "c"].map { both[$0]?.scalar } == [.integer(1), .integer(1), .integer(3)]
        )
        #expect(document.root?["quoted"]?["<<"]?.scalar == .integer(4))
        #expect(document.root?["tagged"]?["<<"]?.scalar == .integer(5))
        #expect(document.diagnostics.isEmpty)
    }

    @Test func `a merged key stands where it is written, in the anchor`() throws {
        let text = """
            base: &base
              a: 1
              b: {c: 2}
            more: &more
              <<: *base
              d: 3
            end:
              d: own
              <<: *more
            """
        let document = document(text)
        #expect(document.diagnostics.isEmpty)
        #expect(try entries(document.root?["end"]) == ["d 8:3 8:6", "a 2:3 2:6", "b 3:3 3:6"])
        #expect(document.root?["end"]?["b"]?["c"]?.place.description == "3:10")
    }

    @Test(arguments: [
        ("a: {<<: 3}\n", "1:9"),
        ("x: &x {}\na: {<<: [*x, three]}\n", "2:14"),
        ("x: &x {}\na: {<<: [[*x]]}\n", "2:10"),
        ("x: &x [b]\na:\n  <<: *x\n  c: 1\n", "1:8"),
        ("a:\n  <<:\n  b: 1\n", "2:6"),
    ])
    func `what is no mapping can't be merged`(text: String, place: String) {
        #expect(
            document(text).diagnostics.map(\.description) == [
                "a.yml:\(place): error: '<<' merges mappings, and this is none; name one with an anchor:"
                    + " <<: *defaults"
            ]
        )
    }

    @Test(arguments: [
        (
            "x: &x {}\na: {<<: *x, <<: *x}\n",
            "2:13: error: the merge key '<<' is set a second time; merge several mappings with one key:"
                + " <<: [*first, *second]"
        ),
        (
            "x: &x {a: 1}\ny:\n  a: 1\n  <<: *x\n  a: 2\n",
            "5:3: error: the key 'a' is set a second time; it is first set in line 3; keep one of the two"
        ),
        (
            "a: {<<: *b}\n",
            "1:9: error: no anchor '&b' stands before this alias; set the anchor where the value is"
                + " first written, or put the text in quotes"
        ),
        (
            "a: &a {<<: *a}\n",
            "1:12: error: the alias '*a' stands inside what it refers to; write the value out"
        ),
        (
            "a: {!!merge <<: {b: 1}}\n",
            "1:5: error: the tag '!!merge' isn't known here; known are !!str, !!int, !!float, !!bool,"
                + " !!null, !!seq and !!map; remove the tag, or put the text in quotes"
        ),
    ])
    func `a mistake around a merge is named once`(text: String, expected: String) {
        #expect(document(text).diagnostics.map(\.description) == ["a.yml:" + expected])
    }

    @Test func `merged values count against the budget of aliases`() {
        let keys = (0..<999).map { "  k\($0): \($0)\n" }.joined()
        let merges = (0..<51).map { "m\($0):\n  <<: *a\n" }.joined()
        let base = "a: &a\n" + keys
        let allowed = document(base + merges.split(separator: "m50")[0])
        #expect(allowed.diagnostics.isEmpty)
        // A mapping of 999 keys and values is 1,999 nodes; merge number 51 stands in the last line.
        #expect(
            document(base + merges).diagnostics.map(\.description) == [
                "a.yml:1102:7: error: the aliases of this file stand for more than 100000 values;"
                    + " write out what is needed, or use fewer aliases inside one another"
            ]
        )
        let chain = (1...40).map { "m\($0): &m\($0) {<<: [*m\($0 - 1), *m\($0 - 1)], x\($0): 1}\n" }
        let laughs = document("m0: &m0 {a: 1}\n" + chain.joined())
        #expect(laughs.root == nil)
        #expect(laughs.diagnostics.count == 1)
    }
}
