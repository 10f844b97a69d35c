import Domain
import HTTP
import Linear
import Testing

@Suite(.timeLimit(.minutes(5))) struct WrittenPromptTests {
    private static let upload = "https://uploads.linear.app/a/b/c"

    private static func found(
        documents: [(title: String, content: String)] = [],
        files: [(title: String, url: String)] = []
    ) -> ScriptedLinear.Answer {
        let documents = documents.map { #"{"title": "\#($0.title)", "content": \#($0.content)}"# }
        let files = files.map { #"{"title": "\#($0.title)", "url": "\#($0.url)"}"# }
        return .json(
            """
            {"data": {"issue": {"documents": \(Fixture.page(documents)),
            "attachments": \(Fixture.page(files))}}}
            """
        )
    }

    private static func file(
        _ body: [UInt8],
        status: Int = 200,
        type: String = "text/markdown"
    ) -> ScriptedLinear.Answer {
        .reply(HTTPResponse(status: status, headers: ["Content-Type": type], body: body))
    }

    private func writtenPrompt(_ linear: ScriptedLinear) async throws -> WrittenPrompt? {
        let key = try #require(TicketKey("FRE-61"))
        return try await LinearClient(linear).writtenPrompt(for: "id-FRE-61", key: key)
    }

    @Test func `a document named as the ticket wins over a file, in one cheap request`()
        async throws
    {
        let linear = ScriptedLinear([
            Self.found(
                documents: [
                    ("FRE-610", "\"another's\""), ("FRE-61", "\"older\""),
                    ("fre-61.MD", "\"Do it\""),
                ],
                files: [("FRE-61.md", Self.upload)]
            )
        ])
        let prompt = try await writtenPrompt(linear)
        #expect(prompt?.source == "document 'fre-61.MD'")
        #expect(prompt?.text == "Do it")
        #expect(linear.requests.count == 1)
        #expect(try QueryCost.points(ofBody: linear.requests[0]) == 9.4)
        #expect(
            linear.requests[0].contains(
                #""documents":{"or":[{"title":{"eqIgnoreCase":"FRE-61.md"}},"#
                    + #"{"title":{"eqIgnoreCase":"FRE-61"}}]}"#
            )
        )
    }

    @Test func `a file is fetched with the token, and a blank document is none`() async throws {
        let linear = ScriptedLinear([
            Self.found(
                documents: [("FRE-61.md", "null"), ("FRE-61", "\" \\n\"")],
                files: [("FRE-61.md", Self.upload)]
            ),
            Self.file(Array("\u{FEFF}# Do it\n".utf8), type: "application/octet-stream"),
        ])
        let prompt = try await writtenPrompt(linear)
        #expect(prompt?.source == "attachment 'FRE-61.md'")
        #expect(prompt?.text == "# Do it\n")
        let message = try #require(linear.messages.last)
        #expect(message.method == .get)
        #expect(message.url == Self.upload)
        #expect(message.authorization?.revealed == "lin_api_x")
        #expect(message.maximumBodySize == 1_000_000)
    }

    @Test(arguments: [
        "https://example.com/FRE-61.md", "http://uploads.linear.app/a",
        "https://uploads.linear.app.example.com/a", "https://uploads.linear.app@example.com/a",
        "https://uploads.linear.app:8443/a", "https://x@uploads.linear.app/a", "file:///etc/passwd",
    ])
    func `the token goes to no other host`(url: String) async throws {
        let linear = ScriptedLinear([Self.found(files: [("FRE-61.md", url)])])
        #expect(try await writtenPrompt(linear) == nil)
        #expect(linear.messages.count == 1)
    }

    @Test func `a ticket without a written prompt has none`() async throws {
        let linear = ScriptedLinear([Self.found(files: [("Pull request #3", Self.upload)])])
        #expect(try await writtenPrompt(linear) == nil)
    }

    @Test(arguments: [
        (file([0xFF, 0xFE]), "it isn't text in UTF-8"), (file([65, 0]), "it isn't text in UTF-8"),
        (file(Array("<html>".utf8), type: "text/html"), "it isn't text in UTF-8"),
        (file([], status: 302), "HTTP 302 came instead of it"),
        (file([], status: 403), "HTTP 403 came instead of it"),
        (.failure(.tooLarge(host: "h", limit: 1_000_000)), "it is larger than 1 MB"),
    ])
    func `a file that can't be used is an error that says why, and isn't ignored`(
        answer: ScriptedLinear.Answer,
        why: String
    ) async throws {
        let linear = ScriptedLinear([Self.found(files: [("FRE-61.md", Self.upload)]), answer])
        let error = await #expect(throws: LinearError.self) { try await writtenPrompt(linear) }
        #expect(
            error?.description == "Linear: the attached prompt 'FRE-61.md' can't be used: \(why); "
                + "attach it as text of 1 MB at most, or write it as a document"
        )
        #expect(error?.isRetryable == false)
    }

    @Test func `a fault of the file server that passes is tried again`() async throws {
        let linear = ScriptedLinear([
            Self.found(files: [("FRE-61.md", Self.upload)]), Self.file([], status: 503),
            .failure(.interrupted(host: "h", why: "reset", sent: true)), Self.file([65]),
        ])
        #expect(try await writtenPrompt(linear)?.text == "A")
    }
}
