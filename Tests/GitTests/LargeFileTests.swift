import Domain
import Git
import SystemPackage
import Testing

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

private let hasLargeFileProgram: Bool = {
    let path = ProcessInfo.processInfo.environment["PATH"] ?? "/usr/bin:/bin"
    return path.split(separator: ":").contains {
        FileManager.default.isExecutableFile(atPath: "\($0)/git-lfs")
    }
}()

/// Files that git-lfs keeps beside git, by the program itself and a remote that is a folder.
@Suite(.serialized, .enabled(if: hasLargeFileProgram, "git-lfs isn't installed"))
struct LargeFileTests {
    /// A remote whose `main` has `a.bin` by git-lfs, and a clone without its contents.
    private static func run(_ body: (Workshop) async throws -> Void) async throws {
        try await Workshop.run { workshop in
            try await workshop.shell(
                """
                export GIT_CONFIG_GLOBAL="$PWD/global"
                git lfs install --skip-repo >/dev/null
                cd seed && git remote add origin ../remote.git
                git lfs track '*.bin' >/dev/null && echo contents > a.bin
                git add . && git commit -q -m 'A large file' && git push -q origin main
                rm -rf ../repository && git lfs uninstall --skip-repo >/dev/null
                GIT_LFS_SKIP_SMUDGE=1 git clone -q ../remote.git ../repository
                """
            )
            try await body(workshop)
        }
    }

    /// What somebody finds who clones a branch of the remote, with the contents.
    private static func cloned(_ branch: String, _ workshop: Workshop) async throws -> String {
        try await workshop.shell(
            """
            export GIT_CONFIG_GLOBAL="$PWD/global"
            git lfs install --skip-repo >/dev/null
            rm -rf fresh && git clone -q -b '\(branch)' "file://$PWD/remote.git" fresh
            cat fresh/*.bin
            """
        )
    }

    /// A worktree by somebody whose own settings are in the file `global`.
    private static func worktree(
        _ workshop: Workshop,
        _ environment: [String: String] = [:]
    ) async throws -> (worktree: Worktree, base: String) {
        let global = ["GIT_CONFIG_GLOBAL": workshop.root.appending("global").string]
        let repository = try workshop.repository(
            environment: global.merging(environment) { $1 }
        )
        let base = try await repository.fetchBase()
        let branch = try BranchName("linecook/FRE-1")
        let place = workshop.place("FRE-1")
        return (try await repository.worktree(at: place, branch: branch, from: base), base)
    }

