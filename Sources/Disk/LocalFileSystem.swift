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
    package init() {}

    package func read(_ path: FilePath) throws(DiskError) -> [UInt8]? {
        do {
            let file = try FileDescriptor.open(path, .readOnly, options: .closeOnExec)
            defer { try? file.close() }  // nothing was written that closing could lose
            // What can't tell its size, such as a pipe, is read all the same.
            let size = (try? file.seek(offset: 0, from: .end)).map { Int($0) } ?? 0
            if size > 0 { try file.seek(offset: 0, from: .start) }
            var bytes: [UInt8] = []
            bytes.reserveCapacity(size)
            var chunk = [UInt8](repeating: 0, count: min(max(size + 1, 4096), 1 << 20))
            while true {
                let count = try chunk.withUnsafeMutableBytes { try file.read(into: $0) }
                if count == 0 { return bytes }
                bytes += chunk[..<count]
            }
        } catch Errno.noSuchFileOrDirectory, Errno.notDirectory {
            return nil
        } catch {
            throw Self.error(error, .read, path)
        }
    }

    package func write(_ bytes: [UInt8], to path: FilePath) throws(DiskError) {
        let temporary = try writeBeside(path, bytes)
        guard rename(temporary.string, path.string) == 0 else {
            let code = Errno(rawValue: errno)
            unlink(temporary.string)
            throw DiskError(.write, path, code)
        }
        try syncFolder(of: path)
    }

    package func create(_ path: FilePath, with bytes: [UInt8]) throws(DiskError) -> Bool {
        let temporary = try writeBeside(path, bytes)
        // A link, unlike a rename, refuses to replace what is there.
        let linked = hardLink(temporary.string, path.string)
        let code = Errno(rawValue: errno)
        unlink(temporary.string)
        guard linked == 0 else {
            if code == .fileExists { return false }
            throw DiskError(.write, path, code)
        }
        try syncFolder(of: path)
        return true
    }

    package func append(_ bytes: [UInt8], to path: FilePath) throws(DiskError) {
        do {
            let file = try FileDescriptor.open(
                path,
                .writeOnly,
                options: [.append, .create, .closeOnExec],
                permissions: [.ownerReadWrite]
            )
            defer { try? file.close() }  // synced above: closing can lose nothing
            try file.writeAll(bytes)
            guard fsync(file.rawValue) == 0 else { throw Errno(rawValue: errno) }
        } catch {
            throw Self.error(error, .write, path)
        }
    }

    package func list(_ folder: FilePath) throws(DiskError) -> [String] {
        guard let stream = opendir(folder.string) else {
            let code = Errno(rawValue: errno)
            if code == .noSuchFileOrDirectory { return [] }
            throw DiskError(.list, folder, code)
        }
        defer { closedir(stream) }
        var names: [String] = []
        while let entry = readdir(stream) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) {
                $0.withMemoryRebound(to: CChar.self, capacity: Int(NAME_MAX) + 1) {
                    String(cString: $0)
                }
            }
            if name != ".", name != ".." { names.append(name) }
        }
        return names.sorted()
    }

    package func makeFolder(_ path: FilePath) throws(DiskError) {
        if mkdir(path.string, 0o700) == 0 {
            try syncFolder(of: path)
            return
        }
        let code = Errno(rawValue: errno)
        switch code {
        case .fileExists:
            var status = stat()
            guard stat(path.string, &status) == 0, status.st_mode & S_IFMT == S_IFDIR else {
                throw DiskError(.make, path, .notDirectory)
            }
        case .noSuchFileOrDirectory where !path.removingLastComponent().isEmpty:
            try makeFolder(path.removingLastComponent())
            guard mkdir(path.string, 0o700) == 0 || errno == EEXIST else {
                throw DiskError(.make, path, Errno(rawValue: errno))
            }
            try syncFolder(of: path)
        default: throw DiskError(.make, path, code)
        }
    }

    package func move(_ source: FilePath, to target: FilePath) throws(DiskError) {
        guard rename(source.string, target.string) == 0 else {
            throw DiskError(.move, source, Errno(rawValue: errno))
        }
        try syncFolder(of: target)
    }

    package func remove(_ path: FilePath) throws(DiskError) {
        guard unlink(path.string) == 0 || errno == ENOENT else {
            throw DiskError(.remove, path, Errno(rawValue: errno))
        }
        try syncFolder(of: path)
    }

    package func link(_ path: FilePath, to target: String) throws(DiskError) {
        let temporary = Self.temporaryName(beside: path)
        guard symlink(target, temporary.string) == 0, rename(temporary.string, path.string) == 0
        else {
            let code = Errno(rawValue: errno)
            unlink(temporary.string)
            throw DiskError(.link, path, code)
        }
    }

    private func writeBeside(_ path: FilePath, _ bytes: [UInt8]) throws(DiskError) -> FilePath {
        let temporary = Self.temporaryName(beside: path)
        do {
            let file = try FileDescriptor.open(
                temporary,
                .writeOnly,
                options: [.create, .truncate, .closeOnExec],
                permissions: [.ownerReadWrite]
            )
            do {
                try file.writeAll(bytes)
                guard fsync(file.rawValue) == 0 else { throw Errno(rawValue: errno) }
                try file.close()
            } catch {
                try? file.close()  // the error that counts is thrown on
                unlink(temporary.string)
                throw error
            }
        } catch {
            throw Self.error(error, .write, path)
        }
        return temporary
    }

    /// A name that no other process or thread uses at the same time, and that a listing shows to be a leftover.
    static func temporaryName(beside path: FilePath) -> FilePath {
        let name = path.lastComponent?.string ?? "file"
        return path.removingLastComponent()
            .appending(".\(name).\(getpid())-\(threadNumber()).tmp")
    }

    func syncFolder(of path: FilePath) throws(DiskError) {
        let parent = path.removingLastComponent()
        let folder = parent.isEmpty ? FilePath(".") : parent
        let descriptor = open(folder.string, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else { throw DiskError(.write, folder, Errno(rawValue: errno)) }
        defer { close(descriptor) }
        // Some file systems can't sync a folder and say so; there is nothing more to be done on them.
        guard fsync(descriptor) == 0 || errno == EINVAL || errno == ENOTSUP else {
            throw DiskError(.write, folder, Errno(rawValue: errno))
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

private func hardLink(_ source: String, _ target: String) -> Int32 {
    #if canImport(Glibc)
    Glibc.link(source, target)
    #elseif canImport(Musl)
    Musl.link(source, target)
    #else
    Darwin.link(source, target)
    #endif
}

private func threadNumber() -> UInt {
    #if canImport(Darwin)
    UInt(bitPattern: pthread_self())
    #else
    UInt(pthread_self())
    #endif
}
