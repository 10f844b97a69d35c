package import SystemPackage

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

extension FileLook {
    /// Looks at a path of this machine; about 2 µs for a file.
    package init(at path: FilePath) {
        var status = stat()
        guard path.withPlatformString({ stat($0, &status) }) == 0 else {
            self = .absent
            return
        }
        guard status.st_mode & S_IFMT == S_IFDIR else {
            #if canImport(Darwin)
            let (modified, changed) = (status.st_mtimespec, status.st_ctimespec)
            #else
            let (modified, changed) = (status.st_mtim, status.st_ctim)
            #endif
            self = .file(
                FileStamp(
                    inode: UInt64(status.st_ino),
                    size: Int64(status.st_size),
                    modified: Self.nanoseconds(modified),
                    changed: Self.nanoseconds(changed)
                )
            )
            return
        }
        self = Self.names(in: path).map { .folder($0) } ?? .absent
    }

    /// The names of a folder's workflow files, sorted; `nil` when it can't be listed.
    private static func names(in folder: FilePath) -> [String]? {
        guard let stream = folder.withPlatformString({ opendir($0) }) else { return nil }
        defer { closedir(stream) }
        var names: [String] = []
        while let entry = readdir(stream) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) {
                $0.withMemoryRebound(to: CChar.self, capacity: Int(NAME_MAX) + 1) {
                    String(cString: $0)
                }
            }
            if ConfigurationFile.isWorkflowFile(name) { names.append(name) }
        }
        return names.sorted()
    }

    private static func nanoseconds(_ time: timespec) -> Int64 {
        Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec)
    }
}
