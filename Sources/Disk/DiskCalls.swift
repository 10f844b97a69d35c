package import SystemPackage

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

/// The calls of the system that `LocalFileSystem` makes: each may fail, and before and after each the power may go.
///
/// They mean what the calls of POSIX mean that have their names. Nothing that isn't synced is sure to be there after
/// a power cut: neither a file's bytes, nor a folder's names.
package protocol DiskCalls: Sendable {
    func open(_ path: FilePath, _ mode: DiskOpenMode) throws(Errno) -> FileDescriptor

    /// The bytes from where the reading stopped last, at most so many; none at the end.
    func read(_ file: FileDescriptor, limit: Int) throws(Errno) -> [UInt8]

    func write(_ bytes: [UInt8], to file: FileDescriptor) throws(Errno)

    func sync(_ file: FileDescriptor) throws(Errno)

    func close(_ file: FileDescriptor) throws(Errno)

    func list(_ folder: FilePath) throws(Errno) -> [String]

    func rename(_ source: FilePath, to target: FilePath) throws(Errno)

    /// A second name for a file; refused when there is something by that name.
    func link(_ source: FilePath, as target: FilePath) throws(Errno)

    func symbolicLink(_ path: FilePath, to target: String) throws(Errno)

    func unlink(_ path: FilePath) throws(Errno)

    /// Makes a folder that is private to the user.
    func makeFolder(_ path: FilePath) throws(Errno)

    func isFolder(_ path: FilePath) throws(Errno) -> Bool
}

package enum DiskOpenMode: Equatable, Sendable {
    case read
    /// Makes the file, private to the user, or empties it.
    case replace
    /// Makes the file, private to the user, or goes to its end.
    case append
    case folder
}

/// The system's own calls.
package struct SystemCalls: DiskCalls {
    package init() {}

    package func open(_ path: FilePath, _ mode: DiskOpenMode) throws(Errno) -> FileDescriptor {
        try typed {
            switch mode {
            case .read: try FileDescriptor.open(path, .readOnly, options: .closeOnExec)
            case .replace:
                try FileDescriptor.open(
                    path,
                    .writeOnly,
                    options: [.create, .truncate, .closeOnExec],
                    permissions: [.ownerReadWrite]
                )
            case .append:
                try FileDescriptor.open(
                    path,
                    .writeOnly,
                    options: [.append, .create, .closeOnExec],
                    permissions: [.ownerReadWrite]
                )
            case .folder:
                try FileDescriptor.open(path, .readOnly, options: [.directory, .closeOnExec])
            }
        }
    }

    package func read(_ file: FileDescriptor, limit: Int) throws(Errno) -> [UInt8] {
        try typed {
            try [UInt8](unsafeUninitializedCapacity: limit) { buffer, count in
                count = try file.read(into: UnsafeMutableRawBufferPointer(buffer))
            }
        }
    }

    package func write(_ bytes: [UInt8], to file: FileDescriptor) throws(Errno) {
        try typed { _ = try file.writeAll(bytes) }
    }

    package func sync(_ file: FileDescriptor) throws(Errno) {
        guard fsync(file.rawValue) == 0 else { throw .last }
    }

    package func close(_ file: FileDescriptor) throws(Errno) { try typed { try file.close() } }

    package func list(_ folder: FilePath) throws(Errno) -> [String] {
        guard let stream = opendir(folder.string) else { throw .last }
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
        return names
    }

    package func rename(_ source: FilePath, to target: FilePath) throws(Errno) {
        guard systemRename(source.string, target.string) == 0 else { throw .last }
    }

    package func link(_ source: FilePath, as target: FilePath) throws(Errno) {
        guard systemLink(source.string, target.string) == 0 else { throw .last }
    }

    package func symbolicLink(_ path: FilePath, to target: String) throws(Errno) {
        guard symlink(target, path.string) == 0 else { throw .last }
    }

    package func unlink(_ path: FilePath) throws(Errno) {
        guard systemUnlink(path.string) == 0 else { throw .last }
    }

    package func makeFolder(_ path: FilePath) throws(Errno) {
        guard mkdir(path.string, 0o700) == 0 else { throw .last }
    }

    package func isFolder(_ path: FilePath) throws(Errno) -> Bool {
        var status = stat()
        guard stat(path.string, &status) == 0 else { throw .last }
        return status.st_mode & S_IFMT == S_IFDIR
    }

    private func typed<Result>(_ body: () throws -> Result) throws(Errno) -> Result {
        do { return try body() } catch { throw error as? Errno ?? .ioError }
    }
}

extension Errno {
    fileprivate static var last: Errno { Errno(rawValue: errno) }
}

// The system's functions, whose names the methods above hide.
private let systemRename: @Sendable (String, String) -> Int32 = { rename($0, $1) }
private let systemLink: @Sendable (String, String) -> Int32 = { link($0, $1) }
private let systemUnlink: @Sendable (String) -> Int32 = { unlink($0) }
