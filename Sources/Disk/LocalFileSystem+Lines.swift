package import SystemPackage

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

extension LocalFileSystem {
    package func appendLine(_ line: [UInt8], to path: FilePath) throws(DiskError) {
        do {
            try Self.withLockedFile(path) { file in
                let end = try file.seek(offset: 0, from: .end)
                var bytes = line + [UInt8(ascii: "\n")]
                if end > 0, try Self.bytes(of: file, end - 1..<end) != [UInt8(ascii: "\n")] {
                    bytes.insert(UInt8(ascii: "\n"), at: 0)
                }
                try file.writeAll(bytes)
                guard fsync(file.rawValue) == 0 else { throw Errno(rawValue: errno) }
                if end == 0 { try syncFolder(of: path) }
            }
        } catch {
            throw (error as? DiskError) ?? Self.error(error, .write, path)
        }
    }

    package func readLinesFromEnd(
        of path: FilePath,
        _ take: ([UInt8]) -> Bool
    ) throws(DiskError) -> Bool {
        do {
            let file = try FileDescriptor.open(path, .readOnly, options: .closeOnExec)
            return try file.closeAfter {
                var start = try file.seek(offset: 0, from: .end)
                // What of a line was read already; its beginning is further in front.
                var rest: [UInt8] = []
                while start > 0 {
                    let front = max(0, start - Self.pieceLength)
                    var bytes = try Self.bytes(of: file, front..<start) + rest
                    start = front
                    while let end = bytes.lastIndex(of: UInt8(ascii: "\n")) {
                        let line = Array(bytes[(end + 1)...])
                        bytes.removeSubrange(end...)
                        if !line.isEmpty, !take(line) { return false }
                    }
                    rest = bytes
                }
                return rest.isEmpty || take(rest)
            }
        } catch Errno.noSuchFileOrDirectory, Errno.notDirectory {
            return true
        } catch {
            throw DiskError(.read, path, error as? Errno ?? .ioError)
        }
    }

    package func rewrite(
        _ path: FilePath,
        _ change: ([UInt8]) -> [UInt8]?
    ) throws(DiskError) {
        do {
            try Self.withLockedFile(path) { file in
                let size = try file.seek(offset: 0, from: .end)
                let found = try Self.bytes(of: file, 0..<size)
                guard let bytes = change(found) ?? (found.isEmpty ? [] : nil) else { return }
                if bytes.isEmpty { try remove(path) } else { try write(bytes, to: path) }
            }
        } catch let error as DiskError {
            throw error
        } catch {
            throw DiskError(.write, path, error as? Errno ?? .ioError)
        }
    }

    /// How much of a file is read at once from its end.
    private static var pieceLength: Int64 { 1 << 16 }

    /// Opens the file, made where it's missing, and holds its lock meanwhile.
    ///
    /// The lock goes with the file that it's on: who has waited for it while the file was replaced opens the new one.
    private static func withLockedFile(
        _ path: FilePath,
        _ body: (FileDescriptor) throws -> Void
    ) throws {
        while true {
            let file = try FileDescriptor.open(
                path,
                .readWrite,
                options: [.append, .create, .closeOnExec],
                permissions: [.ownerReadWrite]
            )
            // The lock goes with the descriptor.
            defer { try? file.close() }
            while flock(file.rawValue, LOCK_EX) != 0 {
                guard errno == EINTR else { throw Errno(rawValue: errno) }
            }
            var own = stat()
            var named = stat()
            guard fstat(file.rawValue, &own) == 0 else { throw Errno(rawValue: errno) }
            guard stat(path.string, &named) == 0, own.st_ino == named.st_ino,
                own.st_dev == named.st_dev
            else { continue }
            return try body(file)
        }
    }

    private static func bytes(of file: FileDescriptor, _ range: Range<Int64>) throws -> [UInt8] {
        try [UInt8](unsafeUninitializedCapacity: range.count) { buffer, count in
            while count < range.count {
                let read = try file.read(
                    fromAbsoluteOffset: range.lowerBound + Int64(count),
                    into: UnsafeMutableRawBufferPointer(
                        rebasing: UnsafeMutableRawBufferPointer(buffer)[count...]
                    )
                )
                if read == 0 { return }
                count += read
            }
        }
    }
}
