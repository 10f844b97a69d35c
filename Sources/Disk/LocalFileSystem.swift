package import SystemPackage

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

/// The machine's own files.
package struct LocalFileSystem: FileSystem {
    private let calls: any DiskCalls

    package init(calls: any DiskCalls = SystemCalls()) { self.calls = calls }

    package func read(_ path: FilePath) throws(DiskError) -> [UInt8]? {
        do throws(Errno) {
            let file = try calls.open(path, .read)
            do throws(Errno) {
                var bytes: [UInt8] = []
                var chunk = try calls.read(file, limit: Self.chunk)
                while !chunk.isEmpty {
                    bytes += chunk
                    chunk = try calls.read(file, limit: Self.chunk)
                }
                try calls.close(file)
                return bytes
            } catch {
                try? calls.close(file)  // nothing was written that closing could lose
                throw error
            }
        } catch {
            if error == .noSuchFileOrDirectory || error == .notDirectory { return nil }
            throw DiskError(.read, path, error)
        }
    }

    package func write(_ bytes: [UInt8], to path: FilePath) throws(DiskError) {
        let temporary = try writeBeside(path, bytes)
        do throws(Errno) { try calls.rename(temporary, to: path) } catch {
            try? calls.unlink(temporary)
            throw DiskError(.write, path, error)
        }
        try syncFolder(of: path)
    }

    package func create(_ path: FilePath, with bytes: [UInt8]) throws(DiskError) -> Bool {
        let temporary = try writeBeside(path, bytes)
        defer { try? calls.unlink(temporary) }
        // A link, unlike a rename, refuses to replace what is there.
        do throws(Errno) { try calls.link(temporary, as: path) } catch {
            if error == .fileExists { return false }
            throw DiskError(.write, path, error)
        }
        try syncFolder(of: path)
        return true
    }

    package func append(_ bytes: [UInt8], to path: FilePath) throws(DiskError) {
        try writeAndSync(bytes, to: path, .append, named: path)
        try syncFolder(of: path)
    }

    package func list(_ folder: FilePath) throws(DiskError) -> [String] {
        do throws(Errno) { return try calls.list(folder).sorted() } catch {
            if error == .noSuchFileOrDirectory { return [] }
            throw DiskError(.list, folder, error)
        }
    }

    package func makeFolder(_ path: FilePath) throws(DiskError) {
        do throws(Errno) {
            guard try calls.isFolder(path) else { throw Errno.notDirectory }
        } catch {
            guard error == .noSuchFileOrDirectory else { throw DiskError(.make, path, error) }
            let parent = path.removingLastComponent()
            if !parent.isEmpty { try makeFolder(parent) }
            do throws(Errno) { try calls.makeFolder(path) } catch {
                // Somebody else may have made it meanwhile.
                guard error == .fileExists else { throw DiskError(.make, path, error) }
            }
        }
        // Whoever made one that is there may have been killed before this.
        try syncFolder(of: path, for: .make)
    }

    package func move(_ source: FilePath, to target: FilePath) throws(DiskError) {
        do throws(Errno) { try calls.rename(source, to: target) } catch {
            throw DiskError(.move, source, error)
        }
        try syncFolder(of: target, for: .move)
    }

    package func remove(_ path: FilePath) throws(DiskError) {
        do throws(Errno) { try calls.unlink(path) } catch {
            if error == .noSuchFileOrDirectory { return }
            throw DiskError(.remove, path, error)
        }
        try syncFolder(of: path, for: .remove)
    }

    package func link(_ path: FilePath, to target: String) throws(DiskError) {
        let temporary = Self.temporaryName(beside: path)
        do throws(Errno) {
            try calls.symbolicLink(temporary, to: target)
            try calls.rename(temporary, to: path)
        } catch {
            try? calls.unlink(temporary)
            throw DiskError(.link, path, error)
        }
        try syncFolder(of: path, for: .link)
    }

    private func writeBeside(_ path: FilePath, _ bytes: [UInt8]) throws(DiskError) -> FilePath {
        let temporary = Self.temporaryName(beside: path)
        do throws(DiskError) {
            try writeAndSync(bytes, to: temporary, .replace, named: path)
        } catch {
            try? calls.unlink(temporary)
            throw error
        }
        return temporary
    }

    private func writeAndSync(
        _ bytes: [UInt8],
        to path: FilePath,
        _ mode: DiskOpenMode,
        named name: FilePath
    ) throws(DiskError) {
        do throws(Errno) {
            let file = try calls.open(path, mode)
            do throws(Errno) {
                try calls.write(bytes, to: file)
                try calls.sync(file)
            } catch {
                try? calls.close(file)  // the error that counts is thrown on
                throw error
            }
            try calls.close(file)
        } catch {
            throw DiskError(.write, name, error)
        }
    }

    /// How much is read at once, in bytes.
    private static let chunk = 1 << 16

    /// A name that no other process or thread uses at the same time, and that a listing shows to be a leftover.
    static func temporaryName(beside path: FilePath) -> FilePath {
        let (folder, name) = parts(of: path)
        return FilePath("\(folder)/.\(name).\(getpid())-\(threadNumber()).tmp")
    }

    package func isLeftover(_ name: String) -> Bool {
        guard name.hasPrefix("."), name.hasSuffix(".tmp"),
            let number = name.dropLast(4).split(separator: ".").last?.split(separator: "-").first,
            let pid = pid_t(number), pid > 0
        else { return false }
        // Its writer's number may be another process's by now: then it stays for once.
        return kill(pid, 0) != 0 && errno == ESRCH
    }

    /// The folder that holds it, and its name there.
    private static func parts(of path: FilePath) -> (folder: String, name: String) {
        let text = path.string
        guard let slash = text.utf8.lastIndex(of: UInt8(ascii: "/")) else { return (".", text) }
        let folder = slash == text.startIndex ? "/" : String(text[..<slash])
        return (folder, String(text[text.utf8.index(after: slash)...]))
    }

    func syncFolder(
        of path: FilePath,
        for action: DiskError.Action = .write
    ) throws(DiskError) {
        let folder = FilePath(Self.parts(of: path).folder)
        do throws(Errno) {
            let descriptor = try calls.open(folder, .folder)
            do throws(Errno) { try calls.sync(descriptor) } catch {
                try? calls.close(descriptor)  // the error that counts is thrown on
                // Some file systems can't sync a folder and say so; there is nothing more to be done on them.
                if error != .invalidArgument, error != .notSupported { throw error }
                return
            }
            try calls.close(descriptor)
        } catch {
            throw DiskError(action, folder, error)
        }
    }

    static func error(
        _ error: any Error,
        _ action: DiskError.Action,
        _ path: FilePath
    ) -> DiskError {
        DiskError(action, path, error as? Errno ?? .ioError)
    }
}

private func threadNumber() -> UInt {
    #if canImport(Darwin)
    UInt(bitPattern: pthread_self())
    #else
    UInt(pthread_self())
    #endif
}
