import SystemPackage

/// What a call of git reads: a file that has no name any more.
///
/// Not a pipe: a git that ends before it has read all would raise a signal that ends this process,
/// and one that puts out before it has read all would wait for us while we wait for it.
struct GitInput {
    /// At the start of the file; belongs to who asked for it.
    let descriptor: FileDescriptor

    /// - Parameters:
    ///   - bytes: All that is read.
    ///   - folder: Where the file stands for a moment.
    /// - Throws: `Errno`, as when the disk is full.
    init(_ bytes: [UInt8], in folder: FilePath) throws {
        descriptor = try Self.file(in: folder)
        do {
            try descriptor.writeAll(bytes)
            try descriptor.seek(offset: 0, from: .start)
        } catch {
            try? descriptor.close()  // nothing of it is kept
            throw error
        }
    }

    private static func file(in folder: FilePath) throws -> FileDescriptor {
        var number = 0
        while true {
            let path = folder.appending("linecook-input.\(processID()).\(number)")
            do {
                let descriptor = try FileDescriptor.open(
                    path,
                    .readWrite,
                    options: [.create, .exclusiveCreate, .closeOnExec],
                    permissions: [.ownerReadWrite]
                )
                remove(path)
                return descriptor
            } catch Errno.fileExists where number < 1000 {
                number += 1  // another task's, or left by a process that died
            }
        }
    }
}
