import Disk
import SystemPackage
import TestSupport

/// One life of the daemon: from its start until it's killed or told to stop.
///
/// Whoever is dead has no effect on the world any more, however its code goes on.
final class Daemon {
    /// What brings its end nearer.
    ///
    /// Most of what it does is of little interest, so that kills at any act alone would seldom come where it counts.
    enum Doom: CaseIterable {
        /// All that it does to the world.
        case anything
        /// What it does beside the disk.
        case acts
        /// What it writes of runs.
        case records
        /// What it writes of which runs are open.
        case entries

        /// After how many of these it's killed at the latest.
        var limit: Int {
            switch self {
            case .anything: 2400
            case .acts: 100
            case .records: 400
            case .entries: 40
            }
        }

        func counts(_ call: DiskCall) -> Bool {
            switch self {
            case .anything: true
            case .acts: false
            case .records: call.path.string.hasPrefix("/state/runs/") || Doom.entries.counts(call)
            case .entries: call.path.string.hasPrefix("/state/open/")
            }
        }
    }

    let number: Int
    private let world: World
    private(set) var isDead = false
    private let doom: Doom?
    /// How many of the things that count it lives for.
    private var left: Int

    /// - Parameters:
    ///   - number: From 1.
    ///   - world: Where it lives.
    ///   - doom: `nil` for one that nobody kills by its acts.
    init(number: Int, world: World, doom: Doom?) {
        self.number = number
        self.world = world
        self.doom = doom
        left = world.chance.int(1...(doom?.limit ?? 1))
    }

    /// One act on the world: killed before it, or right after it, or not at all.
    ///
    /// - Returns: What came of it, or `nil` when it wasn't done.
    func act<Result, Failure>(
        _ what: @autoclosure () -> String,
        _ body: () throws(Failure) -> Result
    ) throws(Failure) -> Result? {
        guard !isDead else { return nil }
        switch doom {
        case .anything, .acts: left -= 1
        case .records, .entries, nil: return try body()
        }
        guard left <= 0 else { return try body() }
        if world.chance.isTrue(1, of: 2) {
            die("killed before \(what())")
            return nil
        }
        let result = try body()
        die("killed right after \(what())")
        return result
    }

    /// What becomes of a call on the disk that changes something.
    func fate(of call: DiskCall) -> MemoryDisk.Fate? {
        guard let doom, doom.counts(call) else { return nil }
        left -= 1
        guard left <= 0 else { return nil }
        let isBefore = world.chance.isTrue(1, of: 2)
        // A file that isn't whole yet has the number of this process in its name, which is no seed's doing.
        let parts = call.path.string.split(separator: ".")
        let name = parts.dropLast(parts.last == "tmp" ? 2 : 0).joined(separator: ".")
        die("killed \(isBefore ? "at" : "right after") \(call.kind.rawValue) \(name)")
        return isBefore ? .die : .dieAfter
    }

    func die(_ how: String) {
        guard !isDead else { return }
        isDead = true
        world.note("daemon \(number) \(how)")
        world.daemonDied()
    }
}

/// The disk as one daemon calls it.
///
/// `@unchecked Sendable`: the simulation has one thread (see `VirtualMachine`).
struct DaemonCalls: DiskCalls, @unchecked Sendable {
    let daemon: Daemon
    let world: World

    private func call<Result>(
        _ body: (MemoryDisk) throws(Errno) -> Result
    ) throws(Errno) -> Result {
        guard !daemon.isDead else { throw .interrupted }
        world.caller = daemon
        defer { world.caller = nil }
        return try body(world.disk)
    }

    func open(_ path: FilePath, _ mode: DiskOpenMode) throws(Errno) -> FileDescriptor {
        try call { disk throws(Errno) in try disk.open(path, mode) }
    }
    func read(_ file: FileDescriptor, limit: Int) throws(Errno) -> [UInt8] {
        try call { disk throws(Errno) in try disk.read(file, limit: limit) }
    }
    func write(_ bytes: [UInt8], to file: FileDescriptor) throws(Errno) {
        try call { disk throws(Errno) in try disk.write(bytes, to: file) }
    }
    func sync(_ file: FileDescriptor) throws(Errno) {
        try call { disk throws(Errno) in try disk.sync(file) }
    }
    func close(_ file: FileDescriptor) throws(Errno) {
        try call { disk throws(Errno) in try disk.close(file) }
    }
    func list(_ folder: FilePath) throws(Errno) -> [String] {
        try call { disk throws(Errno) in try disk.list(folder) }
    }
    func rename(_ source: FilePath, to target: FilePath) throws(Errno) {
        try call { disk throws(Errno) in try disk.rename(source, to: target) }
    }
    func link(_ source: FilePath, as target: FilePath) throws(Errno) {
        try call { disk throws(Errno) in try disk.link(source, as: target) }
    }
    func symbolicLink(_ path: FilePath, to target: String) throws(Errno) {
        try call { disk throws(Errno) in try disk.symbolicLink(path, to: target) }
    }
    func unlink(_ path: FilePath) throws(Errno) {
        try call { disk throws(Errno) in try disk.unlink(path) }
    }
    func makeFolder(_ path: FilePath) throws(Errno) {
        try call { disk throws(Errno) in try disk.makeFolder(path) }
    }
    func isFolder(_ path: FilePath) throws(Errno) -> Bool {
        try call { disk throws(Errno) in try disk.isFolder(path) }
    }
}
