import Sandbox
import Synchronization
import WebServer

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// Asks a sandbox the way a tracker client does.
struct LinearClient {
    let sandbox: LinearSandbox
    var authorization: String? = "lin_api_test"

    /// A client of a workspace whose clock goes on by a second each time it is read.
    init(_ seed: LinearSeed = LinearSeed(), requestsPerHour: Int = 2500) throws {
        let clock = SteppingClock()
        sandbox = try LinearSandbox(seed: seed, requestsPerHour: requestsPerHour) { clock.now() }
    }

    func send(
        _ query: String,
        _ variables: JSONValue = [:],
        operation: String? = nil
    ) async -> (status: Int, body: String, headers: WebHeaders) {
        let document: JSONValue = [
            "query": .string(query), "variables": variables,
            "operationName": operation.map(JSONValue.string) ?? .null,
        ]
        var headers: WebHeaders = ["Content-Type": "application/json"]
        headers["Authorization"] = authorization
        let response = await sandbox.answer(
            WebRequest(
                method: "POST",
                path: "/graphql",
                headers: headers,
                body: document.serialized
            )
        )
        guard case .bytes(let bytes) = response.body else { return (0, "", response.headers) }
        return (response.status, String(decoding: bytes, as: UTF8.self), response.headers)
    }

    /// The whole answer as JSON text, its fields in the order of the question.
    func ask(_ query: String, _ variables: JSONValue = [:]) async -> String {
        await send(query, variables).body
    }

    /// The value at a path of names and places in the answer's data.
    func value(
        _ path: String,
        of query: String,
        _ variables: JSONValue = [:]
    ) async throws -> JSONValue {
        var json = try JSONValue(parsing: Array(await ask(query, variables).utf8))["data"] ?? .null
        for part in path.split(separator: ".") {
            json =
                Int(part).map { json.items.count > $0 ? json.items[$0] : .null }
                ?? json[String(part)] ?? .null
        }
        return json
    }
}

private final class SteppingClock: Sendable {
    private let seconds = Mutex(1_750_000_000.0)

    func now() -> Date {
        seconds.withLock { seconds in
            seconds += 1
            return Date(timeIntervalSince1970: seconds)
        }
    }
}
