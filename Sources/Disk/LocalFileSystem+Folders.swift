package import SystemPackage

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

extension LocalFileSystem: FolderSystem {
    package func entries(
        of folder: FilePath,
        below root: FilePath
    ) throws(DiskError) -> [FolderEntry] {
        do {
            let descriptor = try Self.open(folder, below: root)
            defer { close(descriptor) }
            return try Self.names(in: descriptor).compactMap { name in
                try Self.entry(name, in: descriptor)
            }
        } catch Errno.noSuchFileOrDirectory {
            return []
        } catch {
            throw DiskError(.list, folder, error as? Errno ?? .ioError)
        }
    }

    package func removeAll(
        _ path: FilePath,
        below root: FilePath,
        last: String?
    ) throws(DiskError) {
        guard let name = path.lastComponent?.string else {
            throw DiskError(.remove, path, .invalidArgument)
        }
        do {
            let folder = try Self.open(path.removingLastComponent(), below: root)
            defer { close(folder) }
            try Self.remove(name, in: folder, last: last)
        } catch Errno.noSuchFileOrDirectory {
            return
        } catch {
            throw DiskError(.remove, path, error as? Errno ?? .ioError)
        }
    }

    package func writeFile(
        _ path: FilePath,
        _ body: (FileDescriptor) async throws -> Void
    ) async throws -> Int {
        let temporary = Self.temporaryName(beside: path)
        let file: FileDescriptor
        do {
            file = try FileDescriptor.open(
                temporary,
                .writeOnly,
                options: [.create, .truncate, .closeOnExec],
                permissions: [.ownerReadWrite]
            )
        } catch {
            throw Self.error(error, .write, path)
        }
        var isClosed = false
        do {
            try await body(file)
            let length = try file.seek(offset: 0, from: .current)
            guard fsync(file.rawValue) == 0 else { throw Errno(rawValue: errno) }
            isClosed = true
            try file.close()
            guard rename(temporary.string, path.string) == 0 else { throw Errno(rawValue: errno) }
            try syncFolder(of: path)
            return Int(length)
        } catch {
            if !isClosed { try? file.close() }  // the error that counts is thrown on
            unlink(temporary.string)
            guard let code = error as? Errno else { throw error }
            throw DiskError(.write, path, code)
        }
    }

    /// Opens a folder by steps, none of which may be a link.
    private static func open(_ folder: FilePath, below root: FilePath) throws -> Int32 {
        guard folder.starts(with: root) else { throw Errno.invalidArgument }
        var descriptor = openFolder(AT_FDCWD, root.string, O_NOCTTY)
        for component in folder.components.dropFirst(root.components.count) {
            guard descriptor >= 0, component.kind == .regular else { break }
            let next = openFolder(descriptor, component.string, O_NOFOLLOW)
            let code = errno
            close(descriptor)
            errno = code
            descriptor = next
        }
        guard descriptor >= 0 else { throw Errno(rawValue: errno) }
        return descriptor
    }

    private static func openFolder(_ folder: Int32, _ name: String, _ flag: Int32) -> Int32 {
        openat(folder, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC | flag)
    }

    private static func names(in folder: Int32) throws -> [String] {
        // The stream closes what it reads from.
        let own = openFolder(folder, ".", O_NOFOLLOW)
        guard own >= 0, let stream = fdopendir(own) else {
            let code = errno
            if own >= 0 { close(own) }
            throw Errno(rawValue: code)
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

    /// `nil` for what has gone meanwhile.
    private static func entry(_ name: String, in folder: Int32) throws -> FolderEntry? {
        var status = stat()
        guard fstatat(folder, name, &status, AT_SYMLINK_NOFOLLOW) == 0 else {
            if errno == ENOENT { return nil }
            throw Errno(rawValue: errno)
        }
        let kind: FolderEntry.Kind =
            switch status.st_mode & S_IFMT {
            case S_IFREG: .file
            case S_IFDIR: .folder
            case S_IFLNK: .link
            default: .other
            }
        return FolderEntry(name: name, kind: kind, size: kind == .file ? Int(status.st_size) : 0)
    }

    private static func remove(_ name: String, in folder: Int32, last: String? = nil) throws {
        guard let entry = try entry(name, in: folder) else { return }
        guard entry.kind == .folder else {
            guard unlinkat(folder, name, 0) == 0 || errno == ENOENT else {
                throw Errno(rawValue: errno)
            }
            return
        }
        let inner = openFolder(folder, name, O_NOFOLLOW)
        guard inner >= 0 else { throw Errno(rawValue: errno) }
        defer { close(inner) }
        let names = try names(in: inner)
        for each in names where each != last { try remove(each, in: inner) }
        if let last, names.contains(last) { try remove(last, in: inner) }
        guard unlinkat(folder, name, AT_REMOVEDIR) == 0 || errno == ENOENT else {
            throw Errno(rawValue: errno)
        }
    }
}
