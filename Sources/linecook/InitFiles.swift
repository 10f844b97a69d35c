import Disk
import SystemPackage

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif
#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

/// Writes a newcomer's files: each whole or not at all, none over one that is there.
struct InitFiles {
    let folder: FilePath
    private let disk = LocalFileSystem()
    /// What the user's umask takes from the modes of new files.
    private let mask: UInt16

    init(folder: FilePath) {
        self.folder = folder
        let mask = umask(0o022)
        umask(mask)
        self.mask = UInt16(truncatingIfNeeded: mask)
    }

    /// Writes a file that isn't there yet, and says what came of it.
    ///
    /// - Parameters:
    ///   - name: Relative to the folder.
    ///   - text: The whole of it.
    /// - Throws: `DiskError`.
    func write(_ name: String, _ text: String) throws {
        let path = folder.pushing(FilePath(name))
        try makeFolder(path.removingLastComponent())
        if try disk.create(path, with: Array(text.utf8)) {
            open(path, mode: 0o666)
            Console.line("  wrote       \(name)")
        } else {
            Console.line("  left alone  \(name), which was there already")
        }
    }

    /// Adds a line to `.gitignore`, unless it's there.
    ///
    /// - Throws: `DiskError`.
    func ignore(_ line: String) throws {
        let path = folder.appending(".gitignore")
        let bytes = try disk.read(path) ?? []
        let text = String(decoding: bytes, as: UTF8.self)
        guard !text.split(whereSeparator: \.isNewline).contains(Substring(line)) else {
            Console.line("  left alone  .gitignore, which has \(line) in it")
            return
        }
        let isNew = !Installation.exists(path)
        let gap = bytes.isEmpty || bytes.last == UInt8(ascii: "\n") ? "" : "\n"
        try disk.append(Array("\(gap)\(line)\n".utf8), to: path)
        if isNew { open(path, mode: 0o666) }
        Console.line("  added       \(line) to .gitignore")
    }

    private func makeFolder(_ path: FilePath) throws {
        guard !Installation.exists(path) else { return }
        if path != folder { try makeFolder(path.removingLastComponent()) }
        try disk.makeFolder(path)
        open(path, mode: 0o777)
    }

    /// Records are private to the user; these files are the team's.
    private func open(_ path: FilePath, mode: UInt16) {
        // A file that stays private can be used all the same.
        _ = chmod(path.string, mode_t(mode & ~mask))
    }
}
