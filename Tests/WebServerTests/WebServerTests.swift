import Testing
import WebServer

@Suite(.timeLimit(.minutes(5))) struct WebServerTests {
    /// For tests that aren't about patience, which runs by the clock.
    private let patient = WebLimits(patience: .seconds(60))
    private let closing = "Host: test\r\nConnection: close\r\n\r\n"

    /// Says what it was asked, one line each.
    @Sendable private func echo(_ request: WebRequest) async -> WebResponse {
        let query = request.query.map { "\($0.name)=\($0.value)" }.joined(separator: " ")
        return .text(
            "\(request.method) \(request.path) [\(query)] \(String(decoding: request.body, as: UTF8.self))"
        )
    }

    private func answer(
        to text: String,
        limits: WebLimits = WebLimits(patience: .seconds(60)),
        by handler: WebServer.Handler? = nil
    ) async throws -> String {
        try await WebServer(limits: limits).whileRunning(handler: handler ?? echo) { port in
            try await RawClient.answer(to: text, port: port)
        }
    }

    @Test func `a request reaches the handler decoded and is answered`() async throws {
        let text =
            "POST /a%20b/%C3%A9?x=1+2&y&z=%26 HTTP/1.1\r\nContent-Length: 4\r\n\(closing)body"
        let answer = try await answer(to: text)
        #expect(answer.hasPrefix("HTTP/1.1 200 OK\r\n"))
        #expect(answer.hasSuffix("\r\n\r\nPOST /a b/é [x=1 2 y= z=&] body"))
        #expect(answer.contains("Content-Type: text/plain; charset=utf-8\r\n"))
    }

    @Test func `one connection carries many requests, pipelined ones in their order`() async throws
    {
        let text = "GET /1 HTTP/1.1\r\nHost: test\r\n\r\nGET /2 HTTP/1.1\r\n\(closing)"
        let answer = try await answer(to: text)
        let first = try #require(answer.firstRange(of: "GET /1"))
        let second = try #require(answer.firstRange(of: "GET /2"))
        #expect(first.lowerBound < second.lowerBound)
    }

    @Test func `a HEAD request gets the length and no body`() async throws {
        let answer = try await answer(to: "HEAD /x HTTP/1.1\r\n\(closing)")
        #expect(answer.contains("Content-Length: 11\r\n"))
        #expect(answer.hasSuffix("\r\n\r\n"))
    }

    @Test func `a client that asks first is told to go on`() async throws {
        try await WebServer(limits: patient).whileRunning(handler: echo) { port in
            try await RawClient.connected(to: port) { client in
                try await client.send(
                    "PUT / HTTP/1.1\r\nContent-Length: 2\r\nExpect: 100-continue\r\n\(closing)"
                )
                #expect(try await client.read(through: "\r\n\r\n").contains(" 100 Continue"))
                try await client.send("ok")
                #expect(try await client.readToEnd().hasSuffix("PUT / [] ok"))
            }
        }
    }

    @Test(arguments: [
        ("GET / HTTP/1.1\r\n\r\n", "400 Bad Request"),
        ("GET /%zz HTTP/1.1\r\nHost: test\r\n\r\n", "400 Bad Request"),
        ("GET /%ff HTTP/1.1\r\nHost: test\r\n\r\n", "400 Bad Request"),
        ("nonsense\r\n\r\n", "400 Bad Request"),
        ("POST / HTTP/1.1\r\nHost: test\r\nContent-Length: 101\r\n\r\n", "413 "),
        (
            "POST / HTTP/1.1\r\nHost: test\r\nTransfer-Encoding: chunked\r\n\r\n"
                + "65\r\n\(String(repeating: "x", count: 101))\r\n", "413 "
        ),
        ("GET /\(String(repeating: "x", count: 600)) HTTP/1.1\r\nHost: test\r\n\r\n", "431 "),
        ("GET / HTTP/1.1\r\nHost: test\r\nX: \(String(repeating: "x", count: 600))", "431 "),
    ])
    func `a broken or too large request is refused and the connection ends`(
        text: String,
        status: String
    ) async throws {
        let limits = WebLimits(headerInBytes: 512, bodyInBytes: 100)
        let answer = try await answer(to: text, limits: limits)
        #expect(answer.hasPrefix("HTTP/1.1 \(status)"))
    }

    @Test func `the refusal arrives although the client is still sending`() async throws {
        let text =
            "POST / HTTP/1.1\r\nHost: test\r\nContent-Length: 9000000\r\n\r\n"
            + String(repeating: "x", count: 9_000_000)
        #expect(try await answer(to: text).hasPrefix("HTTP/1.1 413 "))
    }

    @Test(arguments: [
        ("", ""), ("GET / HTTP/1.1\r\nHo", ""),
        ("POST / HTTP/1.1\r\nHost: test\r\nContent-Length: 9\r\n\r\nhalf", "HTTP/1.1 408 "),
    ])
    func `a connection that sends nothing, or half a request, is closed in time`(
        text: String,
        answer: String
    ) async throws {
        let limits = WebLimits(patience: .seconds(3))
        #expect(try await self.answer(to: text, limits: limits).hasPrefix(answer))
    }

    @Test func `a client that doesn't read its answer is cut off`() async throws {
        let (ends, end) = AsyncStream.makeStream(of: Void.self)
        let flood: WebServer.Handler = { _ in
            WebResponse(
                body: .stream { writer in
                    defer { end.finish() }
                    while true { try await writer.write(Array(repeating: 0, count: 1 << 16)) }
                }
            )
        }
        let limits = WebLimits(patience: .seconds(1))
        try await WebServer(limits: limits).whileRunning(handler: flood) { port in
            // The client may notice the cut before it's done; that is what is wanted.
            let opening = "GET / HTTP/1.1\r\n\(closing)"
            try? await RawClient.connected(to: port, opening: opening) { _ in
                for await _ in ends {}
            }
        }
    }

    @Test func `a connection above the limit is answered 503, and a closed one makes room`()
        async throws
    {
        let (pieces, sender) = AsyncStream.makeStream(of: Void.self)
        let handler: WebServer.Handler = { request in
            guard request.path == "/cut" else { return .text("here") }
            return WebResponse(
                body: .stream { _ in
                    for await _ in pieces {}
                    throw CancellationError()
                }
            )
        }
        let server = WebServer(limits: WebLimits(patience: .seconds(60), connections: 1))
        try await server.whileRunning(handler: handler) { port in
            try await RawClient.connected(to: port) { client in
                try await client.send("GET /cut HTTP/1.1\r\nHost: test\r\n\r\n")
                _ = try await client.read(through: "\r\n\r\n")
                let refused = try await RawClient.connected(to: port) { try await $0.readToEnd() }
                #expect(refused.hasPrefix("HTTP/1.1 503 "))
                sender.finish()
                #expect(try await client.readToEnd() == "")
            }
            let next = try await RawClient.answer(to: "GET / HTTP/1.1\r\n\(closing)", port: port)
            #expect(next.hasPrefix("HTTP/1.1 200 "))
        }
    }

    @Test func `a streamed body arrives piece by piece and ends the connection`() async throws {
        let (pieces, sender) = AsyncStream.makeStream(of: String.self)
        let stream: WebServer.Handler = { _ in
            WebResponse(
                headers: ["Content-Type": "text/event-stream"],
                body: .stream { writer in
                    for await piece in pieces { try await writer.write(Array(piece.utf8)) }
                }
            )
        }
        try await WebServer(limits: patient).whileRunning(handler: stream) { port in
            try await RawClient.connected(to: port) { client in
                try await client.send("GET /events HTTP/1.1\r\nHost: test\r\n\r\n")
                _ = try await client.read(through: "\r\n\r\n")
                sender.yield("data: 1\n\n")
                #expect(try await client.read(through: "\n\n\r\n") == "9\r\ndata: 1\n\n\r\n")
                sender.yield("data: 2\n\n")
                #expect(try await client.read(through: "\n\n\r\n") == "9\r\ndata: 2\n\n\r\n")
                sender.finish()
                #expect(try await client.readToEnd() == "0\r\n\r\n")
            }
        }
    }

    @Test func `a stream is cancelled when its client goes away`() async throws {
        let (ends, end) = AsyncStream.makeStream(of: Bool.self)
        let stream: WebServer.Handler = { _ in
            WebResponse(
                body: .stream { _ in
                    for await _ in AsyncStream<Void>.makeStream().stream {}
                    end.yield(Task.isCancelled)
                    end.finish()
                }
            )
        }
        try await WebServer(limits: patient).whileRunning(handler: stream) { port in
            try await RawClient.connected(to: port) { client in
                try await client.send("GET /events HTTP/1.1\r\nHost: test\r\n\r\n")
                _ = try await client.read(through: "\r\n\r\n")
            }
            for await wasCancelled in ends { #expect(wasCancelled) }
        }
    }

    @Test func `a cancelled server ends its connections and streams, and returns`() async throws {
        let stream: WebServer.Handler = { _ in
            WebResponse(
                body: .stream { _ in for await _ in AsyncStream<Void>.makeStream().stream {} }
            )
        }
        let (ports, port) = AsyncStream.makeStream(of: Int.self)
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask {
                try await WebServer(limits: patient).run(
                    onListening: { port.yield($0) },
                    handler: stream
                )
            }
            var found = ports.makeAsyncIterator()
            try await RawClient.connected(to: try #require(await found.next())) { client in
                try await client.send("GET /events HTTP/1.1\r\nHost: test\r\n\r\n")
                _ = try await client.read(through: "\r\n\r\n")
                group.cancelAll()
                _ = try await client.readToEnd()
            }
            try await group.waitForAll()
        }
    }

    @Test func `a port that is taken is named with what to do`() async throws {
        try await WebServer(limits: patient).whileRunning(handler: echo) { port in
            _ = await #expect {
                try await WebServer(port: port).run(handler: echo)
            } throws: { error in
                "\(error)".hasPrefix("http://127.0.0.1:\(port): can't listen there: ")
                    && "\(error)".hasSuffix(
                        "; choose another port, or end the program that holds this one"
                    )
            }
        }
    }
}
