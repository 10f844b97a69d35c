/// How often which blob has which word, in the form in which it lies on disk.
///
/// Columns of fixed width, one value a document or a posting, each document's postings side by side. A search
/// looks at every posting: all bytes are read for the checksum anyway, and this way a new blob is added
/// without touching the others and nothing has to be sorted. Numbers are in the machine's own order; the magic
/// number is wrong on a machine with the other one.
struct CodeIndex: Sendable {
    /// Larger files aren't searched: they're data.
    static let largestFile = 1 << 20
    /// The bit of a document's length that says that it's generated.
    static let generated: UInt32 = 1 << 31

    /// Half of a blob's hash or more: what a document is found by.
    struct Key: Hashable, Sendable {
        var first: UInt64
        var second: UInt64

        init(first: UInt64, second: UInt64) {
            self.first = first
            self.second = second
        }

        /// - Parameter blob: any text; git's are hashes already, so that simple mixing does.
        init(blob: String) {
            var (first, second): (UInt64, UInt64) = (0x9E37_79B9_7F4A_7C15, 0xC2B2_AE3D_27D4_EB4F)
            for byte in blob.utf8 {
                first = (first ^ UInt64(byte)) &* 0x100_0000_01B3
                second = (second &+ UInt64(byte)) &* 0x9FB2_1C65_1E98_DF25
                second ^= second >> 32
            }
            self.init(first: first, second: second)
        }
    }

    /// The whole file.
    let bytes: [UInt8]
    let documents: Int
    let postings: Int
    /// Where each document's postings start; one more than there are documents.
    let starts: [Int]

    /// An index without documents.
    init() {
        self.init(keeping: [], of: nil, adding: [])
    }

    /// Takes a file's bytes as an index, or `nil` when they aren't one that this program wrote and that is whole.
    init?(bytes: [UInt8]) {
        guard bytes.count >= Self.headerSize else { return nil }
        let header = bytes.withUnsafeBytes { Header($0) }
        guard header.magic == Self.magic, header.format == Self.format,
            let documents = Int(exactly: header.documents), documents <= bytes.count,
            let postings = Int(exactly: header.postings), postings <= bytes.count,
            Self.size(documents: documents, postings: postings) == bytes.count
        else { return nil }
        let checksum = bytes.withUnsafeBytes {
            CodeIndexChecksum.sum(
                $0,
                from: Self.headerSize,
                seed: header.documents ^ header.postings << 32
            )
        }
        guard checksum == header.checksum else { return nil }
        let layout = Layout(documents: documents, postings: postings)
        let starts = bytes.withUnsafeBytes { layout.starts($0) }
        guard starts.last == postings else { return nil }
        self.bytes = bytes
        self.documents = documents
        self.postings = postings
        self.starts = starts
    }

    /// Makes an index of some of another one's documents and of new ones.
    init(keeping kept: [Int], of old: CodeIndex?, adding pieces: [CodeIndexPiece]) {
        let keptPostings = old.map { old in kept.reduce(0) { $0 + old.range(of: $1).count } } ?? 0
        let documents = (old == nil ? 0 : kept.count) + pieces.reduce(0) { $0 + $1.keys.count }
        let postings = keptPostings + pieces.reduce(0) { $0 + $1.lows.count }
        let layout = Layout(documents: documents, postings: postings)
        let size = Self.size(documents: documents, postings: postings)
        let bytes = [UInt8](unsafeUninitializedCapacity: size) { buffer, count in
            let target = UnsafeMutableRawBufferPointer(buffer)
            var columns = CodeIndexColumns(target, layout)
            if let old {
                old.bytes.withUnsafeBytes { source in
                    for document in kept { columns.append(document, of: old, in: source) }
                }
            }
            for piece in pieces { columns.append(piece) }
            Header(documents: documents, postings: postings, of: UnsafeRawBufferPointer(target))
                .write(to: target)
            count = size
        }
        self.starts = bytes.withUnsafeBytes { layout.starts($0) }
        self.bytes = bytes
        self.documents = documents
        self.postings = postings
    }

    var layout: Layout { Layout(documents: documents, postings: postings) }

    /// The postings of a document.
    func range(of document: Int) -> Range<Int> { starts[document]..<starts[document + 1] }

    /// Whether a document has any words to search in.
    func isText(_ document: Int) -> Bool { !range(of: document).isEmpty }

    /// Every document by its key.
    func places() -> [Key: Int] {
        bytes.withUnsafeBytes { bytes in
            var places: [Key: Int] = [:]
            places.reserveCapacity(documents)
            for document in 0..<documents {
                let place = layout.keys + 16 * document
                let key = Key(
                    first: bytes.loadUnaligned(fromByteOffset: place, as: UInt64.self),
                    second: bytes.loadUnaligned(fromByteOffset: place + 8, as: UInt64.self)
                )
                places[key] = document
            }
            return places
        }
    }

    static func size(documents: Int, postings: Int) -> Int {
        headerSize + documents * (16 + 4 + 4) + postings * (4 + 2)
    }
}

extension CodeIndex {
    /// Where the columns start.
    struct Layout: Sendable {
        let documents: Int
        let keys: Int
        let counts: Int
        let lengths: Int
        let lows: Int
        let highs: Int

        init(documents: Int, postings: Int) {
            self.documents = documents
            keys = CodeIndex.headerSize
            counts = keys + 16 * documents
            lengths = counts + 4 * documents
            lows = lengths + 4 * documents
            highs = lows + 4 * postings
        }

