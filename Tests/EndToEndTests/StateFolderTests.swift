import Disk
import Domain
import RunStore
import Sandbox
import SystemPackage
import Testing

@testable import linecook

#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif

/// Whose the records are.
@Suite(.serialized, .inTurn)
struct StateFolderTests {
    private static let worker = "echo work > work.txt"

    @Test(.timeLimit(.minutes(5)))
    func `nobody else may read what is kept, whatever the umask and the folder were`() async throws
    {
        try await Site.with([LinearSeed.Issue(title: "One")], agent: Self.worker) { site in
            try await site.shell("mkdir -m 777 state && umask 0 && mkdir -m 777 state/runs")
            try await site.linecook("run", "--until-idle")
            #expect(try site.run(of: 1).state == .inReview)
            let open = try await site.shellOutput(
                "stat -c %a state; find state -mindepth 1 ! -type l -perm /077 ! -path state/runs"
            )
            #expect(open == "700\n")
        }
    }

    /// Only root may give a folder away.
    @Test(.enabled(if: geteuid() == 0), .timeLimit(.minutes(5)))
    func `a folder of another user's is refused, and left as it is`() async throws {
        try await Site.with([], agent: Self.worker) { site in
            try await site.shell("mkdir -m 755 state && chown 65534 state")
            let (text, code) = try await site.linecook("run", "--until-idle")
            #expect(code == 2)
            #expect(
                text.contains(
                    "state: it belongs to another user; run linecook as that user, or set another"
                        + " 'state'"
                )
            )
            #expect(try await site.shellOutput("stat -c %a state; ls state") == "755\n")
        }
    }

    @Test func `a folder that another machine keeps is refused by its kind`() throws {
        let obstacle = try #require(
            StateFolder.obstacle(of: "/net/state", on: Volume(freeBytes: 1 << 40, network: "NFS"))
        )
        #expect(
            obstacle.what == "/net/state: on NFS, where locks and renames aren't to be relied on"
        )
        let local = Volume(freeBytes: 1 << 40, network: nil)
        #expect(StateFolder.obstacle(of: "/state", on: local) == nil)
    }
}
