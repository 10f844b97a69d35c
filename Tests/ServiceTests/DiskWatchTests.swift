import Domain
import SystemPackage
import Testing

@testable import Service

@Suite struct DiskWatchTests {
    private let floor = 2_000_000_000

    /// The folders that have too little, after a look at what is free in each.
    private func look(
        _ watch: inout DiskWatch,
        _ free: [FilePath: Int],
        at seconds: Int
    ) -> [FilePath]? {
        watch.look("/state", ["/a", "/b"], floor: floor, at: .seconds(seconds)) { free[$0] }?
            .map(\.folder)
    }

    @Test func `too little room is said once, and once that there is room again`() {
        var watch = DiskWatch()
        #expect(look(&watch, ["/state": floor, "/a": floor, "/b": floor], at: 1) == nil)
        let short = ["/state": floor - 1, "/a": floor, "/b": 0] as [FilePath: Int]
        #expect(look(&watch, short, at: 2) == ["/state", "/b"])
        #expect(look(&watch, short, at: 3) == nil)
        #expect(look(&watch, ["/state": 2_200_000_000, "/b": 2_200_000_000], at: 4) == [])
        #expect(watch.shortages == [])
    }

    @Test func `a disk at the floor doesn't stop and start the work all the time`() {
        var watch = DiskWatch()
        #expect(look(&watch, ["/a": floor - 1], at: 1) == ["/a"])
        #expect(look(&watch, ["/a": floor + 1], at: 2) == nil)
        #expect(look(&watch, ["/a": 2_199_999_999], at: 3) == nil)
        #expect(look(&watch, ["/a": 2_200_000_000], at: 4) == [])
        #expect(look(&watch, ["/a": floor], at: 5) == nil)
    }

    @Test func `however much happens, it looks once a second`() {
        var watch = DiskWatch()
        var looks = 0
        for step in 0..<30 {
            _ = watch.look("/state", [], floor: floor, at: .milliseconds(1000 + 100 * step)) { _ in
                looks += 1
                return nil
            }
        }
        #expect(looks == 3)
    }

    @Test func `what can't be told holds nothing, nor does a disk that nobody wants looked at`() {
        var watch = DiskWatch()
        #expect(look(&watch, [:], at: 1) == nil)
        #expect(look(&watch, ["/state": 0], at: 2) == ["/state"])
        let off = watch.look("/state", [], floor: nil, at: .seconds(3)) { _ in 0 }
        #expect(off == [])
    }
}
