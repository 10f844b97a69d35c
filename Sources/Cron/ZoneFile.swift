/// Reads TZif, the format of compiled time zones (RFC 9636, versions 1 to 4).
struct ZoneFile {
    private let bytes: ArraySlice<UInt8>
    private let path: String

    private struct Header {
        var version: UInt8
        var universalFlags: Int
        var standardFlags: Int
        var leapSeconds: Int
        var transitions: Int
        var types: Int
        var nameBytes: Int

        func bodySize(timeSize: Int) -> Int {
            transitions * (timeSize + 1) + types * 6 + nameBytes
                + leapSeconds * (timeSize + 4) + standardFlags + universalFlags
        }
    }

    private static let headerSize = 44

    init(_ bytes: [UInt8], path: String) {
        self.bytes = bytes[...]
        self.path = path
    }

    /// - Throws: `ZoneError.malformed`; no content crashes it.
    func zone(named name: String) throws(ZoneError) -> Zone {
        let first = try header(at: 0)
        guard first.version >= UInt8(ascii: "2") else {
            return try zone(named: name, header: first, at: Self.headerSize, timeSize: 4)
        }
        // From version 2 on the data come again with times of eight bytes.
        let start = Self.headerSize + first.bodySize(timeSize: 4)
        let second = try header(at: start)
        return try zone(
            named: name,
            header: second,
            at: start + Self.headerSize,
            timeSize: 8
        )
    }

    private func header(at start: Int) throws(ZoneError) -> Header {
        guard start + Self.headerSize <= bytes.count else { throw malformed("is cut short") }
        guard bytes[start..<(start + 4)].elementsEqual("TZif".utf8) else {
            throw malformed("doesn't begin with 'TZif'")
        }
        let counts = (0..<6).map { integer(at: start + 20 + $0 * 4, size: 4) }
        // A larger one is no zone, and its sums could overflow.
        guard counts.allSatisfy({ (0...65_536).contains($0) }) else {
            throw malformed("has impossible counts")
        }
        return Header(
            version: bytes[start + 4],
            universalFlags: counts[0],
            standardFlags: counts[1],
            leapSeconds: counts[2],
            transitions: counts[3],
            types: counts[4],
            nameBytes: counts[5]
        )
    }

    private func zone(
        named name: String,
        header: Header,
        at start: Int,
        timeSize: Int
    ) throws(ZoneError) -> Zone {
        let end = start + header.bodySize(timeSize: timeSize)
        guard end <= bytes.count else { throw malformed("is cut short") }
        guard header.leapSeconds == 0 else {
            throw malformed("counts leap seconds (a 'right/' zone)")
        }
        let kinds = start + header.transitions * timeSize
        let types = kinds + header.transitions
        let offsets = (0..<header.types).map { integer(at: types + $0 * 6, size: 4) }
        guard let initial = offsets.first else { throw malformed("has no local time") }
        guard offsets.allSatisfy({ abs($0) < Zone.largestOffset }) else {
            throw malformed("has an offset of more than a day")
        }
        var transitions: [Zone.Transition] = []
        transitions.reserveCapacity(header.transitions)
        for index in 0..<header.transitions {
            let kind = Int(bytes[kinds + index])
            let moment = integer(at: start + index * timeSize, size: timeSize)
            guard kind < offsets.count else { throw malformed("names a local time it lacks") }
            guard moment > transitions.last?.at ?? .min, moment < Zone.end else {
                throw malformed("isn't in the order of time")
            }
            // Some files begin with the Big Bang, -2^59.
            transitions.append(
                Zone.Transition(at: max(moment, Zone.beginning), offset: offsets[kind])
            )
        }
        let last = ZoneRule(standardOffset: transitions.last?.offset ?? initial)
        let rule = timeSize == 8 ? try footer(at: end) ?? last : last
        return Zone(name: name, initialOffset: initial, transitions: transitions, rule: rule)
    }

    /// The POSIX `TZ` string between two newlines; `nil` where it is empty.
    private func footer(at start: Int) throws(ZoneError) -> ZoneRule? {
        let footer = bytes[start...]
        guard footer.first == UInt8(ascii: "\n"),
            let end = footer.dropFirst().firstIndex(of: UInt8(ascii: "\n"))
        else { throw malformed("has no footer") }
        let text = footer[(start + 1)..<end]
        if text.isEmpty { return nil }
        guard let rule = ZoneRule(text) else { throw malformed("has a footer that is no rule") }
        return rule
    }

    /// Big-endian, two's complement.
    private func integer(at start: Int, size: Int) -> Int {
        let unsigned = bytes[start..<(start + size)].reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
        return size == 4
            ? Int(Int32(truncatingIfNeeded: unsigned)) : Int(Int64(truncatingIfNeeded: unsigned))
    }

    private func malformed(_ reason: String) -> ZoneError {
        .malformed(path: path, reason: reason)
    }
}
