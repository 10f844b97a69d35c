/// A file that git tracks at one commit.
package struct SourceFile: Hashable, Sendable {
    /// Relative to the repository's root, with `/`.
    package var path: String
    /// The hash of its contents in git.
    package var blob: String
    /// In bytes.
    package var size: Int

    package init(path: String, blob: String, size: Int) {
        self.path = path
        self.blob = blob
        self.size = size
    }
}

/// The files of a repository at one commit; who reads code is given one and runs no git.
package protocol SourceTree: Sendable {
    /// Every regular file that git tracks there; no links, no submodules, nothing that git ignores.
    func files() async throws -> [SourceFile]

    /// Hands on the contents of some files, one after the other, in any order; one that can't be had is left
    /// out.
    func read(
        _ files: [SourceFile],
        _ body: (SourceFile, [UInt8]) throws -> Void
    ) async throws
}
