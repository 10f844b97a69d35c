import Disk
import SystemPackage
import Testing

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif
#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif

// A class, so that its folder goes when a test is over.
@Suite final class LocalFileSystemTests {
    private let disk = LocalFileSystem()
    private let folder: FilePath

    init() throws {
        folder = FilePath("/tmp/linecook-disk-\(UUID().uuidString)")
        try disk.makeFolder(folder)
    }

    deinit { try? FileManager.default.removeItem(atPath: folder.string) }

    @Test func `a file is replaced whole and leaves nothing beside it`() throws {
        let path = folder.appending("a/b/run.json")
        try disk.makeFolder(path.removingLastComponent())
        try disk.write(Array("one".utf8), to: path)
        try disk.write(Array("two".utf8), to: path)
        #expect(try disk.read(path) == Array("two".utf8))
        #expect(try disk.list(path.removingLastComponent()) == ["run.json"])
    }

    @Test func `a file that must be new is refused when it's there`() throws {
        let path = folder.appending("1.json")
        #expect(try disk.create(path, with: Array("one".utf8)))
        #expect(try disk.create(path, with: Array("two".utf8)) == false)
        #expect(try disk.read(path) == Array("one".utf8))
        #expect(try disk.list(folder) == ["1.json"])
    }

    @Test func `files and folders are private to the user`() throws {
        let path = folder.appending("private/run.json")
        try disk.makeFolder(path.removingLastComponent())
        try disk.write([1], to: path)
        var status = stat()
        #expect(stat(path.string, &status) == 0 && status.st_mode & 0o777 == 0o600)
        #expect(
            stat(path.removingLastComponent().string, &status) == 0
                && status.st_mode & 0o777 == 0o700
        )
    }

    @Test func `lines are added at the end`() throws {
        let path = folder.appending("history.jsonl")
        try disk.append(Array("one\n".utf8), to: path)
        try disk.append(Array("two\n".utf8), to: path)
        #expect(try disk.read(path) == Array("one\ntwo\n".utf8))
    }

    @Test func `what is missing is no error to read, list or remove`() throws {
        #expect(try disk.read(folder.appending("none")) == nil)
        #expect(try disk.list(folder.appending("none")) == [])
        try disk.remove(folder.appending("none"))
    }

    @Test func `an error names the file and the cause`() throws {
        let path = folder.appending("missing/run.json")
        let error = #expect(throws: DiskError.self) { try disk.write([], to: path) }
        #expect(
            error?.description == "\(path): can't write it: No such file or directory"
        )
    }

    @Test func `a link is replaced`() throws {
        let path = folder.appending("latest")
        try disk.link(path, to: "1")
        try disk.link(path, to: "2")
        try disk.makeFolder(folder.appending("2"))
        try disk.write([7], to: folder.appending("2/x"))
        #expect(try disk.read(path.appending("x")) == [7])
    }
}
