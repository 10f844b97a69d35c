import Domain
import Forge
import HTTP
import Testing

@Suite struct GitHubForgeTests {
    private let branches = ["feature/FRE-1-x": "aaa"]

    private func forge(_ host: ScriptedGitHub) throws -> GitHubForge {
        try GitHubForge(
            remote: "git@github.com:acme/shop.git",
            endpoint: "https://api.github.com/",
            token: Secret("ghp_hidden"),
            transport: host,
            time: StoppedClock()
        )
    }

    private func pull(
        state: String = "open",
        merged: Bool = false,
        sha: String = "aaa",
        owner: String = "acme"
    ) -> ScriptedGitHub.Pull {
        ScriptedGitHub.Pull(
            number: 7,
            title: "Mine",
            body: "By hand",
            head: "feature/FRE-1-x",
            base: "main",
            draft: false,
            sha: sha,
            state: state,
            merged: merged,
            owner: owner
        )
    }

    @Test func `a new pull request is a draft with labels and reviewers`() async throws {
        let host = ScriptedGitHub(branches: branches)
        let opened = try await forge(host).open(
            proposal(labels: ["agent"], reviewers: ["ada", "acme/core"])
        )
        #expect(
            opened
                == OpenedPullRequest(
                    pullRequest: PullRequest(
                        number: 1,
                        url: "https://github.com/acme/shop/pull/1",
                        draft: true,
                        state: .open
                    ),
                    wasFound: false
                )
        )
        let pull = try #require(await host.pulls.first)
        #expect(pull.title == "FRE-1: A thing")
        #expect(pull.body.hasPrefix("Done.\n"))
        #expect(pull.labels == ["agent"])
        #expect(pull.reviewers == ["ada", "acme/core"])
    }

    @Test func `the token is in the authorization of each request and nowhere else`() async throws {
        let host = ScriptedGitHub(branches: branches)
        _ = try await forge(host).open(proposal(labels: ["agent"]))
        for request in await host.requests {
            #expect(request.authorization?.revealed == "Bearer ghp_hidden")
            #expect(!"\(request)".contains("ghp_hidden"))
            #expect(request.headers["X-GitHub-Api-Version"] == "2022-11-28")
            #expect(request.headers["User-Agent"] == "linecook")
        }
        #expect(
            await host.requests.first?.url
                == "https://api.github.com/repos/acme/shop/pulls?head=acme%3Afeature%2FFRE-1-x"
                + "&state=all&sort=created&direction=desc&per_page=100"
        )
    }

    @Test func `the same proposal twice is one pull request and no second write`() async throws {
        let host = ScriptedGitHub(branches: branches)
        let wanted = proposal(labels: ["Agent"], reviewers: ["ada"])
        let first = try await forge(host).open(wanted)
        let writes = await host.requests.count { $0.method != .get }
        let second = try await forge(host).open(wanted)
        #expect(second.pullRequest == first.pullRequest)
        #expect(second.wasFound)
        #expect(await host.pulls.count == 1)
        #expect(await host.requests.count { $0.method != .get } == writes)
    }

    @Test(arguments: 1...10)
    func `an answer lost after the opening makes no second pull request`(round: Int) async throws {
        let fault: ScriptedGitHub.Fault = round % 2 == 0 ? .badGateway : .lostAnswer
        let host = ScriptedGitHub(
            branches: branches,
            faults: [("POST pulls", fault)],
            // From the third round on the list lags behind by one, two, … looks.
            delay: max(0, (round - 1) / 2)
        )
        let forge = try forge(host)
        var opened: OpenedPullRequest?
        for _ in 1...6 where opened == nil {
            do {
                opened = try await forge.open(proposal(labels: ["agent"]))
            } catch {
                #expect(error.isRetryable, "\(error)")
            }
        }
        #expect(opened?.pullRequest.number == 1)
        #expect(opened?.wasFound == true)
        #expect(await host.pulls.count == 1)
        #expect(await host.pulls.first?.labels == ["agent"])
    }

    @Test func `a request that never arrived is an error to try again after`() async throws {
        let host = ScriptedGitHub(branches: branches, faults: [("POST pulls", .unreachable)])
        let error = await #expect(throws: ForgeError.self) {
            try await forge(host).open(proposal())
        }
        #expect(error?.isRetryable == true)
        #expect(await host.pulls.isEmpty)
        #expect(try await forge(host).open(proposal()).wasFound == false)
    }

    @Test(arguments: [("closed", true, PullRequest.State.merged), ("closed", false, .closed)])
    func `one decided upon at the same commit is taken as it is`(
        state: String,
        merged: Bool,
        expected: PullRequest.State
    ) async throws {
        let host = ScriptedGitHub(pulls: [pull(state: state, merged: merged)], branches: branches)
        let opened = try await forge(host).open(proposal(labels: ["agent"]))
        #expect(opened.pullRequest.number == 7)
        #expect(opened.pullRequest.state == expected)
        #expect(await host.requests.count == 1)
    }

    @Test func `after new commits a closed one is followed by a new one`() async throws {
        let host = ScriptedGitHub(pulls: [pull(state: "closed", sha: "old")], branches: branches)
        let opened = try await forge(host).open(proposal())
        #expect(opened.pullRequest.number == 8)
    }

    @Test func `a branch of the same name in a fork is somebody else's`() async throws {
        let host = ScriptedGitHub(
            pulls: [pull(state: "closed", owner: "mallory")],
            branches: branches
        )
        #expect(try await forge(host).open(proposal()).pullRequest.number == 8)
    }

    @Test func `a pull request that a person made is taken and left alone`() async throws {
        let host = ScriptedGitHub(pulls: [pull()], branches: branches)
        let opened = try await forge(host).open(proposal(labels: ["agent"]))
        #expect(opened.pullRequest.number == 7)
        #expect(await host.pulls.first?.body == "By hand")
        #expect(await host.pulls.first?.labels == [])
    }

    @Test func `a later run's text replaces ours, but not one that a person has edited`()
        async throws
    {
        let host = ScriptedGitHub(branches: branches)
        let forge = try forge(host)
        _ = try await forge.open(proposal(body: "First."))
        _ = try await forge.open(proposal(body: "Second."))
        let text = try #require(await host.pulls.first?.body)
        #expect(text.hasPrefix("Second."))

        let edited = ScriptedGitHub(
            pulls: await host.pulls.map { pull in
                var pull = pull
                pull.body = "My note.\r\n\(pull.body)"
                return pull
            },
            branches: branches
        )
        _ = try await self.forge(edited).open(proposal(body: "Third."))
        #expect(await edited.pulls.first?.body.hasPrefix("My note.") == true)
    }

    @Test func `a pull request is aimed at another base, its text stays`() async throws {
        var stacked = pull()
        stacked.base = "linecook/FRE-61"
        let host = ScriptedGitHub(pulls: [stacked], branches: branches)
        for _ in 1...2 {
            #expect(try await forge(host).retarget(7, to: "main").state == .open)
            #expect(await host.pulls.first?.base == "main")
        }
        #expect(await host.pulls.first?.body == "By hand")
        let error = await #expect(throws: ForgeError.self) {
            try await forge(host).retarget(7, to: "gone")
        }
        #expect(error == .noBranch("gone", repository: "acme/shop"))
        let missing = await #expect(throws: ForgeError.self) {
            try await forge(host).retarget(8, to: "main")
        }
        #expect(missing == .noPullRequest(8, place: "acme/shop"))
    }

    @Test(arguments: [(true, PullRequest.State.merged), (false, .closed)])
    func `one decided upon keeps its base`(merged: Bool, state: PullRequest.State) async throws {
        var stacked = pull(state: "closed", merged: merged)
        stacked.base = "linecook/FRE-61"
        let host = ScriptedGitHub(pulls: [stacked], branches: branches)
        #expect(try await forge(host).retarget(7, to: "main").state == state)
        #expect(await host.pulls.first?.base == "linecook/FRE-61")
    }

    @Test(arguments: [ScriptedGitHub.Fault.lostAnswer, .badGateway, .unreachable])
    func `aiming may be repeated when its answer was lost`(
        fault: ScriptedGitHub.Fault
    ) async throws {
        let host = ScriptedGitHub(
            pulls: [pull()],
            branches: ["linecook/FRE-61": "bbb"],
            faults: [("PATCH pulls", fault)]
        )
        let error = await #expect(throws: ForgeError.self) {
            try await forge(host).retarget(7, to: "linecook/FRE-61")
        }
        #expect(error?.isRetryable == true)
        _ = try await forge(host).retarget(7, to: "linecook/FRE-61")
        #expect(await host.pulls.first?.base == "linecook/FRE-61")
    }

    @Test func `labels and reviewers that are refused are notes`() async throws {
        let refusal = ScriptedGitHub.Fault.answer(
            .json(
                422,
                [
                    "message":
                        "Reviews may only be requested from collaborators."
                ]
            )
        )
        let host = ScriptedGitHub(
            branches: branches,
            faults: [("POST issues", refusal), ("POST pulls/", refusal)]
        )
        let opened = try await forge(host).open(proposal(labels: ["agent"], reviewers: ["eve"]))
        #expect(opened.pullRequest.number == 1)
        #expect(
            opened.notes.last
                == "no review asked of eve: acme/shop: refused with 422: Reviews may only be requested"
                + " from collaborators."
        )
        #expect(opened.notes.count == 2)
    }

    @Test(arguments: Refusal.all)
    func `a refusal says what to do about it, and whether to try again`(
        _ refusal: Refusal
    ) async throws {
        let host = ScriptedGitHub(
            branches: branches,
            faults: [(refusal.request, .answer(refusal.response))]
        )
        let error = await #expect(throws: ForgeError.self) {
            try await forge(host).open(proposal())
        }
        #expect(error?.description == refusal.message)
        #expect(error?.isRetryable == refusal.isRetryable)
        #expect(error?.retryAfter == refusal.wait)
        #expect(await host.pulls.isEmpty)
    }

    @Test func `many states are one list and one question for each that isn't open`() async throws {
        var pulls = (1...40).map { number in
            var pull = pull()
            pull.number = number
            return pull
        }
        pulls[4].state = "closed"
        pulls[4].merged = true
        let host = ScriptedGitHub(pulls: pulls)
        let states = try await forge(host).states(of: Array(1...40) + [99])
        #expect(states.count == 40)
        #expect(states[5]?.state == .merged)
        #expect(states[6]?.state == .open)
        #expect(await host.requests.count == 3)
        let error = await #expect(throws: ForgeError.self) {
            try await forge(host).state(of: 99)
        }
        #expect(error?.description == "acme/shop: no pull request #99")
    }
}
