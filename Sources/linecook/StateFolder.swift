import Disk
import SystemPackage

/// The state folder: everything of the service's lies in it, private to the user that it runs as.
struct StateFolder {
    /// Absolute.
    let path: FilePath

    /// Why records can't be kept there safely, and how to mend it.
    struct Obstacle: Equatable {
        var what: String
        var mend: String
    }

    /// Why the folder, which is there, can't be used; `nil` where it can.
    ///
    /// - Throws: `DiskError`.
    func obstacle() throws(DiskError) -> Obstacle? {
        if path.isOwn == false {
            return Obstacle(
                what: "\(path): it belongs to another user",
                mend: "run linecook as that user, or set another 'state'"
            )
        }
        return Self.obstacle(of: path, on: try Volume(of: path))
    }

    /// Why a folder on such a volume can't be used.
    static func obstacle(of path: FilePath, on volume: Volume) -> Obstacle? {
        volume.network.map { network in
            Obstacle(
                what: "\(path): on \(network), where locks and renames aren't to be relied on",
                mend: "set 'state' to a folder on a disk of this machine"
            )
        }
    }

    /// Makes the folder where it's missing, and private where it isn't.
    ///
    /// - Throws: `UsageError` where it can't be used.
    func prepare() throws {
        do {
            try LocalFileSystem().makeFolder(path)
            if let obstacle = try obstacle() {
                throw UsageError("\(obstacle.what); \(obstacle.mend)")
            }
            // What lies in it was made for its owner alone; a folder that a person made may let others in.
            try path.makePrivate()
        } catch let error as DiskError {
            throw UsageError("\(error)")
        }
    }
}
