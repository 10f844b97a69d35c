import Testing

@testable import RunStore

@Suite struct ReadWorkflowsTests {
    @Test func `workflows that were read just now are known, and never more than a few`() {
        let read = ReadWorkflows()
        for number in 0..<100 {
            read[[UInt8(number)]] = Sample.workflow
            #expect(read[[UInt8(number)]] == Sample.workflow)
        }
        #expect((0..<100).count { read[[UInt8($0)]] != nil } <= 16)
    }
}
