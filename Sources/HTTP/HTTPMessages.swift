/// What is asked of a server.
package struct HTTPRequest: Equatable, Sendable {
    /// The verbs that the services we talk to know.
    package enum Method: String, Equatable, Sendable {
        case get = "GET"
        case post = "POST"
        case put = "PUT"
        case patch = "PATCH"
        case delete = "DELETE"
    }

    package var method: Method
    /// Absolute, `http` or `https`, percent-encoded by the caller.
    package var url: String
    /// Everything but `Authorization`, which is a secret.
    package var headers: HTTPHeaders
    /// The whole value of the `Authorization` field, such as `Bearer …`.
    package var authorization: Secret?
    package var body: [UInt8]
    /// For the whole exchange, from the call to the last byte.
    package var timeout: Duration = .seconds(30)
    /// For name lookup, connection and TLS; part of `timeout`.
    package var connectTimeout: Duration = .seconds(10)
    /// An answer with a larger (unpacked) body is given up as soon as that shows.
    package var maximumBodySize: Int = 16 * 1024 * 1024

    /// A request with the usual bounds.
    package init(
        _ method: Method,
        _ url: String,
        headers: HTTPHeaders = [:],
        authorization: Secret? = nil,
        body: [UInt8] = []
    ) {
        self.method = method
        self.url = url
        self.headers = headers
        self.authorization = authorization
        self.body = body
    }

    /// Host and port for messages; never the path or query, which may carry data, nor a password.
    package var host: String {
        guard let scheme = url.firstRange(of: "://") else { return "(no host)" }
        let authority = url[scheme.upperBound...].prefix { !"/?#\\".contains($0) }
        let host = authority.split(separator: "@", omittingEmptySubsequences: false).last ?? ""
        return String(
            String.UnicodeScalarView(host.unicodeScalars.prefix(255).filter { $0.isPrintable })
        )
    }
}

/// What the server said, whatever its status; a redirect is an answer, too.
package struct HTTPResponse: Equatable, Sendable {
    package var status: Int
    package var headers: HTTPHeaders
    /// Unpacked, whole.
    package var body: [UInt8]

    /// Made by the client, and by whoever stands in for a server.
    package init(status: Int, headers: HTTPHeaders = [:], body: [UInt8] = []) {
        self.status = status
        self.headers = headers
        self.body = body
    }
}

extension Unicode.Scalar {
    /// Safe on a terminal and in a log: no control, no format character.
    var isPrintable: Bool {
        switch properties.generalCategory {
        case .control, .format, .lineSeparator, .paragraphSeparator, .surrogate, .unassigned,
            .privateUse:
            false
        default: true
        }
    }
}
