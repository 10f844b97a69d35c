import Disk
import SystemPackage

/// A disk that can be full or fail, and from which nothing is lost that it took.
final class MemoryDisk {
    /// What it does with a write.
    enum Mood {
        case well
        case full
        /// One write in so many fails.
        case flaky(Int)
    }
    var mood = Mood.well
    private(set) var files: [FilePath: [UInt8]] = [:]
    private var links: [FilePath: String] = [:]
    private var children: [FilePath: Set<String>] = [:]
    private var generator: SplitMix

    init(seed: UInt64) { generator = SplitMix(seed ^ 0xD15C) }

    func read(_ path: FilePath) -> [UInt8]? { files[path] }

    func write(_ bytes: [UInt8], to path: FilePath) throws(DiskError) {
        try mayWrite(.write, path)
        put(bytes, at: path)
    }

    func append(_ bytes: [UInt8], to path: FilePath) throws(DiskError) {
        try mayWrite(.write, path)
        put((files[path] ?? []) + bytes, at: path)
    }

    /// What is left of an addition whose writer was killed in the middle of it.
    func appendPart(of bytes: [UInt8], to path: FilePath) {
        let count = Int.random(in: 0...bytes.count, using: &generator)
        put((files[path] ?? []) + bytes.prefix(count), at: path)
    }

    func list(_ folder: FilePath) -> [String] { (children[folder] ?? []).sorted() }

    func makeFolder(_ path: FilePath) throws(DiskError) {
        guard children[path] == nil else { return }
        try mayWrite(.make, path)
        enter(path)
        children[path] = []
    }

    func move(_ source: FilePath, to target: FilePath) throws(DiskError) {
        try mayWrite(.move, source)
        guard let bytes = files[source] else { return }
        remove(source)
        put(bytes, at: target)
    }

    func remove(_ path: FilePath) {
        files[path] = nil
        guard let name = path.lastComponent?.string else { return }
        children[path.removingLastComponent()]?.remove(name)
    }

    func link(_ path: FilePath, to target: String) throws(DiskError) {
        try mayWrite(.link, path)
        if links.updateValue(target, forKey: path) == nil { enter(path) }
    }

    private func put(_ bytes: [UInt8], at path: FilePath) {
        if files.updateValue(bytes, forKey: path) == nil { enter(path) }
    }

    private func enter(_ path: FilePath) {
        guard let name = path.lastComponent?.string else { return }
        let folder = path.removingLastComponent()
        if children[folder] == nil, folder.lastComponent != nil { enter(folder) }
        children[folder, default: []].insert(name)
    }

    private func mayWrite(_ action: DiskError.Action, _ path: FilePath) throws(DiskError) {
        switch mood {
        case .well: return
        case .full: throw DiskError(action, path, .noSpace)
        case .flaky(let times):
            if Int.random(in: 0..<times, using: &generator) == 0 {
                throw DiskError(action, path, .ioError)
            }
        }
    }
}