        /// The documents' first postings, added up from the counts.
        func starts(_ bytes: UnsafeRawBufferPointer) -> [Int] {
            var starts: [Int] = [0]
            starts.reserveCapacity(documents + 1)
            var sum = 0
            for document in 0..<documents {
                let place = counts + 4 * document
                sum += Int(bytes.loadUnaligned(fromByteOffset: place, as: UInt32.self))
                starts.append(sum)
            }
            return starts
        }
    }

    static let headerSize = 40

    /// "linecook" as the machine reads it.
    private static let magic: UInt64 = 0x6B6F_6F63_656E_696C

    /// Changes with the layout (count it up), and with what words are kept.
    private static let format = CodeWords.stopped.reduce(2 as UInt64) {
        ($0 &* 31) ^ CodeWords.term(of: $1)
    }

    /// The numbers before the columns.
    private struct Header {
        var magic: UInt64
        var format: UInt64
        var documents: UInt64
        var postings: UInt64
        var checksum: UInt64

        init(_ bytes: UnsafeRawBufferPointer) {
            magic = bytes.loadUnaligned(fromByteOffset: 0, as: UInt64.self)
            format = bytes.loadUnaligned(fromByteOffset: 8, as: UInt64.self)
            documents = bytes.loadUnaligned(fromByteOffset: 16, as: UInt64.self)
            postings = bytes.loadUnaligned(fromByteOffset: 24, as: UInt64.self)
            checksum = bytes.loadUnaligned(fromByteOffset: 32, as: UInt64.self)
        }

        init(documents: Int, postings: Int, of bytes: UnsafeRawBufferPointer) {
            magic = CodeIndex.magic
            format = CodeIndex.format
            self.documents = UInt64(documents)
            self.postings = UInt64(postings)
            checksum = CodeIndexChecksum.sum(
                bytes,
                from: CodeIndex.headerSize,
                seed: self.documents ^ self.postings << 32
            )
        }

        func write(to bytes: UnsafeMutableRawBufferPointer) {
            for (place, number) in [magic, format, documents, postings, checksum].enumerated() {
                bytes.storeBytes(of: number, toByteOffset: 8 * place, as: UInt64.self)
            }
        }
    }
}

/// Fills an index's columns, document by document.
private struct CodeIndexColumns {
    private let bytes: UnsafeMutableRawBufferPointer
    private let layout: CodeIndex.Layout
    private var documents = 0
    private var postings = 0

    init(_ bytes: UnsafeMutableRawBufferPointer, _ layout: CodeIndex.Layout) {
        self.bytes = bytes
        self.layout = layout
    }

    mutating func append(
        _ document: Int,
        of index: CodeIndex,
        in source: UnsafeRawBufferPointer
    ) {
        let range = index.range(of: document)
        func copy(_ from: Int, _ to: Int, _ count: Int) {
            UnsafeMutableRawBufferPointer(rebasing: bytes[to..<to + count])
                .copyMemory(from: UnsafeRawBufferPointer(rebasing: source[from..<from + count]))
        }
        copy(index.layout.keys + 16 * document, layout.keys + 16 * documents, 16)
        copy(index.layout.counts + 4 * document, layout.counts + 4 * documents, 4)
        copy(index.layout.lengths + 4 * document, layout.lengths + 4 * documents, 4)
        copy(index.layout.lows + 4 * range.lowerBound, layout.lows + 4 * postings, 4 * range.count)
        copy(
            index.layout.highs + 2 * range.lowerBound,
            layout.highs + 2 * postings,
            2 * range.count
        )
        documents += 1
        postings += range.count
    }

    mutating func append(_ piece: CodeIndexPiece) {
        for (place, key) in piece.keys.enumerated() {
            let target = layout.keys + 16 * (documents + place)
            bytes.storeBytes(of: key.first, toByteOffset: target, as: UInt64.self)
            bytes.storeBytes(of: key.second, toByteOffset: target + 8, as: UInt64.self)
        }
        copy(piece.counts, to: layout.counts + 4 * documents)
        copy(piece.lengths, to: layout.lengths + 4 * documents)
        copy(piece.lows, to: layout.lows + 4 * postings)
        copy(piece.highs, to: layout.highs + 2 * postings)
        documents += piece.keys.count
        postings += piece.lows.count
    }

    private func copy<Number: BitwiseCopyable>(_ column: [Number], to place: Int) {
        column.withUnsafeBytes { column in
            UnsafeMutableRawBufferPointer(rebasing: bytes[place..<place + column.count])
                .copyMemory(from: column)
        }
    }
}

/// Tells a file that was damaged; no protection against one that was forged.
private enum CodeIndexChecksum {
    /// Four sums side by side, each over every fourth word of 64 bits: as fast as memory is read.
    static func sum(_ bytes: UnsafeRawBufferPointer, from start: Int, seed: UInt64) -> UInt64 {
        var (first, second, third, fourth) = (seed, seed ^ 1, seed ^ 2, seed ^ 3)
        var place = start
        func word(_ offset: Int) -> UInt64 {
            bytes.loadUnaligned(fromByteOffset: place + offset, as: UInt64.self)
        }
        while place + 32 <= bytes.count {
            first = mixed(first, word(0))
            second = mixed(second, word(8))
            third = mixed(third, word(16))
            fourth = mixed(fourth, word(24))
            place += 32
        }
        for byte in bytes[place...] { first = mixed(first, UInt64(byte)) }
        return mixed(mixed(mixed(first, second), third), fourth)
    }

    /// One to one in both: any change of one word changes the sum.
    @inline(__always)
    private static func mixed(_ sum: UInt64, _ word: UInt64) -> UInt64 {
        let product = (sum ^ word) &* 0x9E37_79B9_7F4A_7C15
        return product ^ product >> 29
    }
}
