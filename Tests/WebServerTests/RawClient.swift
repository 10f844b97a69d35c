import NIOCore
import NIOPosix

/// A client that sends what it is told, byte for byte.
struct RawClient {
    private var arriving: NIOAsyncChannelInboundStream<ByteBuffer>.AsyncIterator
    private let outbound: NIOAsyncChannelOutboundWriter<ByteBuffer>
    private var unread = ""

    /// Connects to the port for as long as `body` runs.
    ///
    /// `opening` is sent by the connection itself as soon as it's there: the server's patience runs by the
    /// clock, and on a busy machine a task may come to its turn only when that is over.
    static func connected<Result: Sendable>(
        to port: Int,
        opening: String = "",
        _ body: (inout RawClient) async throws -> Result
    ) async throws -> Result {
        let channel = try await ClientBootstrap(group: .singletonMultiThreadedEventLoopGroup)
            .connect(host: "127.0.0.1", port: port) { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(Opening(text: opening))
                    return try NIOAsyncChannel<ByteBuffer, ByteBuffer>(
                        wrappingChannelSynchronously: channel
                    )
                }
            }
        return try await channel.executeThenClose { inbound, outbound in
            var client = RawClient(arriving: inbound.makeAsyncIterator(), outbound: outbound)
            return try await body(&client)
        }
    }

    /// Sends the text and returns all that comes until the server closes the connection.
    static func answer(to text: String, port: Int) async throws -> String {
        try await connected(to: port, opening: text) { client in
            try await client.readToEnd()
        }
    }

    private init(
        arriving: NIOAsyncChannelInboundStream<ByteBuffer>.AsyncIterator,
        outbound: NIOAsyncChannelOutboundWriter<ByteBuffer>
    ) {
        self.arriving = arriving
        self.outbound = outbound
    }

    func send(_ text: String) async throws {
        try await outbound.write(ByteBuffer(string: text))
    }

    mutating func readToEnd() async throws -> String {
        while let piece = try await arriving.next(isolation: #isolation) {
            unread += String(buffer: piece)
        }
        defer { unread = "" }
        return unread
    }

    /// What comes up to and including `mark`; the rest stays for the next call.
    mutating func read(through mark: String) async throws -> String {
        while true {
            if let place = unread.utf8.firstRange(of: mark.utf8) {
                defer { unread = String(unread[place.upperBound...]) }
                return String(unread[..<place.upperBound])
            }
            guard let piece = try await arriving.next(isolation: #isolation) else { return unread }
            unread += String(buffer: piece)
        }
    }
}

/// Sends a text as soon as the connection is there.
private final class Opening: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    private let text: String

    init(text: String) { self.text = text }

    func channelActive(context: ChannelHandlerContext) {
        if !text.isEmpty {
            context.writeAndFlush(wrapOutboundOut(ByteBuffer(string: text)), promise: nil)
        }
        context.fireChannelActive()
    }
}
