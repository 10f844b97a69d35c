import Git
import SystemPackage
import Testing

@testable import Git

@Suite(.serialized) struct DifferenceTests {
    @Test func `paths, modes and lines of a difference are told, whatever the names`() async throws
    {
        try await Workshop.run { workshop in
            let (worktree, base) = try await workshop.worktree("FRE-1")
            let script = """
                printf 'a\\nb\\n' > 'tab\t"x"' && printf 'a' > 'two
                lines' && chmod +x README.md && rm .gitignore && printf 'a\\0b' > binary
                """
            try await workshop.shell(script, in: worktree.path)
            _ = try await worktree.commitAll(message: "Work")
            let changes = try await workshop.repository()
                .changes(from: base, to: try await worktree.tip())
            let told = changes.map {
                "\($0.path) \($0.old?.mode ?? "-") \($0.new?.mode ?? "-") +\($0.insertions) -\($0.deletions)"
            }
            #expect(
                told == [
                    ".gitignore 100644 - +0 -2", "README.md 100644 100755 +0 -0",
                    "binary - 100644 +0 -0", "tab\t\"x\" - 100644 +2 -0",
                    "two\nlines - 100644 +1 -0",
                ]
            )
            #expect(changes.map(\.isOfModeOnly) == [false, true, false, false, false])
        }
    }

    @Test func `a difference is read in pieces of any size`() {
        let text = """
            diff --git a/3 b/3
            index 1..2 100644
            --- a/3
            +++ b/3
            @@ -1,2 +1 @@ @@ -9,9 +9,9 @@
            -@@ -1 +1 @@
            -b
            \\ No newline at end of file
            +c
            \\ No newline at end of file
            @@ -9,0 +10,2 @@
            +diff --git a/4 b/4
            +
            diff --git a/5 b/5
            Binary files a/5 and b/5 differ
            diff --git a/6 b/6
            @@ -1,3 +0,0 @@
            -x
            -y
            -z
            diff --git a/7 b/7
            @@ -0,0 +1 @@
            +x
            """
        for size in [1, 2, 3, 7, 64, 4096] {
            var reader = HunkReader()
            let bytes = Array((text + "\n").utf8)
            for start in stride(from: 0, to: bytes.count, by: size) {
                reader.take(Array(bytes[start..<min(start + size, bytes.count)]))
            }
            #expect(reader.ranges == [3: [1..<2, 10..<12], 7: [1..<2]], "pieces of \(size)")
        }
    }
}
