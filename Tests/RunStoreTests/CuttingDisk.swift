import Disk
import Synchronization
import SystemPackage

/// The machine's disk under a program that is killed at one of its changes: half of that is done, and nothing after it.
final class CuttingDisk: FolderSystem {
    struct Killed: Error {}
    private let disk = LocalFileSystem()
    /// How many changes are still carried out; negative after the kill.
    private let left: Mutex<Int>

    init(after count: Int) { left = Mutex(count) }

    /// Whether it came to the kill.
    var wasKilled: Bool { left.withLock { $0 < 0 } }

    private func change(
        _ path: FilePath,
        half: () throws(DiskError) -> Void = {},
        _ whole: () throws(DiskError) -> Void
    ) throws(DiskError) {
        let count = left.withLock { count in
            defer { count -= 1 }
            return count
        }
        if count > 0 { return try whole() }
        if count == 0 { try half() }
        throw DiskError(.write, path, .ioError)
    }

    func read(_ path: FilePath) throws(DiskError) -> [UInt8]? { try disk.read(path) }
    func list(_ folder: FilePath) throws(DiskError) -> [String] { try disk.list(folder) }
    func isLeftover(_ name: String) -> Bool { disk.isLeftover(name) }

    func write(_ bytes: [UInt8], to path: FilePath) throws(DiskError) {
        try change(path) { () throws(DiskError) in try disk.write(bytes, to: path) }
    }
    func create(_ path: FilePath, with bytes: [UInt8]) throws(DiskError) -> Bool {
        try disk.create(path, with: bytes)
    }
    func append(_ bytes: [UInt8], to path: FilePath) throws(DiskError) {
        try change(path) { () throws(DiskError) in try disk.append(bytes, to: path) }
    }
    func makeFolder(_ path: FilePath) throws(DiskError) { try disk.makeFolder(path) }
    func move(_ source: FilePath, to target: FilePath) throws(DiskError) {
        try change(source) { () throws(DiskError) in try disk.move(source, to: target) }
    }
    func remove(_ path: FilePath) throws(DiskError) {
        try change(path) { () throws(DiskError) in try disk.remove(path) }
    }
    func link(_ path: FilePath, to target: String) throws(DiskError) {
        try disk.link(path, to: target)
    }
    func entries(of folder: FilePath, below root: FilePath) throws(DiskError) -> [FolderEntry] {
        try disk.entries(of: folder, below: root)
    }
    func removeAll(_ path: FilePath, below root: FilePath, last: String?) throws(DiskError) {
        let names = try disk.entries(of: path, below: root).map(\.name).filter { $0 != last }
        try change(path) { () throws(DiskError) in
            for name in names.prefix((names.count + 1) / 2) {
                try disk.removeAll(path.appending(name), below: root, last: nil)
            }
        } _: { () throws(DiskError) in
            try disk.removeAll(path, below: root, last: last)
        }
    }
    func writeFile(
        _ path: FilePath,
        _ body: (FileDescriptor) async throws -> Void
    ) async throws -> Int {
        try change(path) { () throws(DiskError) in }
        return try await disk.writeFile(path, body)
    }
}
