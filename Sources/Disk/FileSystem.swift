package import SystemPackage

/// The only door to records on disk; tests put a disk behind it that fills up, fails or loses power.
package protocol FileSystem: Sendable {
    /// The file's bytes, or `nil` when there is no such file.
    func read(_ path: FilePath) throws(DiskError) -> [UInt8]?

    /// Puts a whole file in place: written beside it, synced, renamed over it, and the folder synced, so
    /// that after a power cut the old content is there or the new one, never a part.
    func write(_ bytes: [UInt8], to path: FilePath) throws(DiskError)

    /// Like `write`, but only when there is no such file yet.
    ///
    /// - Returns: `false` when the file is there already; it's left alone.
    func create(_ path: FilePath, with bytes: [UInt8]) throws(DiskError) -> Bool

    /// Adds to a file's end and syncs it, making the file when it's missing.
    func append(_ bytes: [UInt8], to path: FilePath) throws(DiskError)

    /// Adds a line to a file's end and syncs it, making the file when it's missing.
    ///
    /// A torn last line, which a power cut may have left, is ended first. Nothing is lost where another process
    /// rewrites the file at the same time.
    func appendLine(_ line: [UInt8], to path: FilePath) throws(DiskError)

    /// Hands out a file's lines from the last to the first, without their ends and without empty ones, until
    /// `take` returns `false`; no more of the file is read than that takes.
    ///
    /// - Returns: `false` when `take` did, `true` when the file was read to its beginning or isn't there.
    func readLinesFromEnd(
        of path: FilePath,
        _ take: ([UInt8]) -> Bool
    ) throws(DiskError) -> Bool

    /// Puts what `change` makes of a file in its place; a line that is appended meanwhile waits for it.
    ///
    /// - Parameters:
    ///   - path: The file; `change` is given no bytes where it's missing.
    ///   - change: Returns `nil` to leave the file as it is, and no bytes to have it removed.
    /// - Throws: `DiskError`; the file is then as it was.
    func rewrite(_ path: FilePath, _ change: ([UInt8]) -> [UInt8]?) throws(DiskError)

    /// Names in a folder, sorted; empty when there is no such folder.
    func list(_ folder: FilePath) throws(DiskError) -> [String]

    /// Makes a folder and those above it, private to the user (0700); one that is there is fine.
    func makeFolder(_ path: FilePath) throws(DiskError)

    /// Moves a file within its file system, over one that may be there.
    func move(_ source: FilePath, to target: FilePath) throws(DiskError)

    /// Removes a file; one that isn't there is fine.
    func remove(_ path: FilePath) throws(DiskError)

    /// Puts a symbolic link in place of whatever link is there.
    func link(_ path: FilePath, to target: String) throws(DiskError)

    /// Whether a name in a folder is that of a file which a writer left half-written when it was killed.
    func isLeftover(_ name: String) -> Bool
}

extension FileSystem {
    /// Takes away what writers that were killed left half-written in a folder.
    ///
    /// Nothing depends on it: what can't be taken away stays until the next time.
    package func removeLeftovers(in folder: FilePath) {
        for name in (try? list(folder)) ?? [] where isLeftover(name) {
            try? remove(folder.appending(name))
        }
    }

    package func appendLine(_ line: [UInt8], to path: FilePath) throws(DiskError) {
        let end = UInt8(ascii: "\n")
        let isTorn = try read(path)?.last.map { $0 != end } ?? false
        try append((isTorn ? [end] : []) + line + [end], to: path)
    }

    package func readLinesFromEnd(
        of path: FilePath,
        _ take: ([UInt8]) -> Bool
    ) throws(DiskError) -> Bool {
        let lines = try (read(path) ?? []).split(separator: UInt8(ascii: "\n"))
        return lines.reversed().allSatisfy { take(Array($0)) }
    }

    package func rewrite(
        _ path: FilePath,
        _ change: ([UInt8]) -> [UInt8]?
    ) throws(DiskError) {
        guard let bytes = change(try read(path) ?? []) else { return }
        if bytes.isEmpty { try remove(path) } else { try write(bytes, to: path) }
    }
}

/// A call on the disk that didn't succeed.
package struct DiskError: Error, Equatable, Sendable, CustomStringConvertible {
    package enum Action: String, Sendable {
        case read
        case write
        case list
        case make
        case move
        case remove
        case link
    }
    package var action: Action
    package var path: FilePath
    package var code: Errno

    package init(_ action: Action, _ path: FilePath, _ code: Errno) {
        self.action = action
        self.path = path
        self.code = code
    }

    package var description: String {
        "\(path): can't \(action.rawValue) it: \(code)\(mend.map { "; \($0)" } ?? "")"
    }

    private var mend: String? {
        switch code {
        case .noSpace: "free some disk space"
        case .permissionDenied, .notPermitted: "give this user access to it"
        case .readOnlyFileSystem: "mount the file system writable or choose another state folder"
        case .tooManyOpenFiles, .tooManyOpenFilesInSystem: "raise the limit on open files"
        default: nil
        }
    }
}
