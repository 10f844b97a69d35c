import Forge
import Testing

@Suite struct GitHubRepositoryTests {
    private static let github = "https://api.github.com"
    private static let own = "https://git.acme.example/api/v3"

    @Test(arguments: [
        ("https://github.com/acme/shop.git", github), ("https://github.com/acme/shop", github),
        ("https://x-access-token:ghp_1@github.com/acme/shop.git/", github),
        ("git@github.com:acme/shop.git", github), ("git@github-work:acme/shop.git", github),
        ("github.com-work:acme/shop", github), ("ssh://git@github.com/acme/shop.git", github),
        ("ssh://git@ssh.github.com:443/acme/shop.git", github),
        ("git@GIT.acme.example:acme/shop.git", own),
        ("https://git.acme.example:8443/acme/shop", own),
        ("https://acme.ghe.com/acme/shop", "https://api.acme.ghe.com"),
    ])
    func `a remote names its repository in every form that git takes`(
        remote: String,
        endpoint: String
    ) throws {
        let repository = try GitHubRepository(remote: remote, endpoint: endpoint)
        #expect(repository.description == "acme/shop")
    }

    @Test(arguments: [
        "https://gitlab.com/acme/shop.git", "https://github.com.evil.example/acme/shop",
        "git@github.com.evil.example:acme/shop", "/srv/git/shop.git", "../shop.git",
        "file:///srv/acme/shop", "https://github.com/acme", "https://github.com/acme/shop/pulls",
        "https://github.com/../shop", "https://github.com/acme/sh%2Fop", "",
    ])
    func `a remote elsewhere gets no request`(remote: String) {
        #expect(throws: ForgeError.foreignRemote(remote, endpoint: Self.github)) {
            try GitHubRepository(remote: remote, endpoint: Self.github)
        }
    }

    @Test func `a password in a remote stays out of the message`() {
        let error = #expect(throws: ForgeError.self) {
            try GitHubRepository(
                remote: "https://me:pass@gitlab.com/acme/shop",
                endpoint: Self.github
            )
        }
        #expect(
            error?.description
                == "https://gitlab.com/acme/shop: not a repository that https://api.github.com serves;"
                + " correct the workflow's repository.remote or github.endpoint, or set forge: local"
        )
    }
}
