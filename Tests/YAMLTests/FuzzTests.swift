import TestSupport
import Testing
import YAML

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// Damaged files and noise, from fixed seeds.
///
/// `LINECOOK_FUZZ=100000 swift test --filter YAMLTests.FuzzTests` reads that many files.
@Suite struct FuzzTests {
    private static let shares = 20
    private static let files = Mutations.count(orElse: 2000)

    /// What ships, and what holds every construct that the room knows.
    private static func originals() throws -> [[UInt8]] {
        let here = URL(filePath: #filePath).deletingLastPathComponent()
        let root = here.deletingLastPathComponent().deletingLastPathComponent()
        let paths = [
            "Config/linecook.yml", "workflows/default.yml", "workflows/demo.yml",
            "workflows/portfolio.yml", "Tests/YAMLTests/Fixtures/places.yml",
            "Tests/YAMLTests/Fixtures/laughs.yml",
        ]
        let small =
            "a: &x [1, \"two\", 'three']\nb: {c: *x, <<: {d: 1}}\ne: |\n  text\n- f: !!str 1\n"
        return try paths.map { Array(try Data(contentsOf: root.appending(path: $0))) }
            + [Array(small.utf8)]
    }

    @Test(.timeLimit(.minutes(10)), arguments: 0..<shares)
    func `no bytes crash or hang the parser or lead it outside the file`(share: Int) throws {
        let originals = try Self.originals()
        for seed in stride(from: share, to: Self.files, by: Self.shares) {
            var damage = Damage(seed: UInt64(seed))
            let bytes = damage.file(from: originals)
            let document = YAMLDocument(bytes, file: "a.yml")
            let source = SourceText(bytes)
            for diagnostic in document.diagnostics {
                let place = try #require(diagnostic.place, "seed \(seed): \(diagnostic)")
                #expect(Self.contains(place, source), "seed \(seed): \(diagnostic)")
                #expect(diagnostic.excerpt != nil, "seed \(seed): \(diagnostic)")
                #expect(
                    !diagnostic.message.hasPrefix("YAML can't read this: "),
                    "seed \(seed) has no words of ours: \(diagnostic)"
                )
            }
            #expect(document.diagnostics.count <= 101, "seed \(seed)")
            if let root = document.root {
                #expect(Self.strayPlace(in: root, source) == nil, "seed \(seed)")
            }
        }
    }

    /// A place is a character, or the end of a line, where what is missing would stand.
    private static func contains(_ place: SourcePlace, _ source: SourceText) -> Bool {
        (1...source.lineCount).contains(place.line)
            && (1...source.line(place.line).unicodeScalars.count + 1).contains(place.column)
    }

    private static func strayPlace(in node: YAMLNode, _ source: SourceText) -> SourcePlace? {
        var seen: Set<SourcePlace> = []
        var rest = [node]
        while let node = rest.popLast() {
            guard seen.insert(node.place).inserted else { continue }
            if !contains(node.place, source) { return node.place }
            switch node.content {
            case .scalar: break
            case .sequence(let items): rest += items
            case .mapping(let entries):
                for entry in entries where !contains(entry.keyPlace, source) {
                    return entry.keyPlace
                }
                rest += entries.map(\.value)
            }
        }
        return nil
    }
}

/// Makes files that nobody would write.
private struct Damage {
    private var generator: SplitMix64

    init(seed: UInt64) { generator = SplitMix64(seed: seed) }

    /// What means something to a parser of YAML or to a decoder of UTF-8.
    private static let pieces: [[UInt8]] =
        [
            "\t", "  ", "\n", "\r", "\r\n", "- ", ": ", "? ", ", ", "[", "]", "{", "}", "[[[[",
            "{{{{", "&a ",
            "*a ", "*x", "<<: ", "<<: *a\n", "!x ", "!!str ", "!!int ", "!<", "!!map ", "! ", "'",
            "\"",
            "\\", "\\x1", "\\ud800", "|\n", ">-\n", "|0", "#", "%YAML 1.2\n", "%TAG ! a\n", "---\n",
            "...\n",
            "@", "`", "\u{FEFF}", "\u{85}", "\u{2028}", "\u{202E}", "🚀", "ü", "0x", "~", "{{ a }}",
        ].map { Array($0.utf8) } + [
            [0], [0x1B], [0x7F], [0xFF], [0xC3], [0xE2, 0x80], [0xED, 0xA0, 0x80],
            [0xF5, 0x80, 0x80, 0x80],
            [0xC0, 0x80], [0xEF, 0xBB, 0xBF], [0xFE, 0xFF],
        ]

    mutating func file(from originals: [[UInt8]]) -> [UInt8] {
        switch Int.random(in: 0..<8, using: &generator) {
        case 0: return noise()
        case 1: return soup()
        default: return damaged(originals.randomElement(using: &generator) ?? [], originals)
        }
    }

    private mutating func noise() -> [UInt8] {
        (0..<Int.random(in: 0...400, using: &generator)).map { _ in
            UInt8.random(in: 0...255, using: &generator)
        }
    }

    private mutating func soup() -> [UInt8] {
        (0..<Int.random(in: 1...60, using: &generator)).flatMap { _ in piece() }
    }

    private mutating func piece() -> [UInt8] {
        if Int.random(in: 0..<4, using: &generator) == 0 {
            return [UInt8(ascii: "a") + UInt8.random(in: 0..<3, using: &generator)]
        }
        return Self.pieces.randomElement(using: &generator) ?? []
    }

    private mutating func damaged(_ original: [UInt8], _ originals: [[UInt8]]) -> [UInt8] {
        var bytes = original
        for _ in 0..<Int.random(in: 1...8, using: &generator) where !bytes.isEmpty {
            let start = Int.random(in: bytes.indices, using: &generator)
            let length = Int.random(in: 1...80, using: &generator)
            let range = start..<min(start + length, bytes.count)
            switch Int.random(in: 0..<7, using: &generator) {
            case 0: bytes[start] = UInt8.random(in: 0...255, using: &generator)
            case 1: bytes.remove(at: start)
            case 2: bytes.removeSubrange(range)
            case 3: bytes.insert(contentsOf: bytes[range], at: start)
            case 4: bytes.removeSubrange(start...)
            case 5:
                let other = originals.randomElement(using: &generator) ?? []
                bytes.insert(contentsOf: other.suffix(length), at: start)
            default: bytes.insert(contentsOf: piece(), at: start)
            }
        }
        return bytes
    }
}
