import Domain
import SystemPackage
import Testing
import WorkflowFile
import YAML

@Suite struct RepositoryPlaceTests {
    private static func load(
        _ repository: String,
        defaults: String? = nil
    ) -> LoadedFile<Workflow> {
        let workflow = """
            name: a
            tickets: { team: FRE }
            repository: \(repository)
            prompt: { template: p.md }

            """
        let context = ReadingContext.real(in: "/w")
            .replacing("/w/p.md", with: "x")
            .replacing("/w/a.yml", with: workflow)
        guard let defaults else { return WorkflowFile.load("a.yml", in: context, defaults: nil) }
        let text = "defaults: { repository: \(defaults) }\n"
        let configuration = ConfigurationFile.load(
            "linecook.yml",
            in: context.replacing("/w/linecook.yml", with: text)
        )
        return WorkflowFile.load("a.yml", in: context, defaults: configuration.defaults)
    }

    @Test func `an address stands in place of a path, and leads to a place in the state folder`()
        throws
    {
        let repository = try #require(Self.load("{ url: git@host:a/site.git }").value).repository
        #expect(repository.url?.rawValue == "git@host:a/site.git")
        #expect(repository.name == "site")
        #expect(!repository.path.isAbsolute && repository.path == repository.url?.place)
    }

    @Test(arguments: [
        (
            "{ path: ., url: git@host:x }",
            "a.yml:3:24: error: 'repository.path' and 'repository.url' are both set; keep 'path' for a"
                + " clone of your own, or 'url' for one that Linecook makes"
        ),
        (
            "{ base: main }",
            "a.yml:3:1: error: the key 'path' is missing in 'repository'; add it, such as path:"
                + " ../portfolio, or 'url' to have a clone made"
        ),
        (
            "{ url: 'https://ghp_0123@host/x' }",
            "a.yml:3:20: error: 'repository.url' is an address that can't be used, and is not shown here:"
                + " it holds a user or a password; name a credential helper in git's own settings, or use"
                + " an ssh key"
        ),
    ])
    func `exactly one of the two is wanted, and a secret is not shown`(
        repository: String,
        message: String
    ) {
        let loaded = Self.load(repository)
        #expect(loaded.diagnostics.map(\.description) == [message])
        #expect(!loaded.diagnostics.contains { $0.text().contains("ghp_0123") })
    }

    @Test func `what a workflow says itself wins over the other of the defaults`() throws {
        let url = Self.load("{ url: git@host:x }", defaults: "{ path: /srv/y }")
        #expect(url.diagnostics.map(\.description) == [])
        #expect(url.value?.repository.url?.rawValue == "git@host:x")
        let path = Self.load("{ path: /srv/y }", defaults: "{ url: git@host:x }")
        #expect(path.value?.repository.path == "/srv/y")
        #expect(path.value?.repository.url == nil)
    }
}
