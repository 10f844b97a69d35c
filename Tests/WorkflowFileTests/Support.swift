import Cron
import SystemPackage
import WorkflowFile
import YAML

/// The repository, and the folders in it.
enum Place {
    static let repository = FilePath(#filePath).removingLastComponent().removingLastComponent()
        .removingLastComponent()
    static let fixtures = FilePath(#filePath).removingLastComponent().appending("Fixtures")
}

extension ReadingContext {
    /// The files of this machine.
    static func real(in folder: FilePath) -> ReadingContext {
        ReadingContext(
            environment: ["CODE": "/code"],
            home: "/people/me",
            currentFolder: folder,
            zones: .system(environment: [:]),
            now: 1_700_000_000,
            read: FileReadError.readFile,
            resolve: FileReadError.resolve
        )
    }

    /// Real files, but for one that has other bytes.
    func replacing(_ path: FilePath, with text: String) -> ReadingContext {
        var result = self
        let bytes = Array(text.utf8)
        result.read = { [read] (asked: FilePath) throws(FileReadError) in
            asked == path ? bytes : try read(asked)
        }
        return result
    }
}
