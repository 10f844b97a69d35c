package import Disk
import Synchronization
package import SystemPackage

/// A disk in memory that can be full or fail at any call, and that loses at a power cut what wasn't synced.
///
/// It's as hard as POSIX allows it to be, but for one thing: renames are whole, and a folder's changes are kept in
/// their order, as every file system with a journal has it.
package final class MemoryDisk: DiskCalls, Sendable {
    /// What becomes of a call.
    package enum Fate: Sendable {
        case succeed
        case fail(Errno)
        /// The caller is killed before the call or, of a write, in the middle of it.
        case die
        /// The caller is killed once it's done.
        case dieAfter
    }
    private let state: Mutex<State>

    package init(seed: UInt64) {
        state = Mutex(State(generator: SplitMix64(seed: seed ^ 0xD15C)))
    }

    /// Decides on each call; the words say which it is, and whether it changes anything.
    package func judge(_ judge: @escaping @Sendable (DiskCall) -> Fate) {
        state.withLock { $0.judge = judge }
    }

    /// How many files are open.
    package var openFiles: Int { state.withLock { $0.open.count } }

    /// The power goes: what wasn't synced is there, or partly, or not.
    package func losePower() { state.withLock { $0.losePower() } }

    /// Who had files open has died.
    package func closeAll() { state.withLock { $0.open = [:] } }

    // MARK: Calls

    package func open(_ path: FilePath, _ mode: DiskOpenMode) throws(Errno) -> FileDescriptor {
        try call(DiskCall(.open, path, mutates: mode == .replace || mode == .append)) {
            state throws(Errno) in try state.open(path, mode)
        }
    }

    package func read(_ file: FileDescriptor, limit: Int) throws(Errno) -> [UInt8] {
        try call(DiskCall(.read, path(of: file), mutates: false)) { state throws(Errno) in
            try state.read(file, limit)
        }
    }

    package func write(_ bytes: [UInt8], to file: FileDescriptor) throws(Errno) {
        try call(
            DiskCall(.write, path(of: file), mutates: true),
            partly: { $0.writePart(of: bytes, to: file) },
            { state throws(Errno) in try state.write(bytes, to: file) }
        )
    }

    package func sync(_ file: FileDescriptor) throws(Errno) {
        try call(DiskCall(.sync, path(of: file), mutates: true)) { state throws(Errno) in
            try state.sync(file)
        }
    }

    package func close(_ file: FileDescriptor) throws(Errno) {
        // Whatever it says, the file is closed.
        defer { state.withLock { _ = $0.open.removeValue(forKey: file.rawValue) } }
        try call(DiskCall(.close, path(of: file), mutates: false)) { _ throws(Errno) in }
    }

    package func list(_ folder: FilePath) throws(Errno) -> [String] {
        try call(DiskCall(.list, folder, mutates: false)) { state throws(Errno) in
            Array(try state.folder(folder).names.keys)
        }
    }

    package func rename(_ source: FilePath, to target: FilePath) throws(Errno) {
        try call(DiskCall(.rename, source, mutates: true)) { state throws(Errno) in
            try state.rename(source, to: target)
        }
    }

    package func link(_ source: FilePath, as target: FilePath) throws(Errno) {
        try call(DiskCall(.link, target, mutates: true)) { state throws(Errno) in
            try state.link(source, as: target)
        }
    }

    package func symbolicLink(_ path: FilePath, to target: String) throws(Errno) {
        try call(DiskCall(.link, path, mutates: true)) { state throws(Errno) in
            try state.make(.link(target), path)
        }
    }

    package func unlink(_ path: FilePath) throws(Errno) {
        try call(DiskCall(.unlink, path, mutates: true)) { state throws(Errno) in
            try state.unlink(path)
        }
    }

    package func makeFolder(_ path: FilePath) throws(Errno) {
        try call(DiskCall(.makeFolder, path, mutates: true)) { state throws(Errno) in
            try state.make(.folder(Folder()), path)
        }
    }

    package func isFolder(_ path: FilePath) throws(Errno) -> Bool {
        try call(DiskCall(.look, path, mutates: false)) { state throws(Errno) in
            if case .folder = try state.node(path) { true } else { false }
        }
    }

    private func path(of file: FileDescriptor) -> FilePath {
        state.withLock { $0.open[file.rawValue]?.path ?? "" }
    }

    private func call<Result: Sendable>(
        _ call: DiskCall,
        partly: (inout State) -> Void = { _ in },
        _ body: (inout State) throws(Errno) -> Result
    ) throws(Errno) -> Result {
        // Outside of the lock: who decides may look at the disk.
        let judge = state.withLock { $0.judge }
        let fate = judge(call)
        let result = state.withLock { state -> Swift.Result<Result, Errno> in
            switch fate {
            case .fail(let code): return .failure(code)
            case .die:
                partly(&state)
                return .failure(.interrupted)
            case .succeed, .dieAfter:
                do throws(Errno) { return .success(try body(&state)) } catch {
                    return .failure(error)
                }
            }
        }
        if case .dieAfter = fate { throw .interrupted }
        return try result.get()
    }
}

