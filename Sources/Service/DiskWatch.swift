import Domain
import Logging
import SystemPackage

/// Looks whether the disks of the state folder and of the repositories have room for another attempt.
struct DiskWatch: Sendable {
    /// A look isn't worth more than one a second, however much happens.
    static let interval = Duration.seconds(1)
    /// How soon a disk that is full is looked at again when nothing else happens.
    static let patience = Duration.seconds(10)

    private(set) var shortages: [DiskShortage] = []
    private var looked: Duration?

    /// Looks again, unless that was done just now; `nil` when all is as it was.
    ///
    /// Once there was too little, a tenth more than the floor has to be free, so that a disk at the floor doesn't
    /// stop and start the work all the time.
    ///
    /// - Parameters:
    ///   - state: The state folder.
    ///   - repositories: Those of the workflows.
    ///   - floor: What has to be free, in bytes; nothing is looked at when `nil`.
    ///   - uptime: Now.
    ///   - freeBytes: How many bytes are free where a path is; where that can't be told, nothing is held.
    /// - Returns: The disks that have too little, when they aren't those of the last look.
    mutating func look(
        _ state: FilePath,
        _ repositories: Set<FilePath>,
        floor: Int?,
        at uptime: Duration,
        freeBytes: (FilePath) -> Int?
    ) -> [DiskShortage]? {
        if let looked, uptime - looked < Self.interval { return nil }
        looked = uptime
        var found: [DiskShortage] = []
        if let floor {
            let places: [FilePath?] = [nil] + repositories.sorted { $0.string < $1.string }
            for repository in places {
                let folder = repository ?? state
                let shortage = DiskShortage(repository: repository, folder: folder, floor: floor)
                let needed = shortages.contains(shortage) ? floor + floor / 10 : floor
                if let free = freeBytes(folder), free < needed { found.append(shortage) }
            }
        }
        guard found != shortages else { return nil }
        shortages = found
        return found
    }
}
