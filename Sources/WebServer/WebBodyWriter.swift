import NIOCore

/// Sends a streamed body; each piece leaves at once.
package struct WebBodyWriter: Sendable {
    private let outbound: NIOAsyncChannelOutboundWriter<Exchange.Part>
    private let isMuted: Bool

    init(_ outbound: NIOAsyncChannelOutboundWriter<Exchange.Part>, isMuted: Bool) {
        self.outbound = outbound
        self.isMuted = isMuted
    }

    /// Waits while the client is slower than the writer.
    ///
    /// - Throws: when the client has gone, was too slow for `WebLimits.patience`, or the task is cancelled.
    package func write(_ bytes: [UInt8]) async throws {
        try Task.checkCancellation()
        guard !isMuted, !bytes.isEmpty else { return }
        try await outbound.write(.body(ByteBuffer(bytes: bytes)))
    }
}
