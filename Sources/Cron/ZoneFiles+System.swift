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
                    let size = Self.wholeNumber(attributes[.size]), size <= largestFile
                else { return nil }
                return files.contents(atPath: resolved).map(Array.init)
            },
            linkTarget: { path in
                // No link is no error: the file is then read under its own name.
                try? FileManager.default.destinationOfSymbolicLink(atPath: path)
            }
        )
    }

    /// A number of a file's attributes: FoundationEssentials has a `UInt` there, which Foundation alone would
    /// cast to `Int`, and Darwin an `NSNumber`.
    private static func wholeNumber(_ value: Any?) -> Int? {
        (value as? any BinaryInteger).flatMap { Int(exactly: $0) } ?? (value as? Int)
    }
}
