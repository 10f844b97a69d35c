import SystemPackage
import Testing
import WorkflowFile

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// When a change of a file counts.
@Suite struct FileWatchTests {
    private let path = FilePath("/w/site.yml")
    private let other = FilePath("/w/other.yml")

    private func stamp(_ version: Int, size: Int = 100) -> FileLook {
        .file(
            FileStamp(
                inode: 1,
                size: Int64(size),
                modified: Int64(version),
                changed: Int64(version)
            )
        )
    }

    /// A watch that knows version 1 of the file.
    private func settled() -> FileWatch {
        var watch = FileWatch()
        _ = watch.handle([path: stamp(1)], at: .zero)
        _ = watch.handle([path: stamp(1)], at: .seconds(1))
        return watch
    }

    private func look(_ watch: inout FileWatch, _ look: FileLook, _ milliseconds: Int) -> Bool {
        let changed = watch.handle([path: look], at: .milliseconds(milliseconds))
        #expect(changed.isSubset(of: [path]))
        return !changed.isEmpty
    }

    @Test func `a file that is looked at for the first time counts as changed once it's at rest`() {
        var watch = FileWatch()
        #expect(!look(&watch, stamp(1), 0))
        #expect(!watch.isAtRest(path))
        #expect(look(&watch, stamp(1), 200))
        #expect(watch.isAtRest(path))
        #expect(!look(&watch, stamp(1), 950))
    }

    @Test func `a change counts at the second look that shows it, and once`() {
        var watch = settled()
        #expect(!look(&watch, stamp(2), 2000))
        #expect(watch[path] == stamp(1))
        #expect(!watch.isAtRest(path))
        #expect(look(&watch, stamp(2), 2200))
        #expect(watch[path] == stamp(2))
        #expect(!look(&watch, stamp(2), 2400))
    }

    @Test func `two looks that are too close to each other prove nothing`() {
        var watch = settled()
        #expect(!look(&watch, stamp(2), 2000))
        #expect(!look(&watch, stamp(2), 2199))
        #expect(look(&watch, stamp(2), 2200))
    }

    @Test func `a file that is still being written counts when it's done`() {
        var watch = settled()
        for step in 0..<10 {
            #expect(!look(&watch, stamp(2 + step, size: step), 2000 + 200 * step))
        }
        #expect(look(&watch, stamp(11, size: 9), 4000))
    }

    @Test func `a file that is gone or empty for a moment was neither removed nor emptied`() {
        for gap in [FileLook.absent, stamp(2, size: 0)] {
            var watch = settled()
            #expect(!look(&watch, gap, 2000))
            #expect(!look(&watch, stamp(3), 2200))
            #expect(watch[path] == stamp(1))
            #expect(look(&watch, stamp(3), 2400))
        }
    }

    @Test func `a file that is still gone at the second look is gone`() {
        var watch = settled()
        #expect(!look(&watch, .absent, 2000))
        #expect(look(&watch, .absent, 2200))
        #expect(watch[path] == .absent)
    }

    @Test func `a file that is put back as it was has not changed`() {
        var watch = settled()
        #expect(!look(&watch, .absent, 2000))
        #expect(!look(&watch, stamp(1), 2200))
        #expect(watch.isAtRest(path))
    }

    @Test(arguments: [
        FileStamp(inode: 2, size: 100, modified: 1, changed: 1),
        FileStamp(inode: 1, size: 101, modified: 1, changed: 1),
        FileStamp(inode: 1, size: 100, modified: 2, changed: 1),
        FileStamp(inode: 1, size: 100, modified: 1, changed: 2),
    ])
    func `each part of the stamp shows a change`(stamp: FileStamp) {
        var watch = settled()
        #expect(!look(&watch, .file(stamp), 2000))
        #expect(look(&watch, .file(stamp), 2200))
    }

    @Test func `files come to rest by themselves, whatever the others do`() {
        var watch = FileWatch()
        let restless: (Int) -> FileLook = { self.stamp($0) }
        _ = watch.handle([path: stamp(1), other: restless(1)], at: .zero)
        let changed = watch.handle([path: stamp(1), other: restless(2)], at: .seconds(1))
        #expect(changed == [path])
        #expect(watch.isAtRest(path) && !watch.isAtRest(other))
    }

    @Test func `a folder whose list of workflows changes has changed`() {
        var watch = FileWatch()
        _ = watch.handle([path: .folder(["a.yml"])], at: .zero)
        _ = watch.handle([path: .folder(["a.yml"])], at: .seconds(1))
        #expect(!look(&watch, .folder(["a.yml", "b.yml"]), 2000))
        #expect(look(&watch, .folder(["a.yml", "b.yml"]), 2200))
    }

    @Test func `what isn't watched any more is forgotten`() {
        var watch = settled()
        _ = look(&watch, stamp(2), 2000)
        watch.keep(only: [other])
        #expect(watch[path] == nil)
        #expect(watch.nextLook(after: .seconds(2)) == .seconds(2) + FileWatch.interval)
    }

    @Test func `a change counts within a second of the save, with time left to read it`() {
        var watch = settled()
        // Saved just after a look.
        var now = watch.nextLook(after: .seconds(1))
        #expect(watch.handle([path: stamp(2)], at: now) == [])
        now = watch.nextLook(after: now)
        #expect(watch.handle([path: stamp(2)], at: now) == [path])
        #expect(now - .seconds(1) <= .seconds(1))
        // A file that it names for the first time has to come to rest too.
        #expect(now + FileWatch.rest - .seconds(1) < .milliseconds(1500))
    }
}

/// What a look at real files shows.
@Suite struct FileLookTests {
    private func withFolder(_ body: (FilePath) throws -> Void) throws {
        let folder = FilePath("/tmp/linecook-look-\(UUID().uuidString)")
        try FileManager.default.createDirectory(
            atPath: folder.string,
            withIntermediateDirectories: true
        )
        defer { try? FileManager.default.removeItem(atPath: folder.string) }
        try body(folder)
    }

    private func write(_ text: String, to path: FilePath, by options: Data.WritingOptions = [])
        throws
    {
        try Data(text.utf8).write(to: URL(filePath: path.string), options: options)
    }

    @Test func `a save by rename with the same size, and one in place, look different`() throws {
        try withFolder { folder in
            let file = folder.appending("a.yml")
            try write("one", to: file)
            let first = FileLook(at: file)
            #expect(first == FileLook(at: file))
            try write("two", to: file, by: .atomic)
            let second = FileLook(at: file)
            #expect(first != second)
            // The clock of the file system's stamps is coarse; another inode needn't wait for it.
            guard case .file(let old) = first, case .file(let new) = second else {
                Issue.record("\(first), \(second)")
                return
            }
            #expect(old.inode != new.inode && new.size == 3)
            try write("three", to: file)
            #expect(second != FileLook(at: file))
        }
    }

    @Test func `a folder shows its workflow files only`() throws {
        try withFolder { folder in
            for name in ["b.yml", "a.yaml", ".c.yml", "a.yml~", "b.yml.swp", "notes.md"] {
                try write("x", to: folder.appending(name))
            }
            #expect(FileLook(at: folder) == .folder(["a.yaml", "b.yml"]))
        }
    }

    @Test func `what isn't there is absent`() throws {
        try withFolder { folder in
            #expect(FileLook(at: folder.appending("a.yml")) == .absent)
            #expect(FileLook(at: folder.appending("a/b.yml")) == .absent)
        }
    }
}
