import Disk
import SystemPackage

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

/// Keeps processes, and tasks of one process, from changing a folder's records at the same time.
enum FolderLock {
    /// Runs `work` while nobody else does so for this folder.
    ///
    /// Waits for its turn, which is short, as the work is on a few small files. The system frees the lock
    /// of a process that dies.
    static func withLock<Value>(
        on folder: FilePath,
        _ work: () throws(ForgeError) -> Value
    ) throws(ForgeError) -> Value {
        let path = folder.appending(".lock")
        let file: FileDescriptor
        do {
            file = try FileDescriptor.open(
                path,
                .readWrite,
                options: [.create, .closeOnExec],
                permissions: [.ownerReadWrite]
            )
        } catch {
            throw .disk(DiskError(.write, path, error as? Errno ?? .ioError))
        }
        defer { try? file.close() }  // closing frees the lock; there is no data to lose
        while flock(file.rawValue, LOCK_EX) != 0 {
            let code = Errno(rawValue: errno)
            guard code == .interrupted else { throw .disk(DiskError(.write, path, code)) }
        }
        return try work()
    }
}
