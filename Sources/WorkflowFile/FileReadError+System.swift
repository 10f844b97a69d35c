package import SystemPackage

#if canImport(Glibc)
internal import Glibc
#elseif canImport(Musl)
internal import Musl
#else
internal import Darwin
#endif

extension FileReadError {
    /// Reads a file of this machine, at most 16 MB of it; for `ReadingContext.read`.
    ///
    /// - Throws: Why it can't be read.
    package static func readFile(_ path: FilePath) throws(FileReadError) -> [UInt8] {
        let limit = 16 << 20
        do {
            let descriptor = try FileDescriptor.open(
                path,
                .readOnly,
                options: [.closeOnExec, .nonBlocking]
            )
            return try descriptor.closeAfter {
                var bytes: [UInt8] = []
                while bytes.count <= limit {
                    let chunk = try [UInt8](unsafeUninitializedCapacity: 65_536) { buffer, count in
                        count = try descriptor.read(into: UnsafeMutableRawBufferPointer(buffer))
                    }
                    if chunk.isEmpty { return bytes }
                    bytes += chunk
                }
                throw FileReadError.tooLarge(limit: limit)
            }
        } catch let error as FileReadError {
            throw error
        } catch let error as Errno {
            throw switch error {
            case .noSuchFileOrDirectory, .notDirectory: .absent
            case .isDirectory: .isFolder
            case .permissionDenied, .notPermitted: .notPermitted
            default: .other(error.description)
            }
        } catch {
            throw .other("\(error)")
        }
    }

    /// Follows every symbolic link of this machine in a path; for `ReadingContext.resolve`.
    ///
    /// - Throws: Why it leads nowhere.
    package static func resolve(_ path: FilePath) throws(FileReadError) -> FilePath {
        guard let real = realpath(path.string, nil) else {
            throw switch Errno(rawValue: errno) {
            case .noSuchFileOrDirectory, .notDirectory: .absent
            case .permissionDenied, .notPermitted: .notPermitted
            case let other: .other(other.description)
            }
        }
        defer { free(real) }
        return FilePath(platformString: real)
    }
}
