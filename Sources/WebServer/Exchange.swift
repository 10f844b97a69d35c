import NIOCore
import NIOHTTP1

/// One connection's requests and answers, in turn.
enum Exchange {
    typealias Channel = NIOAsyncChannel<Arrival, Part>

    /// What the socket's thread hands to the connection's task.
    struct Arrival: Sendable {
        var request: WebRequest
        var version: HTTPVersion
        /// Whether the client wants to send another request afterwards.
        var keepsAlive: Bool
    }

    /// What the connection's task hands to the socket's thread.
    enum Part: Sendable {
        case head(HTTPResponseHead)
        case body(ByteBuffer)
        case end(keepsAlive: Bool)
    }

    /// Called on the channel's own thread.
    static func install(
        on channel: any NIOCore.Channel,
        limits: WebLimits
    ) throws -> Channel {
        var parsing = NIOHTTPDecoderLimitConfiguration()
        parsing.maxHeaderListSize = limits.headerInBytes
        parsing.maxHeaderFieldSize = limits.headerInBytes
        let pipeline = channel.pipeline.syncOperations
        try pipeline.addHandlers([
            HTTPResponseEncoder(),
            ByteToMessageHandler(HTTPRequestDecoder(limitConfiguration: parsing)),
            NIOHTTPResponseHeadersValidator(),
            ExchangeHandler(limits: limits),
        ])
        return try Channel(
            wrappingChannelSynchronously: channel,
            configuration: .init(
                backPressureStrategy: .init(lowWatermark: 1, highWatermark: 2)
            )
        )
    }

    /// Says that there are too many connections already.
    static func refuse(_ channel: any NIOCore.Channel) {
        let answer = ByteBuffer(
            string:
                "HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
        )
        channel.writeAndFlush(answer).whenComplete { _ in channel.close(promise: nil) }
    }

    /// Returns when the connection is closed.
    static func serve(_ channel: Channel, handler: WebServer.Handler) async {
        do {
            try await channel.executeThenClose { arrivals, outbound in
                for try await arrival in arrivals {
                    let response = await handler(arrival.request)
                    try await send(response, to: arrival, over: channel.channel, outbound)
                }
            }
        } catch {
            // A connection that broke concerns its own client only, and that one knows.
        }
    }

    private static func send(
        _ response: WebResponse,
        to arrival: Arrival,
        over channel: any NIOCore.Channel,
        _ outbound: NIOAsyncChannelOutboundWriter<Part>
    ) async throws {
        var head = HTTPResponseHead(
            version: arrival.version,
            status: HTTPResponseStatus(statusCode: response.status)
        )
        for (name, value) in response.headers.fields { head.headers.add(name: name, value: value) }
        for name in ["Content-Length", "Transfer-Encoding", "Connection"] {
            head.headers.remove(name: name)
        }
        let isMuted = arrival.request.method == "HEAD"
        switch response.body {
        case .bytes(let bytes):
            if head.status.mayHaveResponseBody || !bytes.isEmpty {
                head.headers.add(name: "Content-Length", value: String(bytes.count))
            }
            if !arrival.keepsAlive { head.headers.add(name: "Connection", value: "close") }
            var parts: [Part] = [.head(head)]
            if !isMuted, !bytes.isEmpty { parts.append(.body(ByteBuffer(bytes: bytes))) }
            parts.append(.end(keepsAlive: arrival.keepsAlive))
            try await outbound.write(contentsOf: parts)
        case .stream(let write):
            head.headers.add(name: "Connection", value: "close")
            try await outbound.write(.head(head))
            let writer = WebBodyWriter(outbound, isMuted: isMuted)
            await withDiscardingTaskGroup { group in
                group.addTask {
                    do {
                        try await write(writer)
                        try await outbound.write(.end(keepsAlive: false))
                    } catch {
                        channel.close(promise: nil)
                    }
                }
                // The future of a channel's end never fails.
                try? await channel.closeFuture.get()
                group.cancelAll()
            }
        }
    }
}
