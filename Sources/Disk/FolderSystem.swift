package import SystemPackage

/// One name in a folder.
package struct FolderEntry: Equatable, Sendable {
    package enum Kind: Equatable, Sendable {
        case file
        case folder
        case link
        /// A pipe, a socket, a device.
        case other
    }
    package var name: String
    package var kind: Kind
    /// Of a file, in bytes; 0 of all else.
    package var size: Int

    package init(name: String, kind: Kind, size: Int) {
        self.name = name
        self.kind = kind
        self.size = size
    }
}

/// A disk on which folders can be looked through and taken away; nothing of it follows a link below `root`.
package protocol FolderSystem: FileSystem {
    /// What is in a folder, by name; empty when there is no such folder.
    ///
    /// - Throws: `DiskError`, also where the way from `root` to the folder leads over a link.
    func entries(of folder: FilePath, below root: FilePath) throws(DiskError) -> [FolderEntry]

    /// Takes a file away, or a folder with all that is in it; what isn't there is fine.
    ///
    /// - Parameters:
    ///   - path: What goes.
    ///   - root: The folder below which it lies.
    ///   - last: What goes after all else that is in the folder.
    /// - Throws: `DiskError`, also where the way to it leads over a link; what was taken away until then is gone.
    func removeAll(_ path: FilePath, below root: FilePath, last: String?) throws(DiskError)

    /// Opens a new file, in place of one of the same name, for `body` to write, and puts it in place whole.
    ///
    /// - Returns: The length of what was written.
    /// - Throws: `DiskError`, or what `body` throws; the place is then as it was.
    func writeFile(
        _ path: FilePath,
        _ body: (FileDescriptor) async throws -> Void
    ) async throws -> Int
}