/// One call on a disk.
package struct DiskCall: Sendable, CustomStringConvertible {
    package enum Kind: String, Sendable {
        case open, read, write, sync, close, list, rename, link, unlink, makeFolder, look
    }
    package var kind: Kind
    package var path: FilePath
    /// Whether something of it stays on the disk.
    package var mutates: Bool

    init(_ kind: Kind, _ path: FilePath, mutates: Bool) {
        self.kind = kind
        self.path = path
        self.mutates = mutates
    }

    package var description: String { "\(kind.rawValue) \(path)" }
}

// MARK: What is on it

private final class Folder {
    /// The nodes that its names stand for.
    var names: [String: Int] = [:]
    /// As it's sure to be after a power cut.
    var syncedNames: [String: Int] = [:]
    /// What has changed since, in order: the names that each change touched.
    var changes: [[(name: String, node: Int?)]] = []
    /// The nodes that lost a name by these changes.
    var dropped: Set<Int> = []
}

private final class File {
    var bytes: [UInt8] = []
    /// As it's sure to be after a power cut.
    var syncedBytes: [UInt8] = []
}

private enum Node {
    case file(File)
    case folder(Folder)
    case link(String)
}

private struct State {
    struct Opened {
        var node: Int
        var path: FilePath
        var place: Int
    }
    var judge: @Sendable (DiskCall) -> MemoryDisk.Fate = { _ in .succeed }
    var open: [Int32: Opened] = [:]
    private var opened: Int32 = 2
    private var nodes: [Int: Node] = [0: .folder(Folder())]
    /// The folders that were found; none is ever removed, but by a power cut.
    private var folders: [String: Int] = ["/": 0]
    private var made = 0
    private var generator: SplitMix64

    init(generator: SplitMix64) { self.generator = generator }

    // MARK: Names

    private mutating func number(_ path: String) throws(Errno) -> Int {
        if let known = folders[path] { return known }
        let (folder, name) = Self.parts(of: path)
        let parent = try number(folder)
        guard case .folder(let folder)? = nodes[parent] else { throw .notDirectory }
        guard let number = folder.names[name] else { throw .noSuchFileOrDirectory }
        if case .folder? = nodes[number] { folders[path] = number }
        return number
    }

    /// The folder and the name in it. (A `FilePath` takes a debug build a tenth of a millisecond to take apart.)
    private static func parts(of path: String) -> (folder: String, name: String) {
        let slash = path.utf8.lastIndex(of: UInt8(ascii: "/")) ?? path.startIndex
        let name = String(path[slash...].dropFirst())
        return (slash == path.startIndex ? "/" : String(path[..<slash]), name)
    }

    mutating func node(_ path: FilePath) throws(Errno) -> Node {
        guard let node = nodes[try number(path.string)] else { throw .noSuchFileOrDirectory }
        return node
    }

    mutating func folder(_ path: FilePath) throws(Errno) -> Folder {
        guard case .folder(let folder) = try node(path) else { throw .notDirectory }
        return folder
    }

    private mutating func change(
        _ path: String,
        _ names: [(name: String, node: Int?)]
    ) throws(Errno) {
        guard case .folder(let folder)? = nodes[try number(path)] else { throw .notDirectory }
        for (name, node) in names {
            if let old = folder.names[name] { folder.dropped.insert(old) }
            folder.names[name] = node
        }
        folder.changes.append(names)
    }

    mutating func make(_ node: Node, _ path: FilePath) throws(Errno) {
        let path = path.string
        if (try? number(path)) != nil { throw .fileExists }
        let (folder, name) = Self.parts(of: path)
        guard case .folder? = nodes[try number(folder)] else { throw .notDirectory }
        made += 1
        nodes[made] = node
        try change(folder, [(name, made)])
    }

    mutating func rename(_ source: FilePath, to target: FilePath) throws(Errno) {
        let number = try number(source.string)
        let (from, old) = Self.parts(of: source.string)
        let (into, new) = Self.parts(of: target.string)
        if from == into {
            try change(from, [(old, nil), (new, number)])
        } else {
            try change(into, [(new, number)])
            try change(from, [(old, nil)])
            // What has gone to another folder isn't to be cleared away with this one's changes.
            if case .folder(let folder)? = nodes[try self.number(from)] {
                folder.dropped.remove(number)
            }
        }
    }

    mutating func link(_ source: FilePath, as target: FilePath) throws(Errno) {
        let number = try number(source.string)
        if (try? self.number(target.string)) != nil { throw .fileExists }
        let (folder, name) = Self.parts(of: target.string)
        try change(folder, [(name, number)])
    }

    mutating func unlink(_ path: FilePath) throws(Errno) {
        if case .folder = try node(path) { throw .isDirectory }
        let (folder, name) = Self.parts(of: path.string)
        try change(folder, [(name, nil)])
    }

    // MARK: Contents

