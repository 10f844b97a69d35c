/// Why the server can't be reached.
package enum WebServerError: Error, Equatable, Sendable, CustomStringConvertible {
    case cannotListen(host: String, port: Int, reason: String)

    package var description: String {
        switch self {
        case .cannotListen(let host, let port, let reason):
            "http://\(host):\(port): can't listen there: \(reason);"
                + " choose another port, or end the program that holds this one"
        }
    }
}
