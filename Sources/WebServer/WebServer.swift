import NIOCore
import NIOPosix
import Synchronization

/// An HTTP/1.1 listener: one thread for all sockets, one task a connection, one request of it at a time.
package struct WebServer: Sendable {
    package typealias Handler = @Sendable (WebRequest) async -> WebResponse

    /// A numeric address, or a name that is looked up once, at the start.
    package let host: String
    /// 0 takes any free port.
    package let port: Int
    package let limits: WebLimits

    package init(host: String = "127.0.0.1", port: Int = 0, limits: WebLimits = WebLimits()) {
        self.host = host
        self.port = port
        self.limits = limits
    }

    /// Listens and answers until the task is cancelled, then returns once every connection is closed.
    ///
    /// A cancelled server doesn't wait for handlers at work: they are cancelled too, and their clients
    /// see the connection end.
    ///
    /// - Parameters:
    ///   - onListening: told the port as soon as clients may connect; they are answered once it returns.
    ///   - handler: answers one request; several run at once.
    /// - Throws: `WebServerError` when the address can't be had.
    package func run(
        onListening: (_ port: Int) async -> Void = { _ in },
        handler: @escaping Handler
    ) async throws {
        try await withListener { listener in
            await onListening(listener.channel.localAddress?.port ?? port)
            try await accept(on: listener, handler: handler)
        }
    }

    /// Answers requests for as long as `body` runs.
    ///
    /// - Parameters:
    ///   - handler: answers one request; several run at once.
    ///   - body: gets the port.
    /// - Returns: what `body` returned.
    /// - Throws: `WebServerError`, and what `body` throws.
    package func whileRunning<Result: Sendable>(
        handler: @escaping Handler,
        body: (_ port: Int) async throws -> Result
    ) async throws -> Result {
        try await withListener { listener in
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask { try await accept(on: listener, handler: handler) }
                let result = try await body(listener.channel.localAddress?.port ?? port)
                group.cancelAll()
                try await group.waitForAll()
                return result
            }
        }
    }

    private typealias Listener = NIOAsyncChannel<Connection, Never>
    private enum Connection: Sendable {
        case admitted(Exchange.Channel)
        /// Answered and closed already.
        case refused
    }

    private func withListener<Result>(
        _ body: (Listener) async throws -> Result
    ) async throws -> Result {
        let thread = MultiThreadedEventLoopGroup(numberOfThreads: 1)
        do {
            let result = try await body(listen(on: thread))
            try await thread.shutdownGracefully()
            return result
        } catch {
            try await thread.shutdownGracefully()
            throw error
        }
    }

    private func listen(on thread: MultiThreadedEventLoopGroup) async throws -> Listener {
        let limits = limits
        let occupied = ConnectionCount()
        do {
            return try await ServerBootstrap(group: thread)
                .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
                .serverChannelOption(.backlog, value: 128)
                .childChannelOption(.maxMessagesPerRead, value: 1)
                .bind(host: host, port: port) { channel in
                    channel.eventLoop.makeCompletedFuture {
                        guard occupied.take(upTo: limits.connections) else {
                            Exchange.refuse(channel)
                            return .refused
                        }
                        channel.closeFuture.whenComplete { _ in occupied.release() }
                        return .admitted(try Exchange.install(on: channel, limits: limits))
                    }
                }
        } catch {
            let reason = (error as? IOError)?.description ?? "\(error)"
            throw WebServerError.cannotListen(host: host, port: port, reason: reason)
        }
    }

    /// Returns when the task is cancelled.
    private func accept(on listener: Listener, handler: @escaping Handler) async throws {
        do {
            try await listener.executeThenClose { connections in
                try await withThrowingDiscardingTaskGroup { group in
                    for try await case .admitted(let channel) in connections {
                        group.addTask { await Exchange.serve(channel, handler: handler) }
                    }
                }
            }
        } catch  where Task.isCancelled {
            // The listener is closed, which is what the caller asked for.
        }
    }
}

/// How many connections are open.
private final class ConnectionCount: Sendable {
    private let count = Mutex(0)

    func take(upTo limit: Int) -> Bool {
        count.withLock { count in
            guard count < limit else { return false }
            count += 1
            return true
        }
    }

    func release() { count.withLock { $0 -= 1 } }
}
