import Domain
import SystemPackage
import Testing

@Suite struct RepositoryURLTests {
    @Test(arguments: [
        ("https://github.com/acme/portfolio.git", "portfolio"),
        ("https://git.example.com:8443/a/b/c", "c"), ("ssh://git@example.com:22/acme/x.git", "x"),
        ("ssh://example.com/x", "x"), ("git@github.com:acme/portfolio.git", "portfolio"),
        ("file:///srv/git/site.git", "site"), ("file:///srv/a%20b/..git", "repository"),
    ])
    func `an address of a kind that needs no program is taken`(
        text: String,
        name: String
    ) throws {
        #expect(try RepositoryURL(text).name == name)
    }

    @Test(arguments: [
        ("ext::sh -c touch% /tmp/x", RepositoryURL.Flaw.holdsUnusableCharacter),
        ("ext::sh", .unsafeScheme("ext::")), ("fd::3", .unsafeScheme("fd::")),
        ("ext::https://x/y", .unsafeScheme("ext::https://")),
        ("http://example.com/x", .unsafeScheme("http://")),
        ("git://example.com/x", .unsafeScheme("git://")),
        ("HTTPS://example.com/x", .unsafeScheme("HTTPS://")),
        ("--upload-pack=/bin/sh", .looksLikeOption), ("-u", .looksLikeOption),
        ("ssh://-oProxyCommand=x/y", .looksLikeOption),
        ("ssh://-x@host/y", .looksLikeOption), ("git@-host:x", .looksLikeOption),
        ("git@host:-x", .looksLikeOption),
        ("https://ada:secret@example.com/x", .holdsCredentials),
        ("https://ghp_token@example.com/x", .holdsCredentials),
        ("ssh://git:secret@example.com/x", .holdsCredentials),
        ("ada:secret@example.com:x", .holdsCredentials),
        ("https://example.com/x?token=y", .holdsUnusableCharacter),
        ("https://example.com/a b", .holdsUnusableCharacter),
        ("https://example.com/a\u{1B}[31m", .holdsUnusableCharacter),
        ("https://example.com/ü", .holdsUnusableCharacter),
        ("git@host:x;$(y)`z`", .holdsUnusableCharacter),
        ("https://example.com", .incomplete), ("https:///x", .incomplete),
        ("https://example.com:x/y", .incomplete), ("file://host/x", .incomplete),
        ("../portfolio", .incomplete), ("/srv/x.git", .incomplete), ("", .incomplete),
    ])
    func `one that runs a program, holds a secret or isn't whole is refused`(
        text: String,
        flaw: RepositoryURL.Flaw
    ) {
        #expect(throws: flaw) { try RepositoryURL(text) }
    }

    @Test func `two repositories of one name have places of their own`() throws {
        let one = try RepositoryURL("https://github.com/acme/site.git")
        let two = try RepositoryURL("https://github.com/other/site.git")
        #expect(one.place != two.place)
        #expect(one.place.lastComponent?.string == "site.git")
        #expect(one.place.components.first?.string == "repositories")
        #expect(try RepositoryURL("file:///x/...git/..").place.isLexicallyNormal)
    }
}
