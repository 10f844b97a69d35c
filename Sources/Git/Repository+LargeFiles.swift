import Disk
import SystemPackage

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

extension Repository {
    /// Brings to the remote what git-lfs keeps beside git of the files that a commit has and the remote hasn't.
    ///
    /// That is what the hook of git-lfs does, and no hook runs here. Who has nothing of git-lfs doesn't need the
    /// program. An agent can write `.lfsconfig`, which names the place to push to, so the base's holds.
    ///
    /// - Parameter commit: A full hash, about to be pushed.
    /// - Throws: `GitError.noLargeFileProgram` and as every call that needs the remote.
    func pushLargeFiles(of commit: String) async throws {
        let storage = try await attempt(["config", "--get", "lfs.storage"])
        let objects = common.pushing(FilePath(storage.exit == 0 ? storage.line : "lfs"))
            .appending("objects").lexicallyNormalized()
        guard try !LocalFileSystem().list(objects).isEmpty else { return }
        let folder = guarded.path.appending("base")
        try await writeLargeFileSettings(into: folder)
        // git-lfs keeps its objects where GIT_DIR is, whatever GIT_COMMON_DIR says.
        let place = place(["GIT_COMMON_DIR": common.string, "GIT_WORK_TREE": folder.string])
        let command = ["lfs", "push", remote, commit]
        let output = try await attempt(command, in: place, timeout: limits.checkout)
        guard output.exit != 0 else { return }
        if output.reason.contains("'lfs' is not a git command") {
            throw GitError.noLargeFileProgram(objects)
        }
        throw try await remoteError(of: output, command: command)
    }

    /// The file stands there even when the base has none: git-lfs would else take the one of HEAD.
    private func writeLargeFileSettings(into folder: FilePath) async throws {
        let disk = LocalFileSystem()
        try disk.makeFolder(folder)
        var settings: [UInt8] = []
        if let base = try await knownBase() {
            let found = try await attempt(["cat-file", "blob", "\(base):.lfsconfig"])
            if found.exit == 0 { settings = found.bytes }
        }
        try disk.write(settings, to: folder.appending(".lfsconfig"))
    }
}
