import Disk
import Domain
import HTTP

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// One repository's part of GitHub's REST API: puts requests together and sorts answers into errors.
struct GitHubAPI {
    let repository: GitHubRepository
    /// Without a slash at the end.
    let endpoint: String
    let host: String
    let token: Secret
    let transport: any GitHubTransport
    let time: any TimeSource

    /// - Returns: the answer's body, once its status is in the two hundreds.
    /// - Throws: `ForgeError` for anything else.
    func call(
        _ method: HTTPRequest.Method,
        _ path: String,
        query: [(name: String, value: String)] = []
    ) async throws(ForgeError) -> [UInt8] {
        try await send(method, path, query: query, body: []).body
    }

    /// The same with the headers of the answer; an empty path is the repository itself.
    func answer(
        _ method: HTTPRequest.Method,
        _ path: String
    ) async throws(ForgeError) -> (body: [UInt8], headers: HTTPHeaders) {
        let response = try await send(method, path, query: [], body: [])
        return (response.body, response.headers)
    }

    /// The same with a JSON body.
    func call(
        _ method: HTTPRequest.Method,
        _ path: String,
        sending body: some Encodable
    ) async throws(ForgeError) -> [UInt8] {
        let bytes: [UInt8]
        do {
            bytes = try Array(RecordEncoder.node(of: body).lineText.utf8)
        } catch {
            throw .unreadable(host: host, why: "\(error)")
        }
        return try await send(method, path, query: [], body: bytes).body
    }

    /// Reads an answer's body.
    func decode<Value: Decodable>(
        _ type: Value.Type,
        from body: [UInt8]
    ) throws(ForgeError) -> Value {
        do {
            return try RecordDecoder.value(type, from: body)
        } catch {
            throw .unreadable(host: host, why: RecordDecoder.explanation(of: error))
        }
    }

    private func send(
        _ method: HTTPRequest.Method,
        _ path: String,
        query: [(name: String, value: String)],
        body: [UInt8]
    ) async throws(ForgeError) -> HTTPResponse {
        var url = "\(endpoint)/repos/\(repository)" + (path.isEmpty ? "" : "/\(path)")
        for (index, item) in query.enumerated() {
            url += "\(index == 0 ? "?" : "&")\(item.name)=\(Self.encoded(item.value))"
        }
        var headers: HTTPHeaders = [
            "Accept": "application/vnd.github+json",
            // https://docs.github.com/en/rest/about-the-rest-api/api-versions
            "X-GitHub-Api-Version": "2022-11-28",
            "User-Agent": "linecook",
        ]
        if !body.isEmpty { headers["Content-Type"] = "application/json" }
        let request = HTTPRequest(
            method,
            url,
            headers: headers,
            authorization: token.prefixed(with: "Bearer "),
            body: body
        )
        let response: HTTPResponse
        do {
            response = try await transport.send(request)
        } catch {
            if case .cancelled = error { throw .cancelled }
            throw .http(error)
        }
        guard 200..<300 ~= response.status else { throw refusal(response) }
        return response
    }

    private func refusal(_ response: HTTPResponse) -> ForgeError {
        // A proxy's page of HTML instead of GitHub's JSON has no message to show.
        let body = try? RecordDecoder.value(GitHubRefusal.self, from: response.body)
        let message = Self.shown(body?.summary ?? "no explanation")
        switch response.status {
        case 300..<400: return .moved(repository: repository.description)
        case 401: return .unauthorized(host: host)
        case 403, 429:
            if let wait = wait(response, body) { return .rateLimited(host: host, wait: wait) }
            if let sso = response.headers["X-GitHub-SSO"], sso.hasPrefix("required") {
                let url = sso.firstRange(of: "url=").map { String(sso[$0.upperBound...]) }
                return .needsSingleSignOn(
                    repository: repository.description,
                    url: url.map(Self.shown)
                )
            }
            return .forbidden(
                repository: repository.description,
                needs: needs(response),
                message: message
            )
        case 404: return .noRepository(repository.description)
        case 500...: return .trouble(host: host, status: response.status)
        default:
            return .rejected(
                repository: repository.description,
                status: response.status,
                message: message
            )
        }
    }

    /// How long to wait, when the refusal is about the number of requests: what `Retry-After` says, else
    /// the time of the reset, else a minute.
    /// https://docs.github.com/en/rest/using-the-rest-api/rate-limits-for-the-rest-api
    private func wait(_ response: HTTPResponse, _ body: GitHubRefusal?) -> Duration? {
        if let seconds = response.headers["Retry-After"].flatMap({ Int($0) }) {
            return .seconds(max(seconds, 1))
        }
        if response.headers["X-RateLimit-Remaining"] == "0",
            let reset = response.headers["X-RateLimit-Reset"].flatMap({ Double($0) })
        {
            let left = reset - time.now().wall.timeIntervalSince1970
            return .seconds(Int(min(max(left, 1), 3_600).rounded(.up)))
        }
        let isLimit = response.status == 429 || body?.mentions("rate limit") ?? false
        return isLimit ? .seconds(60) : nil
    }

    /// What the token lacks: GitHub names it for tokens of either kind.
    private func needs(_ response: HTTPResponse) -> String? {
        if let needed = response.headers["X-Accepted-GitHub-Permissions"], !needed.isEmpty {
            return "the permission \(Self.shown(needed))"
        }
        if let needed = response.headers["X-Accepted-OAuth-Scopes"], !needed.isEmpty {
            let held = response.headers["X-OAuth-Scopes"] ?? ""
            return "one of the scopes \(Self.shown(needed)) (it has: "
                + "\(held.isEmpty ? "none" : Self.shown(held)))"
        }
        return nil
    }

    /// Text of the host for a message: one short line without control characters.
    private static func shown(_ text: String) -> String {
        var shown = ""
        shown.unicodeScalars.append(
            contentsOf: text.unicodeScalars.prefix(300).map { $0.isUnsafeToShow ? " " : $0 }
        )
        return shown
    }

    /// RFC 3986, 2.3: all but the unreserved characters.
    private static func encoded(_ text: String) -> String {
        var encoded = ""
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "_"),
                UInt8(ascii: "."), UInt8(ascii: "~"):
                encoded.unicodeScalars.append(Unicode.Scalar(byte))
            default:
                let digits = String(byte, radix: 16, uppercase: true)
                encoded += "%" + (digits.count == 1 ? "0" : "") + digits
            }
        }
        return encoded
    }
}
