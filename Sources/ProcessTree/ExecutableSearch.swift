import CProcess
package import SystemPackage

/// Finds programs as a shell does.
package struct ExecutableSearch: Sendable {
    /// Used where the environment has no `PATH`; as in execvp(3), without the current folder.
    private static let defaultPath = "/usr/local/bin:/usr/bin:/bin"

    private let directory: FilePath
    private let folders: [String]

    /// - Parameters:
    ///   - environment: Its `PATH` tells where to look.
    ///   - directory: What a relative path counts from.
    package init(environment: [String: String], directory: FilePath) {
        self.directory = directory
        folders = (environment["PATH"] ?? Self.defaultPath)
            .split(separator: ":", omittingEmptySubsequences: true).map(String.init)
    }

    /// The file that `name` means.
    ///
    /// - Throws: `ProcessTreeError.programNotFound` when no folder has such a program.
    package func find(_ name: String) throws(ProcessTreeError) -> FilePath {
        guard !name.isEmpty else { throw .emptyCommand }
        guard !name.contains("/") else { return directory.pushing(FilePath(name)) }
        for folder in folders {
            let candidate = directory.pushing(FilePath(folder)).appending(name)
            if unsafe candidate.withPlatformString({ unsafe linecook_is_program($0) }) {
                return candidate
            }
        }
        throw .programNotFound(name, searched: folders)
    }
}
