/// Takes the words that a scan of text or code finds.
protocol CodeWordSink {
    /// - Parameters:
    ///   - term: the word's number, as `CodeWords.term(of:)` gives it.
    ///   - start: the offset of the word's first byte.
    ///   - end: the offset after its last byte.
    mutating func add(_ term: UInt64, from start: Int, to end: Int)
}

/// Cuts text and code into words: identifiers split at case and underscores, and the whole identifier too.
///
/// `parseHTTPHeader_value` is `parse`, `http`, `header`, `value` and `parsehttpheader_value`. Digits stay with
/// the letters before them (`base64Encode` is `base64` and `encode`). Numbers, words of one letter and
/// whatever is longer than 64 bytes (keys, encoded data) are no words. Letters beyond ASCII count as small
/// ones; only those of Latin-1 are lower-cased. Stop words aren't dropped here.
enum CodeWords {
    static let longestWord = 64

    /// The words of a text, in its order, each as often as it stands there, without stop words.
    static func words(of text: String) -> [String] {
        var text = text
        return text.withUTF8 { bytes in
            var sink = SpelledWords(bytes: bytes)
            scan(bytes, into: &sink)
            return sink.words
        }
    }

    /// A word's number, of 40 bits.
    ///
    /// Two of a million words share one in a search of fifty words in one of 20,000 searches.
    ///
    /// - Parameter word: in lower case.
    /// - Returns: the number that a scan hands on for the word.
    static func term(of word: String) -> UInt64 {
        term(ofHash: word.utf8.reduce(hashSeed) { hash($0, adding: $1) })
    }

    /// Finds every word.
    @inline(__always)
    static func scan<Sink: CodeWordSink>(
        _ bytes: UnsafeBufferPointer<UInt8>,
        into sink: inout Sink
    ) {
        kinds.withUnsafeBufferPointer { kinds in
            var position = 0
            while position < bytes.count {
                switch kinds[Int(bytes[position])] {
                case Kind.lower, Kind.upper:
                    scanIdentifier(bytes, kinds, &position, into: &sink)
                case Kind.digit:
                    repeat {
                        position += 1
                    } while position < bytes.count
                        && isInNumber(kinds[Int(bytes[position])])
                case Kind.wide:
                    let (length, isLetter) = wideCharacter(bytes, at: position)
                    if isLetter {
                        scanIdentifier(bytes, kinds, &position, into: &sink)
                    } else {
                        position += length
                    }
                default: position += 1
                }
            }
        }
    }

    /// Finds the words of the identifier that starts at `position`, with a letter, and goes behind it.
    @inline(__always)
    private static func scanIdentifier<Sink: CodeWordSink>(
        _ bytes: UnsafeBufferPointer<UInt8>,
        _ kinds: UnsafeBufferPointer<UInt8>,
        _ position: inout Int,
        into sink: inout Sink
    ) {
        let start = position
        var end = position  // of the last part: underscores at the end don't count
        var whole = hashSeed
        var wholeAtEnd = hashSeed
        var parts = 0
        var part = Part(start: position)

        @inline(__always) func finishPart(at place: Int) {
            guard place > part.start else { return }
            parts += 1
            if part.hasLetter, (2...longestWord).contains(place - part.start) {
                sink.add(term(ofHash: part.hash), from: part.start, to: place)
            }
        }

        scan: while position < bytes.count {
            let byte = bytes[position]
            switch kinds[Int(byte)] {
            case Kind.lower:
                if part.capitals > 1, !isPlural(bytes, kinds, at: position) {
                    let capital = bytes[position - 1] | 0x20
                    part.hash = part.hashBeforeLast
                    finishPart(at: position - 1)
                    part = Part(start: position - 1)
                    part.hash = hash(part.hash, adding: capital)
                }
                part.hash = hash(part.hash, adding: byte)
                whole = hash(whole, adding: byte)
                part.hasLetter = true
                part.capitals = 0
                position += 1
            case Kind.upper:
                if part.capitals == 0, part.start < position {
                    finishPart(at: position)
                    part = Part(start: position)
                }
                part.hashBeforeLast = part.hash
                part.hash = hash(part.hash, adding: byte | 0x20)
                whole = hash(whole, adding: byte | 0x20)
                part.hasLetter = true
                part.capitals += 1
                position += 1
            case Kind.digit:
                part.hash = hash(part.hash, adding: byte)
                whole = hash(whole, adding: byte)
                part.capitals = 0
                position += 1
            case Kind.underscore:
                finishPart(at: position)
                if part.start < position {
                    end = position
                    wholeAtEnd = whole
                }
                whole = hash(whole, adding: byte)
                position += 1
                part = Part(start: position)
            case Kind.wide:
                let (length, isLetter) = wideCharacter(bytes, at: position)
                guard isLetter else { break scan }
                for offset in position..<position + length {
                    let small = lowered(bytes[offset], after: offset > 0 ? bytes[offset - 1] : 0)
                    part.hash = hash(part.hash, adding: small)
                    whole = hash(whole, adding: small)
                }
                part.hasLetter = true
                // Of a capital beyond ASCII no part starts, but the capitals after it belong to it.
                part.capitals = isWideCapital(bytes, at: position) ? 1 : 0
                position += length
            default: break scan
            }
        }
        finishPart(at: position)
        if part.start < position {
            end = position
            wholeAtEnd = whole
        }
        if parts > 1, end - start <= longestWord {
            sink.add(term(ofHash: wholeAtEnd), from: start, to: end)
        }
    }

