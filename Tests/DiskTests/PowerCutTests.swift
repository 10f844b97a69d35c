import Disk
import Synchronization
import SystemPackage
import TestSupport
import Testing

/// What is on disk after the power went, or a call failed, at whichever call it was.
@Suite struct PowerCutTests {
    /// What somebody does with the disk.
    private enum Act {
        case write(String, [UInt8])
        case create(String, [UInt8])
        case append(String, [UInt8])
        case move(String, String)
        case remove(String)

        /// Any of them, in one of two folders.
        static func random(_ number: Int, _ generator: inout SplitMix64) -> Act {
            let folder = Bool.random(using: &generator) ? "/state/open/" : "/state/runs/ENG-1/1/"
            let name = folder + ["a.json", "b.json"][Int.random(in: 0...1, using: &generator)]
            let count = Int.random(in: 0...40, using: &generator)
            let bytes = Array("<\(number):\(String(repeating: "x", count: count))>\n".utf8)
            return switch Int.random(in: 0...9, using: &generator) {
            case 0...3: .write(name, bytes)
            case 4: .create(name, bytes)
            case 5...6: .append(folder + "log.jsonl", bytes)
            case 7: .move(name, name + ".broken")
            default: .remove(name)
            }
        }

        func `do`(_ disk: LocalFileSystem) throws {
            switch self {
            case .write(let path, let bytes): try disk.write(bytes, to: FilePath(path))
            case .create(let path, let bytes): _ = try disk.create(FilePath(path), with: bytes)
            case .append(let path, let bytes): try disk.append(bytes, to: FilePath(path))
            case .move(let path, let to):
                if try disk.read(FilePath(path)) != nil {
                    try disk.move(FilePath(path), to: FilePath(to))
                }
            case .remove(let path): try disk.remove(FilePath(path))
            }
        }

        /// What becomes of the files when it's done.
        func done(to files: [String: [UInt8]]) -> [String: [UInt8]] {
            var files = files
            switch self {
            case .write(let path, let bytes): files[path] = bytes
            case .create(let path, let bytes): files[path] = files[path] ?? bytes
            case .append(let path, let bytes): files[path, default: []] += bytes
            case .move(let path, let to):
                if let bytes = files.removeValue(forKey: path) { files[to] = bytes }
            case .remove(let path): files[path] = nil
            }
            return files
        }

        var appendedTo: String? { if case .append(let path, _) = self { path } else { nil } }
    }

    private static let folders: [FilePath] = ["/state/open", "/state/runs/ENG-1/1"]

    /// All files there are, but for those that somebody left half-written beside the others.
    private func files(_ disk: LocalFileSystem) throws -> [String: [UInt8]] {
        var files: [String: [UInt8]] = [:]
        for folder in Self.folders {
            for name in try disk.list(folder) where !name.hasSuffix(".tmp") {
                let path = folder.appending(name)
                files[path.string] = try disk.read(path)
            }
        }
        return files
    }

    @Test func `after a power cut each file is as it was before the last act or after it`() throws {
        for seed in 1...1000 {
            var generator = SplitMix64(seed: UInt64(seed))
            let memory = MemoryDisk(seed: UInt64(seed))
            let disk = LocalFileSystem(calls: memory)
            for folder in Self.folders { try disk.makeFolder(folder) }
            let calls = Countdown(Int.random(in: 0...60, using: &generator))
            memory.judge { _ in calls.isOver ? .die : .succeed }
            var before: [String: [UInt8]] = [:]
            var number = 0
            while true {
                number += 1
                let act = Act.random(number, &generator)
                guard (try? act.do(disk)) != nil else {
                    memory.judge { _ in .succeed }
                    memory.losePower()
                    let found = try files(disk)
                    let after = act.done(to: before)
                    guard found != before, found != after else { break }
                    // The last line may be torn.
                    let path = try #require(act.appendedTo, "seed \(seed): \(act)")
                    let (old, new) = (before[path] ?? [], after[path] ?? [])
                    let bytes = try #require(found[path], "seed \(seed): \(act)")
                    #expect(bytes.starts(with: old) && new.starts(with: bytes), "seed \(seed)")
                    before[path] = bytes
                    #expect(found == before, "seed \(seed): \(act)")
                    break
                }
                before = act.done(to: before)
            }
        }
    }

