import Scaffold
import Synchronization
import SystemPackage
import Testing

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// Files in memory; remembers which were read.
final class MemoryTree: SourceTree {
    private let contents: [String: [UInt8]]
    private let read = Mutex<[String]>([])

    /// - Parameter contents: by path; the same contents have the same blob.
    init(_ contents: [String: [UInt8]]) {
        self.contents = contents
    }

    convenience init(_ texts: [String: String]) {
        self.init(texts.mapValues { Array($0.utf8) })
    }

    /// The paths that were read since the last time, sorted.
    func takeRead() -> [String] {
        read.withLock { paths in
            defer { paths = [] }
            return paths.sorted()
        }
    }

    func files() async throws -> [SourceFile] {
        contents.sorted { $0.key < $1.key }.map { path, bytes in
            let sum = bytes.reduce(0xCBF2_9CE4_8422_2325 as UInt64) {
                ($0 ^ UInt64($1)) &* 0x100_0000_01B3
            }
            return SourceFile(path: path, blob: String(sum, radix: 16), size: bytes.count)
        }
    }

    func read(
        _ files: [SourceFile],
        _ body: (SourceFile, [UInt8]) throws -> Void
    ) async throws {
        for file in files.reversed() {
            guard let bytes = contents[file.path] else { continue }
            read.withLock { $0.append(file.path) }
            try body(file, bytes)
        }
    }
}

/// Hands the body a fresh folder, and removes it afterwards.
func withFolder<Result>(_ body: (FilePath) async throws -> Result) async throws -> Result {
    let path = FileManager.default.temporaryDirectory.path
    let folder = FilePath("\(path)/linecook-search-\(UUID().uuidString)")
    defer { try? FileManager.default.removeItem(atPath: folder.string) }  // a leftover harms nobody
    return try await body(folder)
}