    /// The byte in lower case, when it's a letter of ASCII or the second half of one of Latin-1.
    static func lowered(_ byte: UInt8, after previous: UInt8) -> UInt8 {
        switch byte {
        case UInt8(ascii: "A")...UInt8(ascii: "Z"): byte | 0x20
        case 0x80...0x9E where previous == 0xC3 && byte != 0x97: byte + 0x20
        default: byte
        }
    }

    /// Whether the small letter here is the `s` of `URLs`, which belongs to the capitals before it.
    private static func isPlural(
        _ bytes: UnsafeBufferPointer<UInt8>,
        _ kinds: UnsafeBufferPointer<UInt8>,
        at position: Int
    ) -> Bool {
        guard bytes[position] == UInt8(ascii: "s") else { return false }
        return position + 1 == bytes.count || kinds[Int(bytes[position + 1])] != Kind.lower
    }

    /// Whether the character beyond ASCII is a capital of Latin-1.
    private static func isWideCapital(
        _ bytes: UnsafeBufferPointer<UInt8>,
        at position: Int
    ) -> Bool {
        let second = position + 1 < bytes.count ? bytes[position + 1] : 0
        return lowered(second, after: bytes[position]) != second && second >= 0x80
    }

    private static func isInNumber(_ kind: UInt8) -> Bool {
        kind == Kind.digit || kind == Kind.lower || kind == Kind.upper || kind == Kind.underscore
    }

    /// The length of a character beyond ASCII, and whether it's a letter: punctuation and signs (U+0080 to
    /// U+00BF, U+2000 to U+2FFF, U+3000 to U+303F, U+F000 on) aren't, nor is a byte that isn't UTF-8.
    private static func wideCharacter(
        _ bytes: UnsafeBufferPointer<UInt8>,
        at position: Int
    ) -> (length: Int, isLetter: Bool) {
        let lead = bytes[position]
        let length: Int
        switch lead {
        case 0xC2...0xDF: length = 2
        case 0xE0...0xEF: length = 3
        case 0xF0...0xF4: length = 4
        default: return (1, false)
        }
        guard position + length <= bytes.count,
            (1..<length).allSatisfy({ bytes[position + $0] & 0xC0 == 0x80 })
        else { return (1, false) }
        switch lead {
        case 0xC2, 0xE2, 0xEF...: return (length, false)
        case 0xE3: return (length, bytes[position + 1] != 0x80)
        default: return (length, true)
        }
    }
}

extension CodeWords {
    /// A part of an identifier that isn't at its end yet.
    private struct Part {
        var start: Int
        var hash = hashSeed
        /// Without its last letter: in `HTTPHeader` the second `H` starts a part, which only the `e` tells.
        var hashBeforeLast = hashSeed
        /// How many capitals it ends with.
        var capitals = 0
        var hasLetter = false
    }

    /// What a byte can be; plain numbers, because this is asked of every byte.
    private enum Kind {
        static let separator: UInt8 = 0
        static let lower: UInt8 = 1
        static let upper: UInt8 = 2
        static let digit: UInt8 = 3
        static let underscore: UInt8 = 4
        static let wide: UInt8 = 5
    }

    private static let kinds: [UInt8] = (0...255).map { (byte: UInt8) in
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"): Kind.lower
        case UInt8(ascii: "A")...UInt8(ascii: "Z"): Kind.upper
        case UInt8(ascii: "0")...UInt8(ascii: "9"): Kind.digit
        case UInt8(ascii: "_"): Kind.underscore
        case 0x80...: Kind.wide
        default: Kind.separator
        }
    }

    // FNV-1a with 64 bits (http://www.isthe.com/chongo/tech/comp/fnv), and MurmurHash3's last step, which
    // spreads the bits: words are found by some of them only.
    private static let hashSeed: UInt64 = 0xCBF2_9CE4_8422_2325

    @inline(__always)
    private static func hash(_ hash: UInt64, adding byte: UInt8) -> UInt64 {
        (hash ^ UInt64(byte)) &* 0x100_0000_01B3
    }

    @inline(__always)
    private static func term(ofHash hash: UInt64) -> UInt64 {
        var mixed = (hash ^ hash >> 33) &* 0xFF51_AFD7_ED55_8CCD
        mixed = (mixed ^ mixed >> 33) &* 0xC4CE_B9FE_1A85_EC53
        return mixed >> 24
    }
}

/// Spells the words of a text out.
private struct SpelledWords: CodeWordSink {
    let bytes: UnsafeBufferPointer<UInt8>
    var words: [String] = []

    init(bytes: UnsafeBufferPointer<UInt8>) {
        self.bytes = bytes
    }

    mutating func add(_ term: UInt64, from start: Int, to end: Int) {
        guard CodeTerms.stopWords.place(of: term) == nil else { return }
        words.append(
            String(
                decoding: (start..<end).map {
                    CodeWords.lowered(bytes[$0], after: $0 > 0 ? bytes[$0 - 1] : 0)
                },
                as: UTF8.self
            )
        )
    }
}
