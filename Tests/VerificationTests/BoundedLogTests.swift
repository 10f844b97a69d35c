import Domain
import SystemPackage
import Testing

@testable import Verification

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

@Suite struct BoundedLogTests {
    /// What a file holds after some pieces were put out.
    private func written(
        _ pieces: [String],
        limit: Int = 800,
        before: String? = nil,
        goesOn: Bool = false,
        cover: SecretCover? = nil
    ) throws -> String {
        let path = FilePath("/tmp/linecook-log-\(UUID().uuidString)")
        // A file that stays behind spoils no other test.
        defer { try? FileManager.default.removeItem(atPath: path.string) }
        if let before { try Data(before.utf8).write(to: URL(filePath: path.string)) }
        var log = try BoundedLog(path, limitInBytes: limit, goesOn: goesOn, cover: cover)
        for piece in pieces { try log.append(Array(piece.utf8)) }
        try log.close()
        let data = try #require(FileManager.default.contents(atPath: path.string))
        return String(decoding: data, as: UTF8.self)
    }

    @Test func `what is too much goes from the middle, and its size is told`() throws {
        let lines = (1000..<1400).map { "\($0)\n" }
        let text = try written(lines)
        let head = (1000..<1140).map { "\($0)\n" }.joined()
        let tail = (1380..<1400).map { "\($0)\n" }.joined()
        #expect(text == head + "\n\n[… 1200 bytes left out …]\n\n" + tail)
    }

    @Test func `a log is begun anew, or goes on within what is left of its room`() throws {
        #expect(try written(["new\n"], before: "longer than the new\n") == "new\n")
        #expect(try written(["new\n"], before: "old\n", goesOn: true) == "old\nnew\n")
        let full = String(repeating: "x", count: 700)
        let text = try written([String(repeating: "y", count: 200)], before: full, goesOn: true)
        let rest = String(repeating: "y", count: 100)
        #expect(text == full + "\n\n[… 100 bytes left out …]\n\n" + rest)
    }

    @Test func `the beginning of a secret at the very end is kept`() throws {
        let cover = SecretCover(of: ["API_TOKEN": "a1b2c3d4e5"])
        #expect(try written(["a1b2", "c3d4e5 a1b2"], cover: cover) == "[value of API_TOKEN] a1b2")
    }

    @Test func `an excerpt has the last lines, and nothing that a terminal obeys`() {
        let many = (1...100).map { "\($0)" }.joined(separator: "\n")
        #expect(
            excerpt(of: Array(many.utf8)) == (41...100).map { "\($0)" }.joined(separator: "\n")
        )
        let title = "\u{1B}]0;a title\u{7}shown\u{8}\u{202E} \u{1B}[1mbold\u{1B}[0m"
        #expect(excerpt(of: Array(title.utf8)) == "shown bold")
    }
}
