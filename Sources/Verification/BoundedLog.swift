package import Domain
package import SystemPackage

/// A file that takes any amount of output and keeps its beginning and its end.
///
/// The beginning is on the disk as it comes; the end of what is too much waits in memory until
/// `close()`, with a line before it that says how much is missing.
package struct BoundedLog: ~Copyable {
    private let file: FileDescriptor
    private var cover: SecretCover?
    private var room: Int
    private let tailLimit: Int
    private var tail: [UInt8] = []
    private var leftOut = 0
    private var recent: [UInt8] = []
    private static let recentLimit = 16 << 10

    /// Creates the file, or takes the one that is there.
    ///
    /// - Parameters:
    ///   - path: In a folder that is there.
    ///   - limitInBytes: Of both ends together; an eighth of it is for the end, 1 MB at most.
    ///   - goesOn: Whether what is in the file stays; else it's emptied.
    ///   - cover: Covers the secrets of the program that writes.
    /// - Throws: `Errno`.
    package init(
        _ path: FilePath,
        limitInBytes: Int = LimitSettings.standardOutput,
        goesOn: Bool = false,
        cover: SecretCover? = nil
    ) throws {
        let file = try FileDescriptor.open(
            path,
            .writeOnly,
            options: goesOn ? [.create, .closeOnExec] : [.create, .truncate, .closeOnExec],
            permissions: [.ownerReadWrite]
        )
        var written = 0
        if goesOn {
            do { written = try Int(file.seek(offset: 0, from: .end)) } catch {
                try? file.close()
                throw error
            }
        }
        self.file = file
        self.cover = cover
        // It waits in memory, whatever the limit is.
        tailLimit = min(limitInBytes / 8, 1_000_000)
        room = max(0, limitInBytes - tailLimit - written)
    }

    /// The last 16 KB at most.
    package var end: [UInt8] { recent.suffix(Self.recentLimit) }

    /// Adds bytes as they are, but for secrets.
    ///
    /// - Throws: `Errno`, such as for a full disk.
    package mutating func append(_ bytes: [UInt8]) throws {
        try add(cover?.take(bytes) ?? bytes)
    }

    private mutating func add(_ bytes: [UInt8]) throws {
        let head = bytes.prefix(room)
        if !head.isEmpty {
            try file.writeAll(head)
            room -= head.count
        }
        tail += bytes.dropFirst(head.count)
        // Cut back seldom, so that each byte is moved about once.
        if tail.count > 2 * tailLimit {
            leftOut += tail.count - tailLimit
            tail.removeFirst(tail.count - tailLimit)
        }
        recent += bytes.suffix(Self.recentLimit)
        if recent.count > 2 * Self.recentLimit {
            recent.removeFirst(recent.count - Self.recentLimit)
        }
    }

    /// Writes what waits in memory and closes the file.
    ///
    /// - Throws: `Errno`.
    package consuming func close() throws {
        if let rest = cover?.finish() { try add(rest) }
        let missing = leftOut + max(0, tail.count - tailLimit)
        try file.closeAfter {
            if missing > 0 {
                try file.writeAll("\n\n[… \(missing) bytes left out …]\n\n".utf8)
            }
            try file.writeAll(tail.suffix(tailLimit))
        }
    }
}
