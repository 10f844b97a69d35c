import SystemPackage

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// Recorded output of genuine agents.
enum Fixture {
    private static let folder = FilePath(#filePath).removingLastComponent().appending("Fixtures")

    static func bytes(_ name: String) throws -> [UInt8] {
        Array(try Data(contentsOf: URL(filePath: folder.appending(name).string)))
    }

    static func names(in part: String) throws -> [String] {
        try FileManager.default.contentsOfDirectory(atPath: folder.appending(part).string)
            .filter { $0 != "expected.json" }
    }
}