    mutating func open(_ path: FilePath, _ mode: DiskOpenMode) throws(Errno) -> FileDescriptor {
        let known = try? number(path.string)
        if known == nil {
            guard mode == .replace || mode == .append else { throw .noSuchFileOrDirectory }
            try make(.file(File()), path)
        }
        let number = if let known { known } else { try self.number(path.string) }
        switch nodes[number] {
        case .file(let file):
            if mode == .folder { throw .notDirectory }
            if mode == .replace { file.bytes = [] }
        case .folder: if mode != .folder, mode != .read { throw .isDirectory }
        case .link, nil: throw .tooManySymbolicLinkLevels
        }
        opened += 1
        open[opened] = Opened(node: number, path: path, place: 0)
        return FileDescriptor(rawValue: opened)
    }

    mutating func read(_ file: FileDescriptor, _ limit: Int) throws(Errno) -> [UInt8] {
        guard var opened = open[file.rawValue] else { throw .badFileDescriptor }
        guard case .file(let contents)? = nodes[opened.node] else { throw .isDirectory }
        let part = contents.bytes.dropFirst(opened.place).prefix(limit)
        opened.place += part.count
        open[file.rawValue] = opened
        return Array(part)
    }

    mutating func write(_ bytes: [UInt8], to file: FileDescriptor) throws(Errno) {
        guard let opened = open[file.rawValue] else { throw .badFileDescriptor }
        guard case .file(let contents)? = nodes[opened.node] else { throw .isDirectory }
        contents.bytes += bytes
    }

    mutating func writePart(of bytes: [UInt8], to file: FileDescriptor) {
        let count = Int.random(in: 0...bytes.count, using: &generator)
        try? write(Array(bytes.prefix(count)), to: file)
    }

    mutating func sync(_ file: FileDescriptor) throws(Errno) {
        guard let opened = open[file.rawValue] else { throw .badFileDescriptor }
        switch nodes[opened.node] {
        case .file(let file): file.syncedBytes = file.bytes
        case .folder(let folder):
            folder.syncedNames = folder.names
            folder.changes = []
            for node in folder.dropped where !folder.names.values.contains(node) {
                nodes[node] = nil
            }
            folder.dropped = []
        case .link, nil: throw .badFileDescriptor
        }
    }

    // MARK: Power

    mutating func losePower() {
        open = [:]
        folders = ["/": 0]
        for number in nodes.keys.sorted() {
            switch nodes[number] {
            case .file(let file):
                file.bytes = remains(of: file)
                file.syncedBytes = file.bytes
            case .folder(let folder):
                let kept = Int.random(in: 0...folder.changes.count, using: &generator)
                folder.names = folder.syncedNames
                for change in folder.changes.prefix(kept) {
                    for (name, node) in change { folder.names[name] = node }
                }
                folder.syncedNames = folder.names
                folder.changes = []
                folder.dropped = []
            case .link, nil: break
            }
        }
    }

    private mutating func remains(of file: File) -> [UInt8] {
        guard file.bytes != file.syncedBytes else { return file.bytes }
        // An addition may be there in part, what was emptied may still be there.
        let isAddition = file.bytes.starts(with: file.syncedBytes)
        if !isAddition, Bool.random(using: &generator) { return file.syncedBytes }
        let sure = isAddition ? file.syncedBytes.count : 0
        let count = Int.random(in: sure...file.bytes.count, using: &generator)
        return Array(file.bytes.prefix(count))
    }
}

/// Records on a disk in memory, by the calls that `LocalFileSystem` makes for them.
///
/// Lines are added by the same calls too: what locks them against other processes is the real disk's alone.
package struct MemoryFiles: FileSystem {
    private let files: LocalFileSystem

    package init(calls: any DiskCalls) { files = LocalFileSystem(calls: calls) }

    package func read(_ path: FilePath) throws(DiskError) -> [UInt8]? { try files.read(path) }
    package func list(_ folder: FilePath) throws(DiskError) -> [String] { try files.list(folder) }
    package func write(_ bytes: [UInt8], to path: FilePath) throws(DiskError) {
        try files.write(bytes, to: path)
    }
    package func create(_ path: FilePath, with bytes: [UInt8]) throws(DiskError) -> Bool {
        try files.create(path, with: bytes)
    }
    package func append(_ bytes: [UInt8], to path: FilePath) throws(DiskError) {
        try files.append(bytes, to: path)
    }
    package func makeFolder(_ path: FilePath) throws(DiskError) { try files.makeFolder(path) }
    package func move(_ source: FilePath, to target: FilePath) throws(DiskError) {
        try files.move(source, to: target)
    }
    package func remove(_ path: FilePath) throws(DiskError) { try files.remove(path) }
    package func link(_ path: FilePath, to target: String) throws(DiskError) {
        try files.link(path, to: target)
    }

    /// Who writes to it is dead whenever somebody looks for leftovers.
    package func isLeftover(_ name: String) -> Bool { name.hasSuffix(".tmp") }
}
