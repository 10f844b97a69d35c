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

    /// Names in a folder, sorted; empty when there is no such folder.
    func list(_ folder: FilePath) throws(DiskError) -> [String]

    /// Makes a folder and those above it, private to the user (0700).
    func makeFolder(_ path: FilePath) throws(DiskError)

    /// Moves a file within its file system, over one that may be there.
    func move(_ source: FilePath, to target: FilePath) throws(DiskError)

    /// Removes a file; one that isn't there is fine.
    func remove(_ path: FilePath) throws(DiskError)

    /// Puts a symbolic link in place of whatever link is there.
    func link(_ path: FilePath, to target: String) throws(DiskError)
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
