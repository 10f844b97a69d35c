/// What a look at a path shows, without reading any file.
package enum FileLook: Equatable, Sendable {
    /// Nothing is there, or nothing that can be looked at.
    case absent
    case file(FileStamp)
    /// A folder with workflow files of these names, sorted.
    case folder([String])
}

/// What changes with every change of a file, whoever makes it and however.
package struct FileStamp: Equatable, Sendable {
    /// Another one after a rename over the file.
    package var inode: UInt64
    /// In bytes.
    package var size: Int64
    /// Nanoseconds since 1970.
    package var modified: Int64
    /// When the inode was changed, in nanoseconds since 1970: moves also where a tool puts the time of the
    /// modification back, and when the right to read the file is given or taken.
    package var changed: Int64

    package init(inode: UInt64, size: Int64, modified: Int64, changed: Int64) {
        self.inode = inode
        self.size = size
        self.modified = modified
        self.changed = changed
    }
}
