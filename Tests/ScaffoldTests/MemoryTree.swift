import Scaffold

/// A tree of files in memory.
struct MemoryTree: SourceTree {
    var contents: [String: [UInt8]]

    init(_ texts: [String: String]) { contents = texts.mapValues { Array($0.utf8) } }

    func files() async throws -> [SourceFile] {
        contents.keys.sorted().map { path in
            SourceFile(path: path, blob: "blob-\(path)", size: contents[path]?.count ?? 0)
        }
    }

    func read(_ files: [SourceFile], _ body: (SourceFile, [UInt8]) throws -> Void) async throws {
        for file in files { if let bytes = contents[file.path] { try body(file, bytes) } }
    }
}
