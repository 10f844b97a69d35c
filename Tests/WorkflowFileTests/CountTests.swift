import Testing
import WorkflowFile

@Suite struct CountTests {
    @Test(arguments: [("500000", 500_000), ("500k", 500_000), ("2M", 2_000_000), ("0", 0)])
    func `a count may be written with k or M`(text: String, count: Int) {
        #expect(CountText.count(of: text) == count)
    }

    @Test(arguments: ["", "k", "2 M", "2m", "2.5M", "-1", "1e6", "9999999999", "2MB"])
    func `what else looks like a count is none`(text: String) {
        #expect(CountText.count(of: text) == nil)
    }

    @Test(arguments: [(1_500_000, "1500k"), (2_000_000, "2M"), (999, "999"), (0, "0")])
    func `a count is shown as short as it goes`(count: Int, text: String) {
        #expect(CountText.text(of: count) == text && CountText.count(of: text) == count)
    }
}
