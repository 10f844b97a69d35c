/// Why there is no answer.
package enum HTTPError: Error, Equatable, Sendable {
    /// The request can't be sent as it is; nothing left this machine.
    case unsendable(host: String, why: String)
    /// No address for the host, or nobody listens there; nothing was sent.
    case unreachable(host: String, why: String)
    /// The server's certificate isn't trusted, or TLS can't be agreed upon; nothing was sent.
    case untrusted(host: String, why: String)
    /// The time was up.
    case timedOut(host: String, after: Duration, sent: Bool)
    /// The connection ended, or broke its protocol, before the answer was whole.
    case interrupted(host: String, why: String, sent: Bool)
    /// The answer is larger than the request allows.
    case tooLarge(host: String, limit: Int)
    /// The task was cancelled, and the transfer with it.
    case cancelled(sent: Bool)
    /// The client was shut down, or libcurl can't be used.
    case unavailable(why: String)

    /// Whether the same request may well succeed a little later.
    package var isRetryable: Bool {
        switch self {
        case .unreachable, .timedOut, .interrupted: true
        case .unsendable, .untrusted, .tooLarge, .cancelled, .unavailable: false
        }
    }

    /// Whether the server may have acted upon the request: look before you repeat what isn't idempotent.
    package var mayHaveArrived: Bool {
        switch self {
        case .unsendable, .unreachable, .untrusted, .unavailable: false
        case .timedOut(_, _, let sent), .interrupted(_, _, let sent), .cancelled(let sent): sent
        case .tooLarge: true
        }
    }
}

extension HTTPError: CustomStringConvertible {
    package var description: String {
        switch self {
        case .unsendable(let host, let why):
            "\(host): the request can't be sent: \(why)"
        case .unreachable(let host, let why):
            "\(host): can't be reached: \(why); check the address, the network and the proxy"
        case .untrusted(let host, let why):
            "\(host): no trusted connection: \(why); check the address, this machine's clock, "
                + "and the CA file if the host has a certificate of your own"
        case .timedOut(let host, let limit, let sent):
            sent
                ? "\(host): no whole answer within \(limit); it may be busy, try again"
                : "\(host): no connection within \(limit); check the network and the proxy"
        case .interrupted(let host, let why, _):
            "\(host): the connection ended early: \(why); try again"
        case .tooLarge(let host, let limit):
            "\(host): the answer is larger than \(limit) bytes and was given up"
        case .cancelled: "cancelled"
        case .unavailable(let why):
            "HTTP can't be used: \(why)"
        }
    }
}
