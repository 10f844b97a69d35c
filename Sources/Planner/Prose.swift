/// A Markdown text as its reader sees it, line by line, without what isn't its author's own words.
struct Prose {
    struct Line {
        /// UTF-8; inline code, comments and struck words are `Prose.mask`, unless code was to be kept.
        var bytes: [UInt8]
        /// Ranges of inline code in `bytes`, without its backticks; only when code was to be kept.
        var code: [Range<Int>] = []
        /// Which of `Prose.fences` stands here; only when code was to be kept.
        var fence: Int?
    }
    /// Stands where something was left out, so that what was around it doesn't become neighbours.
    static let mask: UInt8 = 1

    private(set) var lines: [Line] = []
    /// The bodies of fenced code, line by line; only when code was to be kept.
    private(set) var fences: [[ArraySlice<UInt8>]] = []
    private let keepsCode: Bool
    private var isInComment = false

    init(_ text: String, keepsCode: Bool) {
        self.keepsCode = keepsCode
        var fence: (mark: UInt8, length: Int)?
        let bytes = Array(text.utf8)
        for raw in bytes.split(omittingEmptySubsequences: false, whereSeparator: { $0 == 10 }) {
            let line = raw.last == 13 ? raw.dropLast() : raw
            let body = line.drop { $0 == 32 || $0 == 9 }
            if let open = fence {
                if Self.closes(body, open) {
                    fence = nil
                } else if keepsCode {
                    fences[fences.count - 1].append(line)
                }
            } else if !isInComment, let open = Self.fence(body) {
                fence = open
                if keepsCode { fences.append([]) }
                lines.append(Line(bytes: [], fence: keepsCode ? fences.count - 1 : nil))
            } else if !isInComment, body.first == UInt8(ascii: ">") {
                lines.append(Line(bytes: []))
            } else {
                lines.append(read(line))
            }
        }
    }

    private static func fence(_ body: ArraySlice<UInt8>) -> (mark: UInt8, length: Int)? {
        guard let mark = body.first, mark == UInt8(ascii: "`") || mark == UInt8(ascii: "~") else {
            return nil
        }
        let length = body.prefix { $0 == mark }.count
        // A word about code may begin a line with three backticks and end it so too.
        let isCode = mark == UInt8(ascii: "`") && body.dropFirst(length).contains(mark)
        return length >= 3 && !isCode ? (mark, length) : nil
    }

    private static func closes(_ body: ArraySlice<UInt8>, _ open: (mark: UInt8, length: Int))
        -> Bool
    {
        let length = body.prefix { $0 == open.mark }.count
        return length >= open.length && body.dropFirst(length).allSatisfy { $0 == 32 || $0 == 9 }
    }

    private mutating func read(_ raw: ArraySlice<UInt8>) -> Line {
        let bytes = Array(raw)
        let closers = Self.closers(in: bytes)
        var line = Line(bytes: [])
        line.bytes.reserveCapacity(bytes.count)
        var index = 0
        while index < bytes.count {
            if isInComment {
                if bytes[index...].starts(with: Self.commentEnd) {
                    isInComment = false
                    index += Self.commentEnd.count
                } else {
                    index += 1
                }
                continue
            }
            let byte = bytes[index]
            if byte == UInt8(ascii: "<"), bytes[index...].starts(with: Self.commentStart) {
                isInComment = true
                line.bytes.append(Self.mask)
                index += Self.commentStart.count
                continue
            }
            guard byte == UInt8(ascii: "`") || byte == UInt8(ascii: "~") else {
                line.bytes.append(byte)
                index += 1
                continue
            }
            let length = bytes[index...].prefix { $0 == byte }.count
            guard let closer = closers[index] else {
                line.bytes.append(contentsOf: repeatElement(byte, count: length))
                index += length
                continue
            }
            if byte == UInt8(ascii: "`"), keepsCode {
                let start = line.bytes.count + 1
                line.bytes.append(32)
                line.bytes += bytes[(index + length)..<closer]
                line.code.append(start..<line.bytes.count)
                line.bytes.append(32)
            } else {
                line.bytes.append(Self.mask)
            }
            index = closer + length
        }
        return line
    }

    /// For each run of backticks, and each `~~`, where the next one of the same length begins.
    private static func closers(in bytes: [UInt8]) -> [Int: Int] {
        var runs: [(start: Int, kind: Int)] = []
        var index = 0
        while index < bytes.count {
            let byte = bytes[index]
            guard byte == UInt8(ascii: "`") || byte == UInt8(ascii: "~") else {
                index += 1
                continue
            }
            let start = index
            while index < bytes.count, bytes[index] == byte { index += 1 }
            let length = index - start
            if byte == UInt8(ascii: "`") {
                runs.append((start, length))
            } else if length == 2 {
                runs.append((start, -1))
            }
        }
        var closers: [Int: Int] = [:]
        var next: [Int: Int] = [:]
        for run in runs.reversed() {
            closers[run.start] = next[run.kind]
            next[run.kind] = run.start
        }
        return closers
    }

    private static let commentStart = Array("<!--".utf8)
    private static let commentEnd = Array("-->".utf8)
}