    /// The same worktree where there is git and no git-lfs.
    private static func lacking(_ workshop: Workshop, _ worktree: Worktree) async throws -> Worktree
    {
        try await workshop.shell("mkdir bin && ln -s \"$(command -v git)\" bin/git")
        let repository = try workshop.repository(environment: [
            "GIT_CONFIG_GLOBAL": workshop.root.appending("global").string,
            "PATH": workshop.root.appending("bin").string,
        ])
        return try #require(
            try repository.existingWorktree(at: worktree.path, branch: worktree.branch)
        )
    }

    @Test(arguments: ["", "--local"])
    func `an agent's large files arrive on the remote, committed by it or left uncommitted`(
        scope: String
    ) async throws {
        try await Self.run { workshop in
            let install = "export GIT_CONFIG_GLOBAL='\(workshop.root)/global'; git lfs install"
            try await workshop.shell("\(install) --skip-repo \(scope)", in: workshop.clone)
            let (worktree, base) = try await Self.worktree(workshop)
            #expect(try await workshop.shell("cat a.bin", in: worktree.path) == "contents")
            #expect(try await !worktree.hasChanges(since: base))
            try await workshop.shell(
                """
                export GIT_CONFIG_GLOBAL='\(workshop.root)/global'
                echo changed > a.bin; git commit -qam Mine; echo new > b.bin
                """,
                in: worktree.path
            )
            #expect(try await worktree.commitAll(message: "Work") != nil)
            #expect(try await worktree.summary(since: base).files == 2)
            #expect(try await worktree.push() == .pushed(try await worktree.tip()))
            let pointers = try await workshop.shell(
                "git -C remote.git grep -c oid linecook/FRE-1 -- '*.bin'"
            )
            #expect(pointers == "linecook/FRE-1:a.bin:1\nlinecook/FRE-1:b.bin:1")
            #expect(try await Self.cloned("linecook/FRE-1", workshop) == "changed\nnew")
            #expect(try await worktree.push() == .upToDate(try await worktree.tip()))
            #expect(try await worktree.repository.unheededSettings() == [])
            let removal = try await worktree.repository.removeWorktree(
                at: worktree.path,
                branch: worktree.branch
            )
            #expect(removal == .removed)
        }
    }

    @Test func `who wants pointers gets pointers, and work beside them is delivered`()
        async throws
    {
        try await Self.run { workshop in
            try await workshop.shell(
                """
                git lfs install --local --skip-smudge
                git remote set-url origin ../remote.git
                """,
                in: workshop.clone
            )
            let (worktree, base) = try await workshop.worktree("FRE-1")
            let text = try await workshop.shell("head -1 a.bin", in: worktree.path)
            #expect(text == "version https://git-lfs.github.com/spec/v1")
            #expect(try await !worktree.hasChanges(since: base))
            try await workshop.shell("echo work > work; echo new > b.bin", in: worktree.path)
            _ = try await worktree.commitAll(message: "Work")
            #expect(try await worktree.summary(since: base).files == 2)
            #expect(try await worktree.push() == .pushed(try await worktree.tip()))
            #expect(try await Self.cloned("linecook/FRE-1", workshop) == "contents\nnew")
        }
    }

    @Test func `a variable of the caller's asks for pointers too`() async throws {
        try await Self.run { workshop in
            try await workshop.shell("git lfs install --local", in: workshop.clone)
            let (worktree, _) = try await Self.worktree(workshop, ["GIT_LFS_SKIP_SMUDGE": "1"])
            let text = try await workshop.shell("head -1 a.bin", in: worktree.path)
            #expect(text == "version https://git-lfs.github.com/spec/v1")
        }
    }

    @Test func `a clone by address holds the contents and delivers`() async throws {
        try await Self.run { workshop in
            try await workshop.shell(
                """
                rm -rf repository && git init -q --bare repository && cd repository
                git remote add origin '\(workshop.root)/remote.git'
                git lfs install --local --skip-repo
                """
            )
            let (worktree, _) = try await workshop.worktree("FRE-1")
            #expect(try await workshop.shell("cat a.bin", in: worktree.path) == "contents")
            try await workshop.shell("echo changed > a.bin", in: worktree.path)
            _ = try await worktree.commitAll(message: "Work")
            #expect(try await worktree.push() == .pushed(try await worktree.tip()))
            #expect(try await Self.cloned("linecook/FRE-1", workshop) == "changed")
        }
    }

    @Test func `what an agent sets for git-lfs runs nothing and sends nothing elsewhere`()
        async throws
    {
        try await Self.run { workshop in
            try await workshop.shell("git lfs install --local", in: workshop.clone)
            let (worktree, _) = try await workshop.worktree("FRE-1")
            try await workshop.shell(
                """
                printf '#!/bin/sh\\necho "$0 $*" >> "%s/ran"\\n' '\(workshop.root)' > trap
                chmod +x trap && git init -q --bare elsewhere.git
                cd '\(worktree.path)'
                for key in lfs.customtransfer.trap.path lfs.extension.trap.clean \\
                    lfs.extension.trap.smudge filter.lfs.clean filter.lfs.process; do
                    git config $key "'\(workshop.root)/trap'"
                done
                git config lfs.extension.trap.priority 0
                git config lfs.standalonetransferagent trap
                git config lfs.https://example.com/.access basic
                git config lfs.https://example.com/.locksverify false
                git config lfs.repositoryformatversion 0
                git config lfs.url 'file://\(workshop.root)/elsewhere.git'
                git config lfs.storage '\(workshop.root)/storage'
                printf '[lfs]\\n\\turl = %s\\n\\tpushurl = %s\\n' \\
                    'file://\(workshop.root)/elsewhere.git' \\
                    'file://\(workshop.root)/elsewhere.git' > .lfsconfig
                cp .lfsconfig '\(workshop.root)/repository'
                echo changed > a.bin
                """
            )
            _ = try await worktree.commitAll(message: "Work")
            // The clone itself may have been left on any branch.
            try await workshop.shell(
                "git symbolic-ref HEAD refs/heads/linecook/FRE-1",
                in: workshop.clone
            )
            let (again, _) = try await workshop.worktree("FRE-1")
            #expect(try await again.push() == .pushed(try await again.tip()))
            #expect(try await workshop.shell("cat ran 2>/dev/null || echo none") == "none")
            #expect(
                try await workshop.shell("ls -d elsewhere.git/lfs storage 2>/dev/null || true")
                    == ""
            )
            let objects = try await workshop.shell(
                "git -C remote.git show linecook/FRE-1:a.bin | sed -n 's/^oid sha256://p'"
            )
            #expect(
                try await workshop.shell("cat remote.git/lfs/objects/*/*/\(objects)") == "changed"
            )
            let unheeded = try await again.repository.unheededSettings()
            #expect(unheeded.contains("lfs.url") && unheeded.contains("lfs.storage"))
            // What git-lfs itself writes down is no news.
            let own = [".access", ".locksverify", ".repositoryformatversion"]
            #expect(!unheeded.contains { name in own.contains { name.hasSuffix($0) } })
        }
    }

    @Test func `the base's own settings say where large files go`() async throws {
        try await Self.run { workshop in
            try await workshop.shell("git lfs install --local", in: workshop.clone)
            try await workshop.shell(
                """
                git init -q --bare store.git && mkdir store.git/lfs
                cp -R remote.git/lfs/objects store.git/lfs
                """
            )
            try await workshop.push(
                ".lfsconfig",
                "[lfs]\n\turl = \"file://\(workshop.root)/store.git\"",
                to: "main"
            )
            let (worktree, _) = try await workshop.worktree("FRE-1")
            try await workshop.shell("echo changed > a.bin", in: worktree.path)
            _ = try await worktree.commitAll(message: "Work")
            #expect(try await worktree.push() == .pushed(try await worktree.tip()))
            let count = "find lfs/objects -type f | wc -l | tr -d ' '"
            #expect(try await workshop.shell("cd store.git && \(count)") == "2")
            #expect(try await workshop.shell("cd remote.git && \(count)") == "1")
        }
    }

    // Not with a push: with this setting, git-lfs takes its own folder for that of a remote which is one.
    @Test(arguments: ["repository", "global"])
    func `large files may be kept in a folder of the user's choice`(scope: String) async throws {
        try await Self.run { workshop in
            let file = scope == "global" ? "../global" : ".git/config"
            try await workshop.shell(
                """
                git lfs install --local --skip-smudge --skip-repo
                git config --file \(file) lfs.storage ../../large
                """,
                in: workshop.clone
            )
            let (worktree, _) = try await Self.worktree(workshop)
            try await workshop.shell("echo changed > a.bin", in: worktree.path)
            _ = try await worktree.commitAll(message: "Work")
            #expect(try await workshop.shell("cat large/objects/*/*/*") == "changed")
            #expect(try await worktree.repository.unheededSettings() == [])
            let lacking = try await Self.lacking(workshop, worktree)
            let objects = workshop.root.appending("large/objects")
            await #expect(throws: GitError.noLargeFileProgram(objects)) {
                try await lacking.push()
            }
        }
    }

    @Test func `a push without the program says what to install, and leaves the remote alone`()
        async throws
    {
        try await Self.run { workshop in
            try await workshop.shell("git lfs install --local", in: workshop.clone)
            let (worktree, _) = try await workshop.worktree("FRE-1")
            try await workshop.shell("echo changed > a.bin", in: worktree.path)
            _ = try await worktree.commitAll(message: "Work")
            let lacking = try await Self.lacking(workshop, worktree)
            let objects = workshop.clone.appending(".git/lfs/objects")
            let error = GitError.noLargeFileProgram(objects)
            await #expect(throws: error) { try await lacking.push() }
            #expect(
                error.description
                    == "\(objects): holds what git-lfs keeps, and there is no 'git-lfs' to push it with;"
                    + " install git-lfs, or delete this folder when nothing in it is needed"
            )
            #expect(try await worktree.repository.remoteHead(worktree.branch) == nil)
        }
    }

    @Test func `large files that can't be pushed keep back the commit that needs them`()
        async throws
    {
        try await Self.run { workshop in
            try await workshop.shell("git lfs install --local", in: workshop.clone)
            let (worktree, _) = try await workshop.worktree("FRE-1")
            try await workshop.shell("echo changed > a.bin", in: worktree.path)
            _ = try await worktree.commitAll(message: "Work")
            try await workshop.shell(
                "cd .git/lfs/objects && rm -r * && mkdir aa",
                in: workshop.clone
            )
            await #expect(throws: GitError.self) { try await worktree.push() }
            #expect(try await worktree.repository.remoteHead(worktree.branch) == nil)
        }
    }
}
