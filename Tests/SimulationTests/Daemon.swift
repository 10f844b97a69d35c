import Disk
import SystemPackage

/// One life of the daemon: from its start until it's killed or told to stop.
///
/// Whoever is dead has no effect on the world any more, however its code goes on.
final class Daemon {
    let number: Int
    private let world: World
    private(set) var isDead = false
    /// How many acts on the world it lives for; `nil` when nobody kills it.
    private var actsLeft: Int?

    init(number: Int, world: World, actsLeft: Int?) {
        self.number = number
        self.world = world
        self.actsLeft = actsLeft
    }

    /// One act on the world: killed before it, or right after it, or not at all.
    ///
    /// - Returns: What came of it, or `nil` when it wasn't done.
    func act<Result, Failure>(
        _ what: @autoclosure () -> String,
        _ body: () throws(Failure) -> Result
    ) throws(Failure) -> Result? {
        guard !isDead else { return nil }
        guard let left = actsLeft else { return try body() }
        actsLeft = left - 1
        guard left <= 1 else { return try body() }
        if world.chance.isTrue(1, of: 2) {
            die("killed before \(what())")
            return nil
        }
        let result = try body()
        die("killed right after \(what())")
        return result
    }

    func die(_ how: String) {
        guard !isDead else { return }
        isDead = true
        world.note("daemon \(number) \(how)")
        world.daemonDied()
    }
}

/// The disk as one daemon sees it.
///
/// `@unchecked Sendable`: the simulation has one thread (see `VirtualMachine`).
struct DaemonDisk: FileSystem, @unchecked Sendable {
    let daemon: Daemon
    let disk: MemoryDisk

    func read(_ path: FilePath) throws(DiskError) -> [UInt8]? {
        guard !daemon.isDead else { throw DiskError(.read, path, .interrupted) }
        return disk.read(path)
    }

    func list(_ folder: FilePath) throws(DiskError) -> [String] {
        guard !daemon.isDead else { throw DiskError(.list, folder, .interrupted) }
        return disk.list(folder)
    }

    func write(_ bytes: [UInt8], to path: FilePath) throws(DiskError) {
        try act(.write, path) { () throws(DiskError) in try disk.write(bytes, to: path) }
    }

    func create(_ path: FilePath, with bytes: [UInt8]) throws(DiskError) -> Bool {
        if try read(path) != nil { return false }
        try write(bytes, to: path)
        return true
    }

    func append(_ bytes: [UInt8], to path: FilePath) throws(DiskError) {
        let wasAlive = !daemon.isDead
        do {
            try act(.write, path) { () throws(DiskError) in try disk.append(bytes, to: path) }
        } catch {
            if wasAlive, daemon.isDead { disk.appendPart(of: bytes, to: path) }
            throw error
        }
    }

    func makeFolder(_ path: FilePath) throws(DiskError) {
        try act(.make, path) { () throws(DiskError) in try disk.makeFolder(path) }
    }

    func move(_ source: FilePath, to target: FilePath) throws(DiskError) {
        try act(.move, source) { () throws(DiskError) in try disk.move(source, to: target) }
    }

    func remove(_ path: FilePath) throws(DiskError) {
        try act(.remove, path) { () throws(DiskError) in disk.remove(path) }
    }

    func link(_ path: FilePath, to target: String) throws(DiskError) {
        try act(.link, path) { () throws(DiskError) in try disk.link(path, to: target) }
    }

    private func act(
        _ action: DiskError.Action,
        _ path: FilePath,
        _ body: () throws(DiskError) -> Void
    ) throws(DiskError) {
        let done: Void? = try daemon.act("\(action.rawValue) \(path)", body)
        if done == nil { throw DiskError(action, path, .interrupted) }
    }
}
