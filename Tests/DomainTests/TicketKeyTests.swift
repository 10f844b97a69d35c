import Domain
import Testing

@Suite struct TicketKeyTests {
    @Test(arguments: ["FRE-69", "fre-69", "A1_B-1", "ENG-123456789"])
    func `a key of Linear's form is taken`(text: String) throws {
        #expect(try #require(TicketKey(text)).rawValue == text.uppercased())
    }

    @Test(arguments: [
        "", "FRE", "FRE-", "-1", "FRE-1-2", "../../x", ";rm-1", "FRE-1;x", "FRÉ-1", "FRE-٣", "🧭-1",
        "FRE-1234567890", "A B-1", "FRE-1\n", String(repeating: "A", count: 300) + "-1",
    ])
    func `anything else is refused, so that a key is safe in paths and branches`(text: String) {
        #expect(TicketKey(text) == nil)
    }

    @Test func `keys sort by number within a team`() throws {
        let keys = ["FRE-10", "FRE-9", "ENG-70"].compactMap { TicketKey($0) }
        #expect(keys.sorted().map(\.rawValue) == ["ENG-70", "FRE-9", "FRE-10"])
    }

    @Test func `teams are in order by all of their letters, however long they are`() {
        let names = [
            "A-3", "AB-2", "ABCDEFGH-1", "ABCDEFGH-20", "ABCDEFGHA-4", "ABCDEFGHB-1", "ABCDEFGHB-7",
            "ABCDEFGI-1", "B-1",
        ]
        let keys = names.compactMap { TicketKey($0) }
        #expect(keys.reversed().sorted().map(\.rawValue) == names)
        for (left, right) in zip(keys, keys.dropFirst()) {
            #expect(left < right && !(right < left))
        }
    }
}
