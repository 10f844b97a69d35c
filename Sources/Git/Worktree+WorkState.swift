import SystemPackage

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

/// What the files of a worktree hold at a moment, for telling whether anything has come of the work since.
///
/// Two are equal when all files but the ignored ones are, be they committed, staged or neither; a file that was
/// written anew with what it held is equal.
package struct WorkState: Equatable, Sendable {
    /// The tree of HEAD, which all other files are as in.
    fileprivate var tree: String
    /// The files that differ from it, by their paths.
    fileprivate var files: [String: WorkFile]
}

/// A file as it is.
private struct WorkFile: Equatable, Sendable {
    enum Content: Equatable {
        case nothing
        /// By a hash of this process's own.
        case bytes(Int, isExecutable: Bool)
        case link(to: [UInt8])
        /// A file too large to be read for this, a folder that is a repository of its own, and what isn't a file.
        case unread(Stamp)
    }
    /// What changes whenever a file is written.
    struct Stamp: Equatable {
        var size: Int
        var seconds: Int
        var nanoseconds: Int
        var number: UInt64
        var mode: UInt32
    }
    var content: Content
    var stamp: Stamp?

    static func == (one: WorkFile, other: WorkFile) -> Bool { one.content == other.content }
}

extension Worktree {
    /// What the files hold now.
    ///
    /// It's cheap: git looks at the files that were written since its index was, and of those that differ only
    /// the ones are read that were written since `last`. Neither files, index nor objects are written.
    ///
    /// - Parameter last: An earlier state, which spares reading.
    /// - Returns: The state.
    /// - Throws: What every call of git may throw.
    package func workState(after last: WorkState? = nil) async throws -> WorkState {
        let tree = try await call(["rev-parse", "--verify", "HEAD^{tree}"]).line
        let output = try await call([
            "status", "--porcelain=v2", "-z", "--no-renames", "--untracked-files=all",
            "--ignore-submodules=dirty",
        ])
        var state = WorkState(tree: tree, files: [:])
        // More than this isn't read at once; what is left over counts as changed when it was written.
        var bytesToRead = 64 << 20
        for record in output.records {
            guard let name = Self.path(in: record) else { continue }
            let known = last?.files[name]
            state.files[name] = WorkFile(
                at: path.appending(name),
                known: known,
                bytesToRead: &bytesToRead
            )
        }
        return state
    }

    /// The path in a record of git-status(1), porcelain format 2.
    private static func path(in record: String) -> String? {
        // 1 XY sub mH mI mW hH hI path; u XY sub m1 m2 m3 mW h1 h2 h3 path; ? path
        let before: Int
        switch record.first {
        case "1": before = 8
        case "u": before = 10
        case "?": before = 1
        default: return nil
        }
        let fields = record.split(
            separator: " ",
            maxSplits: before,
            omittingEmptySubsequences: false
        )
        return fields.count == before + 1 ? String(fields[before]) : nil
    }
}

extension WorkFile {
    fileprivate init(at path: FilePath, known: WorkFile?, bytesToRead: inout Int) {
        var facts = stat()
        guard lstat(path.string, &facts) == 0 else {
            self.init(content: .nothing, stamp: nil)
            return
        }
        let stamp = Stamp(facts)
        if let known, known.stamp == stamp {
            self = known
            return
        }
        switch facts.st_mode & S_IFMT {
        case S_IFLNK:
            var target = [UInt8](repeating: 0, count: 4096)
            let count = readlink(path.string, &target, target.count)
            self.init(content: .link(to: Array(target.prefix(max(count, 0)))), stamp: stamp)
        case S_IFREG where stamp.size <= bytesToRead:
            bytesToRead -= stamp.size
            let isExecutable = facts.st_mode & S_IXUSR != 0
            let content = Self.hash(of: path, limit: stamp.size).map {
                Content.bytes($0, isExecutable: isExecutable)
            }
            self.init(content: content ?? .unread(stamp), stamp: stamp)
        default: self.init(content: .unread(stamp), stamp: stamp)
        }
    }

    /// A hash of the first `limit` bytes; `nil` when it can't be read, or isn't a file any more.
    private static func hash(of path: FilePath, limit: Int) -> Int? {
        // What an agent puts in the file's place meanwhile is neither followed nor waited for.
        let options: FileDescriptor.OpenOptions = [.noFollow, .nonBlocking, .closeOnExec]
        guard let file = try? FileDescriptor.open(path, .readOnly, options: options) else {
            return nil
        }
        // It was only read.
        defer { try? file.close() }
        var facts = stat()
        guard fstat(file.rawValue, &facts) == 0, facts.st_mode & S_IFMT == S_IFREG else {
            return nil
        }
        var hasher = Hasher()
        var rest = limit
        let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 65_536, alignment: 16)
        defer { buffer.deallocate() }
        while rest > 0 {
            guard let count = try? file.read(into: buffer) else { return nil }
            if count == 0 { break }
            hasher.combine(bytes: UnsafeRawBufferPointer(rebasing: buffer[..<min(count, rest)]))
            rest -= count
        }
        return hasher.finalize()
    }
}

extension WorkFile.Stamp {
    fileprivate init(_ facts: stat) {
        #if canImport(Darwin)
        let time = facts.st_mtimespec
        #else
        let time = facts.st_mtim
        #endif
        self.init(
            size: Int(facts.st_size),
            seconds: Int(time.tv_sec),
            nanoseconds: Int(time.tv_nsec),
            number: UInt64(facts.st_ino),
            mode: UInt32(facts.st_mode)
        )
    }
}
