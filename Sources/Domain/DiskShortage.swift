package import SystemPackage

/// A disk with less room left than `limits.disk` asks for.
package struct DiskShortage: Equatable, Sendable {
    /// The repository that is on it; `nil` for the state folder, without which nothing can be done.
    package var repository: FilePath?
    /// The folder that was looked at.
    package var folder: FilePath
    /// What has to be free, in bytes.
    package var floor: Int

    package init(repository: FilePath?, folder: FilePath, floor: Int) {
        self.repository = repository
        self.folder = folder
        self.floor = floor
    }

    /// Whether attempts in a repository can't be started.
    package func concerns(_ repository: FilePath) -> Bool {
        self.repository == nil || self.repository == repository
    }

    package var words: String {
        "less than \(floor.bytesInWords) is free on the disk of \(folder), see 'limits.disk'"
    }
}
