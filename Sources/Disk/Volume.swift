package import SystemPackage

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

/// The file system that a path is on.
package struct Volume: Equatable, Sendable {
    /// What this user may still write.
    package var freeBytes: Int
    /// The name of a file system whose files another machine keeps, such as `NFS`; `nil` for a disk of this one.
    package var network: String?

    package init(freeBytes: Int, network: String?) {
        self.freeBytes = freeBytes
        self.network = network
    }

    /// What this user may still write where a path is; `nil` where that can't be told.
    package static func freeBytes(at path: FilePath) -> Int? {
        var facts = statvfs()
        guard path.withPlatformString({ statvfs($0, &facts) }) == 0 else { return nil }
        return freeBytes(facts)
    }

    private static func freeBytes(_ facts: statvfs) -> Int {
        let (bytes, isTooMuch) = Int(facts.f_bavail).multipliedReportingOverflow(
            by: Int(facts.f_frsize)
        )
        return isTooMuch ? .max : bytes
    }

    /// - Parameter path: What is there, absolute.
    /// - Throws: `DiskError`.
    package init(of path: FilePath) throws(DiskError) {
        var facts = statvfs()
        let error = path.withPlatformString { statvfs($0, &facts) == 0 ? 0 : errno }
        guard error == 0 else { throw DiskError(.read, path, Errno(rawValue: error)) }
        freeBytes = Self.freeBytes(facts)
        network = Self.network(at: path)
    }

    #if canImport(Darwin)
    private static func network(at path: FilePath) -> String? {
        var facts = statfs()
        guard path.withPlatformString({ statfs($0, &facts) }) == 0,
            facts.f_flags & UInt32(MNT_LOCAL) == 0
        else { return nil }
        return withUnsafeBytes(of: facts.f_fstypename) { bytes in
            String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
        }
    }
    #else
    private static func network(at path: FilePath) -> String? {
        // Where the system doesn't tell, nothing is said.
        let bytes = (try? LocalFileSystem().read("/proc/self/mounts")) ?? nil
        return network(at: path, mounts: String(decoding: bytes ?? [], as: UTF8.self))
    }
    #endif

    /// The network's kind by what Linux lists in `/proc/self/mounts`: device, folder, type, one mount a line.
    static func network(at path: FilePath, mounts: String) -> String? {
        var (depth, found) = (-1, "")
        for line in mounts.split(separator: "\n") {
            let words = line.split(separator: " ")
            guard words.count > 2 else { continue }
            let folder = FilePath(unescaped(words[1]))
            // The last one at a folder hides those before it.
            if path.starts(with: folder), folder.components.count >= depth {
                (depth, found) = (folder.components.count, String(words[2]))
            }
        }
        let kinds = [
            "nfs": "NFS", "nfs4": "NFS", "cifs": "SMB", "smb3": "SMB", "9p": "9P", "ceph": "Ceph",
            "afs": "AFS", "fuse.sshfs": "SSHFS", "glusterfs": "GlusterFS", "lustre": "Lustre",
        ]
        return kinds[found]
    }

    /// Spaces and the like stand as `\\040` there, proc(5).
    private static func unescaped(_ text: Substring) -> String {
        var bytes: [UInt8] = []
        var rest = text.utf8[...]
        while let byte = rest.popFirst() {
            let digits = rest.prefix(3)
            if byte == UInt8(ascii: "\\"), digits.count == 3,
                let number = UInt8(String(decoding: digits, as: UTF8.self), radix: 8)
            {
                bytes.append(number)
                rest = rest.dropFirst(3)
            } else {
                bytes.append(byte)
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}

extension FilePath {
    /// Whether this user may write there; false, too, for what isn't there.
    package var isWritable: Bool { withPlatformString { access($0, W_OK) == 0 } }

    /// Whether it belongs to the user that this process runs as; `nil` when it can't be looked at.
    package var isOwn: Bool? { owner(of: self).map { $0 == geteuid() } }

    /// Takes a folder of this user's own away from everybody else (0700).
    ///
    /// - Throws: `DiskError`.
    package func makePrivate() throws(DiskError) {
        guard withPlatformString({ chmod($0, 0o700) }) == 0 else {
            throw DiskError(.make, self, Errno(rawValue: errno))
        }
    }
}

private func owner(of path: FilePath) -> uid_t? {
    var facts = stat()
    guard path.withPlatformString({ stat($0, &facts) }) == 0 else { return nil }
    return facts.st_uid
}
