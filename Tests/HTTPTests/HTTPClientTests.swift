import HTTP
import Testing

@Suite(.timeLimit(.minutes(5))) struct HTTPClientTests {
    private let client = HTTPClient(settings: .init(userAgent: "linecook/test"))
    private static let hello = "HTTP/1.1 200 OK\r\nX-Limit: 7\r\nContent-Length: 5\r\n\r\nhello"

    @Test func `a request is sent as it is, and the answer comes back whole`() async throws {
        let server = try LoopbackServer([[.readRequest, .send(Self.hello)]])
        var request = HTTPRequest(
            .post,
            server.url + "/graphql?x=1",
            headers: ["Content-Type": "application/json"],
            body: Array("{}".utf8)
        )
        request.authorization = Secret("key").prefixed(with: "Bearer ")
        let response = try await client.send(request)
        #expect(response.status == 200)
        #expect(response.headers["x-limit"] == "7")
        #expect(String(decoding: response.body, as: UTF8.self) == "hello")
        var seen: [LoopbackServer.Event] = []
        for await event in server.events { seen.append(event) }
        guard case .request(let text) = try #require(seen.last) else { return }
        let lines = text.split(separator: "\r\n").map(String.init)
        #expect(lines.first == "POST /graphql?x=1 HTTP/1.1")
        #expect(lines.contains("Authorization: Bearer key"))
        #expect(lines.contains("Content-Type: application/json"))
        #expect(lines.contains("User-Agent: linecook/test"))
        #expect(lines.last == "{}")
    }

    @Test(arguments: [HTTPRequest.Method.post, .put, .patch])
    func `a request without a body says so`(method: HTTPRequest.Method) async throws {
        let server = try LoopbackServer([[.readRequest, .send(Self.hello)]])
        _ = try await client.send(HTTPRequest(method, server.url))
        var seen: [LoopbackServer.Event] = []
        for await event in server.events { seen.append(event) }
        guard case .request(let text) = try #require(seen.last) else { return }
        #expect(text.hasPrefix("\(method.rawValue) / "))
        #expect(text.contains("\r\nContent-Length: 0\r\n"))
    }

    @Test func `requests one after the other share a connection`() async throws {
        let once: [LoopbackServer.Step] = [.readRequest, .send(Self.hello)]
        let server = try LoopbackServer([once + once + once])
        for _ in 1...3 { _ = try await client.send(HTTPRequest(.get, server.url)) }
        var connections = 0
        for await event in server.events where event == .connected { connections += 1 }
        #expect(connections == 1)
    }

    @Test func `a status that isn't a success is an answer, and a redirect isn't followed`()
        async throws
    {
        let moved =
            "HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:1/\r\nContent-Length: 0\r\n\r\n"
        let server = try LoopbackServer([[.readRequest, .send(moved)]])
        let response = try await client.send(HTTPRequest(.get, server.url))
        #expect(response.status == 302)
        #expect(response.headers["location"] == "http://127.0.0.1:1/")
    }

    @Test(arguments: ["Content-Length: 4000\r\n", ""])
    func `an answer over the limit is given up, announced or not`(length: String) async throws {
        let server = try LoopbackServer([
            [.readRequest, .send("HTTP/1.1 200 OK\r\n\(length)\r\n"), .sendZeros(4000)]
        ])
        var request = HTTPRequest(.get, server.url)
        request.maximumBodySize = 1000
        await #expect(throws: HTTPError.tooLarge(host: request.host, limit: 1000)) {
            try await client.send(request)
        }
    }

    @Test func `a server that says nothing ends in a timeout that may be tried again`() async throws
    {
        let server = try LoopbackServer([[.readRequest, .waitForHangUp]])
        var request = HTTPRequest(.get, server.url)
        request.timeout = .milliseconds(100)
        let error = await #expect(throws: HTTPError.self) { try await client.send(request) }
        #expect(error == .timedOut(host: request.host, after: .milliseconds(100), sent: true))
        #expect(error?.isRetryable == true)
        #expect(error?.mayHaveArrived == true)
    }

    @Test func `cancelling the task hangs up at once`() async throws {
        let server = try LoopbackServer([[.readRequest, .waitForHangUp]])
        let request = HTTPRequest(.get, server.url)
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask {
                await #expect(throws: HTTPError.cancelled(sent: true)) {
                    try await client.send(request)
                }
            }
            for await event in server.events {
                if case .request = event { group.cancelAll() }
                if event == .hungUp { break }
            }
            try await group.waitForAll()
        }
    }

    @Test func `a task that is cancelled already sends nothing`() async throws {
        let port = try LoopbackServer.makeDeadPort()
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.cancelAll()
            group.addTask {
                await #expect(throws: HTTPError.cancelled(sent: false)) {
                    try await client.send(HTTPRequest(.get, "http://127.0.0.1:\(port)"))
                }
            }
            try await group.waitForAll()
        }
    }

    @Test func `a port where nobody listens is unreachable, and nothing has arrived`() async throws
    {
        let port = try LoopbackServer.makeDeadPort()
        let error = await #expect(throws: HTTPError.self) {
            try await client.send(HTTPRequest(.get, "http://127.0.0.1:\(port)"))
        }
        guard case .unreachable(let host, _) = error else {
            Issue.record("\(String(describing: error))")
            return
        }
        #expect(host == "127.0.0.1:\(port)")
        #expect(error?.isRetryable == true)
        #expect(error?.mayHaveArrived == false)
    }

    @Test(
        arguments: [
            [.readRequest, .reset],
            [.readRequest, .send("HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\nhalf"), .reset],
            [.readRequest, .send("HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\nhalf")],
            [.readRequest],
        ] as [[LoopbackServer.Step]]
    )
    func `a connection that breaks off may have brought the request`(
        script: [LoopbackServer.Step]
    ) async throws {
        let server = try LoopbackServer([script])
        let error = await #expect(throws: HTTPError.self) {
            try await client.send(HTTPRequest(.post, server.url))
        }
        guard case .interrupted = error else {
            Issue.record("\(String(describing: error))")
            return
        }
        #expect(error?.isRetryable == true)
        #expect(error?.mayHaveArrived == true)
    }

    @Test(arguments: ["file:///etc/passwd", "ftp://127.0.0.1/", "nonsense://x", "http://a b/"])
    func `only whole http and https addresses are sent`(url: String) async throws {
        let error = await #expect(throws: HTTPError.self) {
            try await client.send(HTTPRequest(.get, url))
        }
        guard case .unsendable = error else {
            Issue.record("\(String(describing: error))")
            return
        }
        #expect(error?.isRetryable == false)
    }

    @Test func `a header or token that would break out of its line is not sent`() async throws {
        var request = HTTPRequest(.get, "http://127.0.0.1:1/", headers: ["X": "a\r\nY: b"])
        await #expect(
            throws: HTTPError.unsendable(
                host: "127.0.0.1:1",
                why: "the header field \"X\" is malformed"
            )
        ) { try await client.send(request) }
        request.headers = [:]
        request.authorization = Secret("key\n")
        await #expect(
            throws: HTTPError.unsendable(
                host: "127.0.0.1:1",
                why: "the token holds a line break or control character; store it again"
            )
        ) { try await client.send(request) }
    }

    @Test func `shutting down answers those who wait and those who come later`() async throws {
        let server = try LoopbackServer([[.readRequest, .waitForHangUp]])
        let request = HTTPRequest(.get, server.url)
        let gone = HTTPError.unavailable(why: "the client was shut down")
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask {
                await #expect(throws: gone) { try await client.send(request) }
            }
            for await event in server.events {
                if case .request = event { client.shutDown() }
            }
            try await group.waitForAll()
        }
        await #expect(throws: gone) { try await client.send(request) }
    }

    @Test func `many requests at once each get their own answer`() async throws {
        let answers = (0..<8).map { number in
            [.readRequest, .send("HTTP/1.0 200 OK\r\n\r\n\(number)")] as [LoopbackServer.Step]
        }
        let server = try LoopbackServer(answers)
        let bodies = try await withThrowingTaskGroup(of: String.self) { group in
            for _ in 0..<8 {
                group.addTask {
                    let response = try await client.send(HTTPRequest(.get, server.url))
                    return String(decoding: response.body, as: UTF8.self)
                }
            }
            var bodies: [String] = []
            for try await body in group { bodies.append(body) }
            return bodies
        }
        #expect(bodies.sorted() == ["0", "1", "2", "3", "4", "5", "6", "7"])
    }
}

@Suite struct SecretTests {
    @Test func `a secret can't be printed in any way`() {
        let secret = Secret("lin_api_1234")
        var dumped = ""
        dump([secret], to: &dumped)
        let texts = ["\(secret)", String(describing: secret), String(reflecting: [secret]), dumped]
        for text in texts {
            #expect(text.contains("‹secret›"))
            #expect(!text.contains("1234"))
        }
    }

    @Test(arguments: [
        ("https://user:word@api.linear.app/x?y", "api.linear.app"),
        ("http://127.0.0.1:80#z", "127.0.0.1:80"),
        ("nothing", "(no host)"),
    ])
    func `messages name the host and never what may be secret`(url: String, host: String) {
        #expect(HTTPRequest(.get, url).host == host)
    }
}
