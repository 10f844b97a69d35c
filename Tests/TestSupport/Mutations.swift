#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// Damaged copies of real samples, from a seed: what a broken disk, a careless person or a hostile program makes of them.
package struct Mutations: Sendable {
    private var generator: SplitMix64
    private let samples: [[UInt8]]

    /// - Parameters:
    ///   - samples: What is damaged, and what pieces are taken from; none of them empty.
    ///   - seed: The same seed makes the same copies.
    package init(of samples: [[UInt8]], seed: UInt64) {
        self.samples = samples
        generator = SplitMix64(seed: seed)
    }

    /// How many inputs a test tries: `LINECOOK_FUZZ`, or else as many as fit into a second.
    package static func count(orElse usual: Int = 300) -> Int {
        ProcessInfo.processInfo.environment["LINECOOK_FUZZ"].flatMap { Int($0) } ?? usual
    }

    /// What means something to a parser of JSON or Markdown, to a decoder of UTF-8 or to a terminal.
    private static let pieces: [[UInt8]] =
        [
            "\"", "\\", "\\u0000", "\\ud800", "{", "}", "[", "]", ",", ":", "null", "true", "{}",
            "[]",
            "\"\"", "\n", "\r\n", "\r", "\t", " ", "---\n", "## Prompt 1: x\n", "```\n", "<!-- ",
            "-->",
            "#", "\u{1B}[2J", "\u{7}", "\u{202E}", "\u{2028}", "\u{FEFF}", "e\u{301}", "👩‍🍳", "../",
            "schema", "\"schema\": 99,",
        ].map { Array($0.utf8) } + [
            [0], [0x7F], [0xFF], [0xC3], [0xE2, 0x80], [0xED, 0xA0, 0x80], [0xC0, 0x80],
            [0xF5, 0x80, 0x80, 0x80], Array(repeating: UInt8(ascii: "["), count: 2000),
            Array(repeating: UInt8(ascii: "a"), count: 20_000),
        ]

    /// What takes the place of a number.
    private static let numbers = [
        "0", "-1", "9223372036854775807", "-9223372036854775808", "9223372036854775808",
        "18446744073709551616", "1e18", "1e19", "1e308", "-1e308", "1e309", "1e-320", "0.1", "-0",
        "4294967296", "253402300800", "00", "NaN",
    ].map { Array($0.utf8) }

    /// A damaged copy of one of the samples.
    package mutating func next() -> [UInt8] {
        damaged(samples[Int.random(in: samples.indices, using: &generator)])
    }

    /// A damaged copy of this one.
    package mutating func damaged(_ sample: [UInt8]) -> [UInt8] {
        var bytes = sample
        for _ in 0..<Int.random(in: 1...6, using: &generator) where !bytes.isEmpty {
            let start = Int.random(in: bytes.indices, using: &generator)
            let piece = start..<min(start + Int.random(in: 1...200, using: &generator), bytes.count)
            switch Int.random(in: 0..<10, using: &generator) {
            case 0: bytes[start] ^= 1 << UInt8.random(in: 0...7, using: &generator)
            case 1: bytes[start] = UInt8.random(in: 0...255, using: &generator)
            case 2: bytes.removeSubrange(piece)
            case 3: bytes.removeSubrange(start...)
            case 4: bytes.insert(contentsOf: bytes[piece], at: start)
            case 5: swap(piece, in: &bytes)
            case 6: bytes.insert(contentsOf: pieceOfAnother(), at: start)
            case 7: bytes.insert(contentsOf: one(of: Self.pieces), at: start)
            default: replaceNumber(from: start, in: &bytes)
            }
        }
        return bytes
    }

    /// The bytes in pieces of any size, none of them empty.
    package mutating func chunks(of bytes: [UInt8]) -> [ArraySlice<UInt8>] {
        var chunks: [ArraySlice<UInt8>] = []
        var rest = bytes[...]
        let longest = Int.random(in: 1...5000, using: &generator)
        while !rest.isEmpty {
            let chunk = rest.prefix(Int.random(in: 1...longest, using: &generator))
            chunks.append(chunk)
            rest = rest.dropFirst(chunk.count)
        }
        return chunks
    }

    /// A number from 0 to `bound`, not included.
    package mutating func pick(below bound: Int) -> Int {
        Int.random(in: 0..<bound, using: &generator)
    }

    private mutating func one(of pieces: [[UInt8]]) -> [UInt8] {
        pieces[Int.random(in: pieces.indices, using: &generator)]
    }

    private mutating func pieceOfAnother() -> ArraySlice<UInt8> {
        let other = one(of: samples)
        return other.dropFirst(Int.random(in: 0...other.count, using: &generator))
            .prefix(Int.random(in: 1...200, using: &generator))
    }

    /// Takes a piece out and puts it in elsewhere.
    private mutating func swap(_ piece: Range<Int>, in bytes: inout [UInt8]) {
        let moved = Array(bytes[piece])
        bytes.removeSubrange(piece)
        bytes.insert(contentsOf: moved, at: Int.random(in: 0...bytes.count, using: &generator))
    }

    /// Puts another number in the place of the first one behind `start`.
    private mutating func replaceNumber(from start: Int, in bytes: inout [UInt8]) {
        let digits = UInt8(ascii: "0")...UInt8(ascii: "9")
        guard let first = bytes[start...].firstIndex(where: { digits.contains($0) }) else { return }
        let end = bytes[first...].firstIndex { !digits.contains($0) } ?? bytes.count
        bytes.replaceSubrange(first..<end, with: one(of: Self.numbers))
    }
}