    @Test(arguments: [Errno.noSpace, .ioError, .readOnlyFileSystem, .tooManyOpenFiles])
    func `a call that fails is told, leaves the file as it was, and the next try succeeds`(
        code: Errno
    ) throws {
        let old = Array("old\n".utf8)
        let acts: [Act] = [
            .write("/state/open/a.json", [1, 2]), .create("/state/open/new.json", [3]),
            .append("/state/open/a.json", [4]), .move("/state/open/a.json", "/state/open/b.json"),
            .remove("/state/open/a.json"),
        ]
        for act in acts {
            var failing = 0
            while true {
                let memory = MemoryDisk(seed: 1)
                let disk = LocalFileSystem(calls: memory)
                for folder in Self.folders { try disk.makeFolder(folder) }
                try disk.write(old, to: "/state/open/a.json")
                let before = try files(disk)
                let calls = Countdown(failing)
                memory.judge { calls.isAtEnd($0) ? .fail(code) : .succeed }
                do {
                    try act.do(disk)
                    // The call that failed was only to clear something away, or there were fewer.
                    if !calls.isOver { break }
                } catch {
                    #expect((error as? DiskError)?.code == code, "\(act), call \(failing)")
                }
                memory.judge { _ in .succeed }
                #expect(memory.openFiles == 0, "\(act), call \(failing)")
                let found = try files(disk)
                var added = before
                added["/state/open/a.json"]? += [4]
                #expect(
                    [before, act.done(to: before)].contains(found),
                    "\(act), call \(failing): \(found)"
                )
                let left = try disk.list("/state/open").filter { $0.hasSuffix(".tmp") }
                // What couldn't be cleared away shows by its name what it is.
                let isLeft = calls.last.map {
                    $0.kind == .unlink && $0.path.string.hasSuffix(".tmp")
                }
                #expect(left.isEmpty != (isLeft ?? false), "\(act), call \(failing): \(left)")
                if found == before {
                    try act.do(disk)
                    #expect(try files(disk) == act.done(to: before))
                }
                failing += 1
            }
            #expect(failing > 1, "\(act) makes calls")
        }
    }

    @Test func `a folder that was made is there after a power cut, with those above it`() throws {
        for seed in 1...50 {
            let memory = MemoryDisk(seed: UInt64(seed))
            let disk = LocalFileSystem(calls: memory)
            // Somebody was killed right after the folder was made, before that was synced.
            let calls = Countdown(seed % 10)
            memory.judge { _ in calls.isOver ? .die : .succeed }
            try? disk.makeFolder("/state/runs/ENG-1/1")
            memory.judge { _ in .succeed }
            try disk.makeFolder("/state/runs/ENG-1/1")
            try disk.write([1], to: "/state/runs/ENG-1/1/run.json")
            memory.losePower()
            #expect(try disk.read("/state/runs/ENG-1/1/run.json") == [1], "seed \(seed)")
        }
    }
}

/// Counts calls down.
private final class Countdown: Sendable {
    private let state: Mutex<(left: Int, last: DiskCall?)>

    init(_ calls: Int) { state = Mutex((calls, nil)) }

    /// The call after those that were asked for, once it has come.
    var last: DiskCall? { state.withLock { $0.last } }

    /// Counts one more; whether as many as were asked for had been made before.
    var isOver: Bool {
        state.withLock {
            $0.left -= 1
            return $0.left < 0
        }
    }

    /// Counts one more; whether it's the one after those that were asked for.
    func isAtEnd(_ call: DiskCall) -> Bool {
        state.withLock {
            $0.left -= 1
            guard $0.left == -1 else { return false }
            $0.last = call
            return true
        }
    }
}
