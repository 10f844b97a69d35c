import CProcess
import SystemPackage

/// An open descriptor of this process that no other program inherits.
struct File: Hashable, Sendable {
    let number: Int32

    private var descriptor: FileDescriptor { FileDescriptor(rawValue: number) }

    /// - Throws: `ProcessTreeError.fileRefused`.
    static func open(_ path: FilePath, _ mode: FileDescriptor.AccessMode) throws -> File {
        try refusing(path) { try FileDescriptor.open(path, mode, options: [.closeOnExec]) }
    }

    /// Created for its owner alone where it is missing.
    ///
    /// - Throws: `ProcessTreeError.fileRefused`.
    static func openForAppending(_ path: FilePath) throws -> File {
        try refusing(path) {
            try FileDescriptor.open(
                path,
                .writeOnly,
                options: [.append, .create, .closeOnExec],
                permissions: [.ownerReadWrite]
            )
        }
    }

    /// Created where it is missing; what it holds is kept.
    ///
    /// - Throws: `ProcessTreeError.fileRefused`.
    static func openForLocking(_ path: FilePath) throws -> File {
        try refusing(path) {
            try FileDescriptor.open(
                path,
                .readWrite,
                options: [.create, .closeOnExec],
                permissions: [.ownerReadWrite]
            )
        }
    }

    /// Why a folder can't be entered, if so.
    static func problem(withFolder path: FilePath) -> Errno? {
        do {
            let folder = try FileDescriptor.open(
                path,
                .readOnly,
                options: [.directory, .closeOnExec]
            )
            // Nothing was written: a close that complains loses nothing.
            try? folder.close()
            return nil
        } catch let error as Errno {
            return error
        } catch {
            return .ioError
        }
    }

    /// A descriptor that was only read, or whose bytes nobody misses.
    func close() { linecook_close(number) }

    /// What can be read now, at most `limit` bytes; empty at the end.
    ///
    /// - Throws: `Errno`, such as `.resourceTemporarilyUnavailable` where nothing is there yet.
    func read(upTo limit: Int) throws -> [UInt8] {
        try unsafe [UInt8](unsafeUninitializedCapacity: limit) { buffer, count in
            count = unsafe try descriptor.read(into: UnsafeMutableRawBufferPointer(buffer))
        }
    }

    /// Replaces all that the file holds.
    ///
    /// - Throws: `Errno`.
    func replaceContent(by text: String) throws {
        try descriptor.resize(to: 0)
        try descriptor.writeAll(toAbsoluteOffset: 0, text.utf8)
    }

    /// Which of the files can be read, or are at their end; waits so long for one (`nil`: for ever).
    static func readable(_ files: [File], within milliseconds: Int64?) -> [File] {
        let numbers = files.map(\.number)
        var isReady = [Bool](repeating: false, count: files.count)
        unsafe linecook_wait(numbers, numbers.count, milliseconds ?? -1, &isReady)
        return zip(files, isReady).filter(\.1).map(\.0)
    }

    private static func refusing(
        _ path: FilePath,
        _ open: () throws -> FileDescriptor
    ) throws -> File {
        do {
            return File(number: try open().rawValue)
        } catch let error as Errno {
            throw ProcessTreeError.fileRefused(path, error)
        }
    }
}
