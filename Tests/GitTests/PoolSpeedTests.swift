import Domain
import Git
import Testing

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// How long a ticket waits for its worktree in a big repository.
///
///     LINECOOK_POOL_FILES=50000 swift test --filter PoolSpeedTests
@Suite(.serialized) struct PoolSpeedTests {
    static let files = ProcessInfo.processInfo.environment["LINECOOK_POOL_FILES"]
        .flatMap { Int($0) }

    @Test(.enabled(if: files != nil, "needs LINECOOK_POOL_FILES"))
    func `a kept worktree is ready in a tenth of the time of a new one`() async throws {
        let count = try #require(Self.files)
        try await Workshop.run { workshop in
            // 4 KB a file, 50 files of which change between two tickets.
            try await workshop.shell(
                """
                git clone -q remote.git other && cd other
                i=0; block=$(head -c 3000 /dev/urandom | base64 -w 100)
                while [ $i -lt \(count) ]; do
                    mkdir -p src/$((i / 100)); i=$((i + 100))
                    for n in $(seq 100); do
                        echo "$i $n $block" > src/$((i / 100 - 1))/$n
                    done
                done
                git add . && git commit -q -m Files && git push -q origin main
                """
            )
            let repository = try workshop.repository(pool: 1)
            var cold: [Duration] = []
            var warm: [Duration] = []
            for round in 0..<6 {
                let base = try await repository.fetchBase()
                // The one before is kept in the pool from the second round on; the first ones are cold.
                let plain = try workshop.repository()
                let user = round < 3 ? plain : repository
                let began = ContinuousClock.now
                let worktree = try await user.worktree(
                    at: workshop.place("FRE-\(round)"),
                    branch: BranchName("linecook/FRE-\(round)"),
                    from: base
                )
                let taken = ContinuousClock.now - began
                if round < 3 { cold.append(taken) } else { warm.append(taken) }
                let remover = round < 2 ? plain : repository
                _ = try await remover.removeWorktree(at: worktree.path, branch: worktree.branch)
                try await workshop.shell(
                    """
                    cd other; for n in $(seq 50); do echo \(round) >> src/$n/1; done
                    git commit -q -a -m Change && git push -q origin main
                    """
                )
            }
            print("cold \(cold), warm \(warm)")
            let (slow, fast) = (try #require(cold.min()), try #require(warm.max()))
            #expect(fast * 10 < slow, "cold \(cold), warm \(warm)")
        }
    }
}
