import Domain

/// The bytes of one file, and where its lines begin.
struct CodeText: Sendable {
    let bytes: [UInt8]
    /// The offset of each line's first byte.
    private let starts: [Int]

    /// Takes a file's bytes, UTF-8 or not; a byte order mark at its start is dropped.
    init(_ bytes: [UInt8]) {
        let mark: [UInt8] = [0xEF, 0xBB, 0xBF]
        self.bytes = bytes.starts(with: mark) ? Array(bytes.dropFirst(mark.count)) : bytes
        var starts = self.bytes.isEmpty ? [] : [0]
        for (offset, byte) in self.bytes.enumerated()
        where byte == UInt8(ascii: "\n") && offset + 1 < self.bytes.count {
            starts.append(offset + 1)
        }
        self.starts = starts
    }

    var lineCount: Int { starts.count }

    /// The offsets of a line's bytes, without its end; lines count from 0.
    func range(ofLine number: Int) -> Range<Int> {
        var end = number + 1 < starts.count ? starts[number + 1] : bytes.count
        if end > starts[number], bytes[end - 1] == UInt8(ascii: "\n") { end -= 1 }
        if end > starts[number], bytes[end - 1] == UInt8(ascii: "\r") { end -= 1 }
        return starts[number]..<end
    }

    /// A line, counted from 0, as a person and a model are shown it.
    func shown(_ number: Int) -> String {
        String(decoding: bytes[range(ofLine: number)], as: UTF8.self).withHiddenCharactersShown
    }

    /// How many bytes some lines have, with their ends.
    func bytes(of lines: ClosedRange<Int>) -> Int {
        range(ofLine: lines.upperBound).upperBound - starts[lines.lowerBound] + 1
    }

    /// The line that has the byte at an offset, from 0.
    func line(at offset: Int) -> Int {
        var (low, high) = (0, starts.count)
        while low < high {
            let middle = (low + high) / 2
            if starts[middle] <= offset { low = middle + 1 } else { high = middle }
        }
        return max(low - 1, 0)
    }

    /// Whether a line has nothing but spaces and tabs.
    func isBlank(_ number: Int) -> Bool {
        bytes[range(ofLine: number)].allSatisfy { $0.isBlank }
    }
}

extension UInt8 {
    var isBlank: Bool { self == UInt8(ascii: " ") || self == UInt8(ascii: "\t") }

    var isDigit: Bool { (0x30...0x39).contains(self) }

    var isLetter: Bool { (0x41...0x5A).contains(self & 0xDF) }

    /// Whether it may stand in a name; bytes of characters beyond ASCII may.
    var isInName: Bool {
        isLetter || isDigit || self == UInt8(ascii: "_") || self == UInt8(ascii: "$")
            || self >= 0x80
    }
}
