package import Git
package import Scaffold
import Synchronization

/// A repository at one commit, as a reader of code is given it.
package final class RepositoryTree: SourceTree {
    private let repository: Repository
    private let commit: String
    /// A commit never changes, so it's listed once.
    private let listed = Mutex<[SourceFile]?>(nil)

    package init(_ repository: Repository, at commit: String) {
        self.repository = repository
        self.commit = commit
    }

    package func files() async throws -> [SourceFile] {
        if let known = listed.withLock({ $0 }) { return known }
        // What a partial clone hasn't fetched isn't fetched for this.
        let files = try await repository.files(at: commit).compactMap { file in
            file.size.map { SourceFile(path: file.path, blob: file.blob, size: $0) }
        }
        listed.withLock { $0 = files }
        return files
    }

    package func read(
        _ files: [SourceFile],
        _ body: (SourceFile, [UInt8]) throws -> Void
    ) async throws {
        // Equal files have one blob.
        let byBlob = Dictionary(grouping: files, by: \.blob)
        try await repository.read(blobs: byBlob.keys.sorted()) { blob, bytes in
            for file in byBlob[blob] ?? [] { try body(file, bytes) }
        }
    }
}
