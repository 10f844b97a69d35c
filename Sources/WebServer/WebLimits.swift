/// What one client may cost.
package struct WebLimits: Equatable, Sendable {
    /// Request line and header fields together, in bytes; above it the answer is 431.
    package var headerInBytes: Int
    /// Above it the answer is 413, before the rest is read.
    package var bodyInBytes: Int
    /// How long a connection may be idle, take to send one request, or take to accept a piece of the answer.
    package var patience: Duration
    /// Above it further connections are answered 503 and closed.
    package var connections: Int

    package init(
        headerInBytes: Int = 16 * 1024,
        bodyInBytes: Int = 1024 * 1024,
        patience: Duration = .seconds(10),
        connections: Int = 64
    ) {
        self.headerInBytes = headerInBytes
        self.bodyInBytes = bodyInBytes
        self.patience = patience
        self.connections = connections
    }
}
