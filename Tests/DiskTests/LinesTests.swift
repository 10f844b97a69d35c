import Disk
import SystemPackage
import Testing

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

// A class, so that its folder goes when a test is over.
@Suite final class LinesTests {
    private let disk = LocalFileSystem()
    private let folder = FilePath("/tmp/linecook-lines-\(UUID().uuidString)")
    private var file: FilePath { folder.appending("2026-11.jsonl") }

    init() throws { try disk.makeFolder(folder) }

    deinit { try? FileManager.default.removeItem(atPath: folder.string) }

    private func lines(limit: Int = .max) throws -> [String] {
        var found: [String] = []
        let isWhole = try disk.readLinesFromEnd(of: file) {
            found.append(String(decoding: $0, as: UTF8.self))
            return found.count < limit
        }
        #expect(isWhole == (found.count < limit))
        return found
    }

    @Test(arguments: [1, 5, 65_535, 65_536, 65_537, 200_000])
    func `lines come from the last to the first, however long they are`(length: Int) throws {
        let all = (0..<7).map { "\($0)" + String(repeating: "x", count: length) }
        try disk.write(Array((all.joined(separator: "\n") + "\n").utf8), to: file)
        #expect(try lines() == all.reversed())
        #expect(try lines(limit: 2) == Array(all.reversed().prefix(2)))
    }

    @Test func `no file has no lines, and a last one without its end counts`() throws {
        #expect(try lines() == [])
        try disk.write(Array("\n\none\n\ntwo".utf8), to: file)
        #expect(try lines() == ["two", "one"])
    }

    @Test func `a torn last line doesn't spoil the one that is written next`() throws {
        try disk.write(Array("one\n{\"tor".utf8), to: file)
        try disk.appendLine(Array("two".utf8), to: file)
        #expect(try lines() == ["two", "{\"tor", "one"])
    }

    @Test func `no line is lost that is written while the file is rewritten`() async throws {
        let (disk, file) = (disk, file)
        try await withThrowingTaskGroup(of: Void.self) { group in
            for writer in 0..<4 {
                group.addTask {
                    for number in 0..<100 {
                        try disk.appendLine(Array("\(writer)-\(number)".utf8), to: file)
                    }
                }
            }
            group.addTask {
                for round in 0..<100 {
                    // Now and then the file goes whole, and comes back.
                    try disk.rewrite(file) { round % 10 == 3 && $0.isEmpty ? nil : $0 }
                }
            }
            try await group.waitForAll()
        }
        let expected = (0..<4).flatMap { writer in (0..<100).map { "\(writer)-\($0)" } }
        #expect(try lines().sorted() == expected.sorted())
        try disk.rewrite(file) { _ in [] }
        #expect(try disk.list(folder) == [])
    }
}
