import Synchronization

/// Sends requests through libcurl and gives whole answers.
///
/// One thread drives all transfers; it starts with the first request and sleeps, without waking, while
/// there is none. Connections are kept and shared: HTTP/2 where the server offers it. Redirects are not
/// followed, schemes other than `http` and `https` are refused, certificates are always checked. The
/// usual proxy variables (`https_proxy`, `no_proxy`) hold.
///
/// A request on a connection that the server closed in the same moment is sent once more on a new one, as
/// every HTTP client does; what mustn't happen twice needs a key that the server knows.
package final class HTTPClient: Sendable {
    /// What holds for all requests of a client.
    package struct Settings: Equatable, Sendable {
        /// Sent as `User-Agent` unless the request has one.
        package var userAgent: String
        /// A PEM file whose authorities are trusted instead of the system's.
        package var certificateAuthorities: String?

        /// The system's authorities are trusted unless a file is named.
        package init(userAgent: String = "linecook", certificateAuthorities: String? = nil) {
            self.userAgent = userAgent
            self.certificateAuthorities = certificateAuthorities
        }
    }

    private let loop: TransferLoop
    private let lastTicket = Atomic<UInt64>(0)

    /// Nothing of libcurl is touched before the first request.
    package init(settings: Settings = Settings()) {
        loop = TransferLoop(settings: settings)
    }

    deinit { loop.stop() }

    /// The server's answer, whatever its status.
    ///
    /// Cancelling the task ends the transfer at once.
    ///
    /// - Throws: `HTTPError`, when there is no whole answer; `cancelled` for a cancelled task.
    package func send(_ request: HTTPRequest) async throws(HTTPError) -> HTTPResponse {
        guard !Task.isCancelled else { throw .cancelled(sent: false) }
        let id = lastTicket.add(1, ordering: .relaxed).newValue
        let result = await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                loop.post(.start(id, request, continuation))
                // A cancellation that came before the start found nothing to cancel.
                if Task.isCancelled { loop.post(.cancel(id)) }
            }
        } onCancel: {
            loop.post(.cancel(id))
        }
        return try result.get()
    }

    /// Ends all transfers (their callers get `unavailable`) and the thread; later requests get the same.
    package func shutDown() { loop.stop() }
}
