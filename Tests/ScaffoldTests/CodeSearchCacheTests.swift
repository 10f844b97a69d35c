import Disk
import Scaffold
import SystemPackage
import TestSupport
import Testing

@Suite struct CodeSearchCacheTests {
    private let texts = Dictionary(
        uniqueKeysWithValues: (0..<40).map { number in
            (
                "src/part\(number % 7)/File\(number).swift",
                "upload retryPolicy\(number % 5) word\(number)"
            )
        }
    )
    private let query = "upload with retryPolicy3 of part4"

    @Test func `a second search reads nothing and answers the same`() async throws {
        try await withFolder { folder in
            let tree = MemoryTree(texts)
            let search = CodeSearch(cache: folder, disk: LocalFileSystem())
            let first = try await search.best(9, for: query, in: tree)
            #expect(tree.takeRead() == texts.keys.sorted())
            let second = try await search.best(9, for: query, in: tree)
            #expect(tree.takeRead() == [])
            #expect(second == first)
            #expect(first == (try await uncached(in: tree)))
            #expect(first.count == 9)
        }
    }

    @Test func `only what changed is read again, and what is gone isn't found`() async throws {
        try await withFolder { folder in
            let search = CodeSearch(cache: folder, disk: LocalFileSystem())
            let old = MemoryTree(texts)
            _ = try await search.best(9, for: query, in: old)
            var changed = texts
            changed["src/part1/File1.swift"] = "zebra"
            changed["src/part2/File2.swift"] = nil
            changed["src/part9/Copy.swift"] = texts["src/part3/File3.swift"]
            let new = MemoryTree(changed)
            let hits = try await search.best(100, for: query, in: new)
            #expect(new.takeRead() == ["src/part1/File1.swift"])
            #expect(hits == (try await uncached(100, in: new)))
            #expect(!hits.contains { $0.file.path.hasSuffix("File2.swift") })
            #expect(hits.contains { $0.file.path == "src/part9/Copy.swift" })
            // Going back costs nothing.
            _ = old.takeRead()
            _ = try await search.best(9, for: query, in: old)
            #expect(old.takeRead() == [])
        }
    }

    @Test func `contents that no commit has any more leave the cache`() async throws {
        try await withFolder { folder in
            let disk = LocalFileSystem()
            let search = CodeSearch(cache: folder, disk: disk)
            for number in 0..<20 {
                let tree = MemoryTree(texts.mapValues { $0 + " version\(number)" })
                _ = try await search.best(1, for: query, in: tree)
            }
            let size = try #require(try disk.read(folder.appending("code-index"))).count
            let alone = CodeSearch(cache: folder.appending("alone"), disk: disk)
            _ = try await alone.best(1, for: query, in: MemoryTree(texts))
            let least = try #require(try disk.read(folder.appending("alone/code-index"))).count
            #expect(size < least * 2)
        }
    }

    @Test(arguments: 0..<4 as Range<UInt64>)
    func `a damaged cache changes no answer`(seed: UInt64) async throws {
        try await withFolder { folder in
            var generator = SplitMix64(seed: seed)
            let disk = LocalFileSystem()
            let file = folder.appending("code-index")
            let search = CodeSearch(cache: folder, disk: disk)
            let tree = MemoryTree(texts.filter { $0.key.hasPrefix("src/part4") })
            let answer = try await search.best(9, for: query, in: tree)
            let read = tree.takeRead()
            let whole = try #require(try disk.read(file))
            for round in 0..<60 {
                var bytes = whole
                switch round % 5 {
                case 0:
                    bytes = Array(bytes.prefix(Int.random(in: 0..<whole.count, using: &generator)))
                case 1: bytes.append(UInt8.random(in: 0...255, using: &generator))
                case 2: bytes = bytes.map { _ in UInt8.random(in: 0...255, using: &generator) }
                case 3:
                    // A number of the header.
                    let place = Int.random(in: 0..<40, using: &generator)
                    bytes[place] ^= 1 << UInt8.random(in: 0..<8, using: &generator)
                default:
                    let place = Int.random(in: bytes.indices, using: &generator)
                    bytes[place] ^= 1 << UInt8.random(in: 0..<8, using: &generator)
                }
                try disk.write(bytes, to: file)
                let hits = try await search.best(9, for: query, in: tree)
                #expect(hits == answer, "seed \(seed), round \(round)")
                #expect(tree.takeRead() == read, "seed \(seed), round \(round)")
                #expect(try disk.read(file) == whole, "seed \(seed), round \(round)")
            }
        }
    }

    @Test func `a cache that can't be written costs no answer`() async throws {
        try await withFolder { folder in
            let disk = LocalFileSystem()
            try disk.makeFolder(folder)
            try disk.write([], to: folder.appending("file"))
            let search = CodeSearch(cache: folder.appending("file"), disk: disk)
            let tree = MemoryTree(texts)
            #expect(try await search.best(9, for: query, in: tree) == uncached(in: tree))
        }
    }

    @Test func `two searches share a cache`() async throws {
        try await withFolder { folder in
            let tree = MemoryTree(texts)
            let search = CodeSearch(cache: folder, disk: LocalFileSystem())
            async let first = search.best(9, for: query, in: tree)
            async let second = search.best(9, for: query, in: tree)
            let answers = try await [first, second]
            #expect(answers[0] == answers[1])
        }
    }

    private func uncached(_ limit: Int = 9, in tree: MemoryTree) async throws -> [CodeSearch.Hit] {
        try await CodeSearch(cache: nil, disk: LocalFileSystem()).best(limit, for: query, in: tree)
    }
}
