package import HTTP

/// What carries requests to Linear; the HTTP client in the daemon.
package protocol LinearTransport: Sendable {
    /// The server's answer, whatever its status.
    func send(_ request: HTTPRequest) async throws(HTTPError) -> HTTPResponse
}

extension HTTPClient: LinearTransport {}
