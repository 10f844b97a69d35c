/// What a handler answers.
package struct WebResponse: Sendable {
    /// What follows the headers.
    package enum Body: Sendable {
        case bytes([UInt8])
        /// Written piece by piece while the closure runs, for server-sent events; the connection ends
        /// with it. The closure is cancelled when the client has gone or the server stops. An error
        /// thrown from it cuts the connection, so that the client doesn't take the part for the whole.
        case stream(@Sendable (WebBodyWriter) async throws -> Void)
    }
    package var status: Int
    /// `Content-Length`, `Transfer-Encoding` and `Connection` are the server's to set.
    package var headers: WebHeaders
    package var body: Body

    package init(status: Int = 200, headers: WebHeaders = WebHeaders(), body: Body = .bytes([])) {
        self.status = status
        self.headers = headers
        self.body = body
    }

    /// A short text for people.
    package static func text(_ text: String, status: Int = 200) -> Self {
        Self(
            status: status,
            headers: ["Content-Type": "text/plain; charset=utf-8"],
            body: .bytes(Array(text.utf8))
        )
    }

    /// A document that is JSON already.
    package static func json(_ bytes: [UInt8], status: Int = 200) -> Self {
        Self(
            status: status,
            headers: ["Content-Type": "application/json; charset=utf-8"],
            body: .bytes(bytes)
        )
    }
}
