#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

extension ZoneFiles {
    /// No zone is larger; the largest of tzdata 2026a has 4 kB, its longest table 30 kB.
    private static let largestFile = 1 << 20

    /// The files of this machine.
    ///
    /// Of the process's `environment`, `TZDIR` counts.
    package static func system(environment: [String: String]) -> ZoneFiles {
        ZoneFiles(
            folders: standardFolders(environment: environment),
            read: { path in
                let files = FileManager.default
                // A missing file is no error here, and a pipe or a device would hang the reader.
                let resolved = URL(filePath: path).resolvingSymlinksInPath().path
                guard let attributes = try? files.attributesOfItem(atPath: resolved),
                    attributes[.type] as? FileAttributeType == .typeRegular,
                    let size = attributes[.size] as? Int, size <= largestFile
                else { return nil }
                return files.contents(atPath: resolved).map(Array.init)
            },
            linkTarget: { path in
                // No link is no error: the file is then read under its own name.
                try? FileManager.default.destinationOfSymbolicLink(atPath: path)
            }
        )
    }
}
