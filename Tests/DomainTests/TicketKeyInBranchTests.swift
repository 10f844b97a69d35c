import Domain
import Testing

@Suite struct TicketKeyInBranchTests {
    @Test(arguments: [
        ("feature/FRE-69-ai-agents-article", "FRE-69"), ("linecook/eng-7-page", "ENG-7"),
        ("ada/fix-eng-12", "ENG-12"), ("ENG-3", "ENG-3"), ("release/2026-11", nil),
        ("main", nil), ("feature/no-number-here", nil), ("a/b.ENG-4", "ENG-4"),
    ])
    func `the ticket of a branch is the first key in its name`(branch: String, key: String?) {
        #expect(TicketKey(inBranch: branch)?.rawValue == key)
    }
}
