package import SystemPackage

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

extension Repository {
    /// Gives a worktree its copies of files that git doesn't carry, such as `.env.local`.
    ///
    /// What is there already stays as it is. A folder is copied with all that is in it, links as
    /// links.
    ///
    /// - Parameters:
    ///   - files: Relative to the repository.
    ///   - folder: The top of a worktree of this repository.
    /// - Returns: The names that the repository has nothing for.
    /// - Throws: `GitError.pathOutside` before anything is copied.
    package func copy(_ files: [String], to folder: FilePath) throws -> [String] {
        var missing: [String] = []
        var copies: [(source: FilePath, target: FilePath)] = []
        for file in files {
            let relative = FilePath(file)
            guard !relative.components.isEmpty,
                relative.components.allSatisfy({ $0.kind == .regular && $0.string != ".git" })
            else { throw GitError.pathOutside(file, of: path) }
            let (source, target) = (path.pushing(relative), folder.pushing(relative))
            guard resolved(source).starts(with: resolved(path)) else {
                throw GitError.pathOutside(file, of: path)
            }
            guard resolved(target).starts(with: resolved(folder)) else {
                throw GitError.pathOutside(file, of: folder)
            }
            if FileKind(at: source) == .nothing {
                missing.append(file)
            } else if FileKind(at: target) == .nothing {
                copies.append((resolved(source), target))
            }
        }
        for (source, target) in copies {
            try FileManager.default.createDirectory(
                atPath: target.removingLastComponent().string,
                withIntermediateDirectories: true
            )
            try FileManager.default.copyItem(atPath: source.string, toPath: target.string)
        }
        return missing
    }
}
