import Git
import SystemPackage
import Testing

@Suite(.serialized) struct FilesTests {
    private func contents(of files: [TreeFile], in repository: Repository) async throws
        -> [String: [UInt8]]
    {
        var contents: [String: [UInt8]] = [:]
        let left = try await repository.read(blobs: files.map(\.blob)) { contents[$0] = $1 }
        #expect(left.isEmpty)
        return contents
    }

    @Test func `files of any name and content are listed and read`() async throws {
        try await Workshop.run { workshop in
            let commit = try await workshop.shell(
                """
                cd repository
                : > empty && printf 'a\\000\\377\\n\\n' > binary && head -c 300000 /dev/zero > zeros
                mkdir -p 'größe 日本' && echo name > 'größe 日本/new
                line' && echo run > tool && chmod +x tool && ln -s tool link
                git -c protocol.file.allow=always submodule --quiet add ../remote.git module
                : > "$(printf 'not UTF-8 \\377')"
                git add . && git commit -q -m Files && git rev-parse HEAD
                """
            )
            // However many files there are.
            _ = try await workshop.repository().fetchBase()
            let repository = try workshop.repository(limits: GitLimits(outputInBytes: 100))
            let files = try await repository.files(at: commit)
            #expect(
                files.map(\.path) == [
                    ".gitignore", ".gitmodules", "README.md", "binary", "empty",
                    "größe 日本/new\nline", "tool", "zeros",
                ]
            )
            #expect(try await repository.sizes(of: files.map(\.blob)).count == files.count)
            let contents = try await contents(of: files, in: repository)
            for file in files { #expect(contents[file.blob]?.count == file.size) }
            let byPath = Dictionary(
                uniqueKeysWithValues: files.map { ($0.path, contents[$0.blob]) }
            )
            #expect(byPath["binary"] == [0x61, 0, 0xFF, 0x0A, 0x0A])
            #expect(byPath["empty"] == [])
            #expect(byPath["größe 日本/new\nline"] == Array("name\n".utf8))
        }
    }

    @Test func `what isn't there, is no file or is too long is named and spares the others`()
        async throws
    {
        try await Workshop.run { workshop in
            let repository = try workshop.repository()
            let commit = try await repository.fetchBase()
            let files = try await repository.files(at: commit)
            let readme = try #require(files.first { $0.path == "README.md" }?.blob)
            let ignore = try #require(files.first { $0.path == ".gitignore" }?.blob)
            let missing = String(repeating: "0123456789", count: 4)
            var read: [String] = []
            let left = try await repository.read(
                blobs: [missing, ignore, commit, readme, "HEAD:README.md", ignore],
                limitInBytes: 13
            ) { hash, _ in read.append(hash) }
            #expect(read == [ignore, ignore])
            #expect(left == ["HEAD:README.md", missing, commit, readme])
            #expect(try await repository.read(blobs: [commit]) { _, _ in } == [commit])
        }
    }

    @Test func `a partial clone lists and reads what it has, and fetches nothing`() async throws {
        try await Workshop.run { workshop in
            try await workshop.shell(
                """
                git -C remote.git config uploadpack.allowFilter true
                rm -rf repository
                git clone -q --no-checkout --filter=blob:none "file://$PWD/remote.git" repository
                """
            )
            let commit = try await workshop.repository().fetchBase()
            let repository = try workshop.repository(limits: GitLimits(outputInBytes: 80))
            try await workshop.shell("git -C repository cat-file -p \(commit):README.md")
            let files = try await repository.files(at: commit)
            #expect(files.map(\.path) == [".gitignore", "README.md"])
            #expect(files.map(\.size) == [nil, 14])
            var read: [String] = []
            let left = try await repository.read(blobs: files.map(\.blob)) { hash, _ in
                read.append(hash)
            }
            #expect(left == [files[0].blob])
            let sizes = try await repository.sizes(of: files.map(\.blob))
            #expect(sizes == [files[1].blob: 14])
            #expect(read == [files[1].blob])
        }
    }

    @Test func `reading ends with the error of who reads, and when its time is up`() async throws {
        struct Enough: Error {}
        try await Workshop.run { workshop in
            let commit = try await workshop.shell(
                "cd repository && seq 1 90000 > big && git add . && git commit -q -m x"
                    + " && git rev-parse HEAD"
            )
            let repository = try workshop.repository()
            let blobs = try await repository.files(at: commit).map(\.blob)
            let many = Array(repeating: blobs, count: 50).flatMap { $0 }
            await #expect(throws: Enough.self) {
                try await repository.read(blobs: many) { _, _ in throw Enough() }
            }
            let hasty = try workshop.repository(limits: GitLimits(checkout: .zero))
            let error = await #expect(throws: GitError.self) {
                try await hasty.read(blobs: many) { _, _ in }
            }
            guard case .timedOut = error else {
                Issue.record("\(String(describing: error))")
                return
            }
        }
    }
}
