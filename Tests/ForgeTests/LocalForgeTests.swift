import Disk
import Domain
import Forge
import SystemPackage
import Testing

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

@Suite struct LocalForgeTests {
    /// A folder of its own for each test, below one that is made when it's missing.
    private func withFolder(_ work: (FilePath) async throws -> Void) async throws {
        let root = FileManager.default.temporaryDirectory
            .appending(path: "linecook-forge-\(UUID().uuidString)")
        // What is left behind lies in the temporary folder.
        defer { try? FileManager.default.removeItem(at: root) }
        try await work(FilePath(root.path).appending("forge").appending("pulls"))
    }

    /// Each call is what another process would do: nothing is kept in memory.
    private func forge(_ folder: FilePath) -> LocalForge {
        LocalForge(folder: folder, files: LocalFileSystem(), time: StoppedClock())
    }

    private func write(_ text: String, _ name: String, _ folder: FilePath) throws {
        try LocalFileSystem().makeFolder(folder)
        try LocalFileSystem().write(Array(text.utf8), to: folder.appending(name))
    }

    @Test func `a record reads from top to bottom`() async throws {
        try await withFolder { folder in
            let opened = try await forge(folder).open(
                proposal(labels: ["agent"], reviewers: ["ada"])
            )
            #expect(opened.pullRequest.url == "linecook://pulls/1")
            try forge(folder).markMerged(
                1,
                commit: "bbb",
                at: Date(timeIntervalSince1970: 1_700_000_060),
                by: "you"
            )
            let bytes = try #require(try LocalFileSystem().read(folder.appending("1.json")))
            #expect(
                String(decoding: bytes, as: UTF8.self) == """
                    {
                      "schema": 1,
                      "number": 1,
                      "state": "merged",
                      "draft": false,
                      "title": "FRE-1: A thing",
                      "ticket": "FRE-1",
                      "head": "feature/FRE-1-x",
                      "base": "main",
                      "head_commit": "aaa",
                      "url": "linecook://pulls/1",
                      "created": "2023-11-14T22:13:20.000Z",
                      "updated": "2023-11-14T22:14:20.000Z",
                      "merged": {
                        "at": "2023-11-14T22:14:20.000Z",
                        "commit": "bbb",
                        "by": "you"
                      },
                      "closed": null,
                      "labels": [
                        "agent"
                      ],
                      "reviewers": [
                        "ada"
                      ],
                      "body": "Done."
                    }

                    """
            )
        }
    }

    @Test func `many at once get a number each, and one branch gets one record`() async throws {
        try await withFolder { folder in
            let numbers = try await withThrowingTaskGroup(of: (String, Int).self) { group in
                for index in 0..<40 {
                    let head = "feature/\(index % 10)"
                    let forge = forge(folder)
                    group.addTask { @concurrent in
                        (head, try await forge.open(proposal(head: head)).pullRequest.number)
                    }
                }
                var numbers: [String: Set<Int>] = [:]
                for try await (head, number) in group { numbers[head, default: []].insert(number) }
                return numbers
            }
            #expect(numbers.values.allSatisfy { $0.count == 1 })
            #expect(Set(numbers.values.joined()) == Set(1...10))
            #expect(try forge(folder).list().pulls.map(\.number) == Array(1...10))
        }
    }

    @Test func `an open one takes the newer text and commit and keeps its number`() async throws {
        try await withFolder { folder in
            _ = try await forge(folder).open(proposal())
            let again = try await forge(folder).open(proposal(commit: "bbb", body: "More."))
            #expect(again.wasFound)
            let record = try forge(folder).record(1)
            #expect(record.headCommit == "bbb")
            #expect(record.body == "More.")
        }
    }

    @Test func `an open one is aimed at another base, one decided upon isn't`() async throws {
        try await withFolder { folder in
            _ = try await forge(folder).open(proposal(base: "linecook/FRE-61"))
            for _ in 1...2 {
                #expect(try await forge(folder).retarget(1, to: "main").state == .open)
                #expect(try forge(folder).record(1).base == "main")
            }
            #expect(try forge(folder).record(1).body == "Done.")
            _ = try await forge(folder).open(proposal(base: "linecook/FRE-62"))
            #expect(try forge(folder).record(1).base == "linecook/FRE-62")
            try forge(folder).markMerged(1, commit: "bbb", at: .distantPast, by: "you")
            #expect(try await forge(folder).retarget(1, to: "main").state == .merged)
            #expect(try forge(folder).record(1).base == "linecook/FRE-62")
            await #expect(throws: ForgeError.noPullRequest(2, place: folder.string)) {
                try await forge(folder).retarget(2, to: "main")
            }
        }
    }

    @Test func `one decided upon is taken at its commit and followed by a new one after it`()
        async throws
    {
        try await withFolder { folder in
            _ = try await forge(folder).open(proposal())
            try forge(folder).markClosed(1, at: .distantPast)
            #expect(try await forge(folder).open(proposal()).pullRequest.state == .closed)
            let next = try await forge(folder).open(proposal(commit: "bbb"))
            #expect(next.pullRequest.number == 2)
            #expect(
                try await forge(folder).states(of: [1, 2, 3]).mapValues(\.state) == [
                    1: .closed, 2: .open,
                ]
            )
        }
    }

    @Test func `a decision is final, and the same one may be recorded twice`() async throws {
        try await withFolder { folder in
            _ = try await forge(folder).open(proposal())
            try forge(folder).markMerged(1, commit: "bbb", at: .distantPast, by: "you")
            try forge(folder).markMerged(1, commit: "bbb", at: .distantFuture, by: "auto")
            #expect(try forge(folder).record(1).merged?.by == "you")
            let error = #expect(throws: ForgeError.self) {
                try forge(folder).markClosed(1, at: .distantPast)
            }
            #expect(error?.description == "pull request #1 is merged already")
            #expect(throws: ForgeError.noPullRequest(2, place: folder.string)) {
                try forge(folder).markClosed(2, at: .distantPast)
            }
        }
    }

    @Test func `a broken record is named, keeps its number, and holds only its own branch`()
        async throws
    {
        try await withFolder { folder in
            try write(#"{"schema": 1, "number": 3, "head": "feature/FRE-1-x", "#, "3.json", folder)
            try write("", "7.json.broken-2026-11-23", folder)
            let error = await #expect(throws: ForgeError.self) {
                try await forge(folder).open(proposal())
            }
            #expect(
                error?.description
                    == "\(folder)/3.json: can't be read: it isn't valid JSON; mend it, or move it out of"
                    + " the folder"
            )
            let other = try await forge(folder).open(proposal(head: "feature/other"))
            #expect(other.pullRequest.number == 8)
            let listing = try forge(folder).list()
            #expect(listing.pulls.map(\.number) == [8])
            #expect(listing.problems == [error])
        }
    }

    @Test func `a record of a newer program is refused and left as it is`() async throws {
        try await withFolder { folder in
            let text = #"{"schema": 2, "head": "feature/FRE-1-x"}"#
            try write(text, "1.json", folder)
            let error = await #expect(throws: ForgeError.self) {
                try await forge(folder).open(proposal())
            }
            #expect(
                error?.description
                    == "\(folder)/1.json: written by a newer linecook (schema 2); use that one"
            )
            #expect(try LocalFileSystem().read(folder.appending("1.json")) == Array(text.utf8))
        }
    }
}
