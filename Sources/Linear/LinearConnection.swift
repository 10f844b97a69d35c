import Domain
import HTTP

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// Sends operations to Linear: authorization, limits, retries, and what an answer means.
actor LinearConnection {
    private let endpoint: String
    private let authorization: Secret
    private let transport: any LinearTransport
    private let time: any TimeSource
    private var randomness: any RandomNumberGenerator & Sendable
    private(set) var budget = LinearBudget()
    /// Nothing is sent before this uptime.
    private var gate = Duration.zero
    /// How often Linear has refused since it last answered.
    private var refusals = 0

    /// The waits between the tries of one operation, each scattered by a fifth.
    private static let waits: [Duration] = [.milliseconds(500), .seconds(2)]
    /// No further try begins later than this.
    private static let retryWindow = Duration.seconds(10)
    /// The longest wait for a budget; what takes longer is for the caller to plan.
    static let patience = Duration.seconds(120)
    private static let fileLimit = 1_000_000

    init(
        endpoint: String,
        token: Secret,
        transport: any LinearTransport,
        time: any TimeSource,
        randomness: any RandomNumberGenerator & Sendable
    ) {
        self.endpoint = endpoint
        // Personal keys stand alone; the tokens of OAuth apps are bearer tokens.
        authorization =
            token.revealed.hasPrefix("lin_oauth_") ? token.prefixed(with: "Bearer ") : token
        self.transport = transport
        self.time = time
        self.randomness = randomness
    }

    /// What came of an operation: its data, and the errors beside or instead of it.
    struct Result<Content: Sendable>: Sendable {
        var data: Content?
        var failures: [GraphQLFailure]
    }

    /// The whole data of an operation, tried a few times; anything short of that is an error.
    func fetch<Content: Decodable & Sendable>(
        _ request: GraphQLRequest,
        as type: Content.Type
    ) async throws(LinearError) -> Content {
        let message = try makeMessage(request)
        let outcome: Result<Content> = try await retry { () async throws(LinearError) in
            try await once(message, isWhole: true)
        }
        guard let data = outcome.data else { throw .malformedAnswer(what: "it holds no data") }
        return data
    }

    /// Like `fetch`, but errors of single fields are the caller's to read.
    func perform<Content: Decodable & Sendable>(
        _ request: GraphQLRequest,
        as type: Content.Type
    ) async throws(LinearError) -> Result<Content> {
        let message = try makeMessage(request)
        return try await retry { () async throws(LinearError) in
            try await once(message, isWhole: false)
        }
    }

    /// The text of a file that Linear keeps, `fileLimit` bytes at most.
    ///
    /// The token is sent along: the caller has seen to it that the host is Linear's.
    ///
    /// - Throws: `unusablePrompt` for what isn't text, is too large, or isn't given to this token.
    func text(at url: String, named name: String) async throws(LinearError) -> String {
        var message = HTTPRequest(.get, url, authorization: authorization)
        message.timeout = .seconds(20)
        message.maximumBodySize = Self.fileLimit
        let response = try await retry { () async throws(LinearError) in
            try await file(message, named: name)
        }
        let type = response.headers["Content-Type"]?.lowercased() ?? ""
        guard !type.hasPrefix("text/html"), !response.body.contains(0),
            let text = String(validating: response.body, as: UTF8.self)
        else { throw .unusablePrompt(name: name, why: "it isn't text in UTF-8") }
        return text.first == "\u{FEFF}" ? String(text.dropFirst()) : text
    }

    private func file(
        _ message: HTTPRequest,
        named name: String
    ) async throws(LinearError) -> HTTPResponse {
        let response: HTTPResponse
        do throws(LinearError) {
            response = try await send(message)
        } catch .unanswered(.tooLarge) {
            throw .unusablePrompt(name: name, why: "it is larger than 1 MB")
        } catch .unanswered(.unsendable) {
            throw .unusablePrompt(name: name, why: "its address is malformed")
        }
        let status = response.status
        if status == 200 { return response }
        if status == 429 || status >= 500 {
            throw .serverFault(status: status, message: "no file '\(name)' but this status")
        }
        throw .unusablePrompt(name: name, why: "HTTP \(status) came instead of it")
    }

    private func retry<Value: Sendable>(
        _ attempt: () async throws(LinearError) -> Value
    ) async throws(LinearError) -> Value {
        let start = time.now().uptime
        var waits = Self.waits[...]
        while true {
            try await waitForBudget(since: start)
            do {
                return try await attempt()
            } catch {
                if case .rateLimited = error { continue }  // and wait for the budget
                guard error.isRetryable, let wait = waits.popFirst(),
                    time.now().uptime + wait - start < Self.retryWindow
                else { throw error }
                try await sleep(wait * Double.random(in: 0.8...1.2, using: &randomness))
            }
        }
    }

    private func once<Content: Decodable & Sendable>(
        _ message: HTTPRequest,
        isWhole: Bool
    ) async throws(LinearError) -> Result<Content> {
        let response = try await send(message)
        budget.note(response.headers)
        let outcome: Result<Content> = try read(response)
        refusals = 0
        budget.exhaustedUntil = nil
        if let failure = outcome.failures.first {
            let error = LinearError(failure)
            if outcome.data == nil, isWhole || error.isRetryable { throw error }
            if isWhole { throw .partialAnswer(message: failure.text) }
        } else if outcome.data == nil {
            throw .malformedAnswer(what: "it holds neither data nor an error")
        }
        return outcome
    }

    private func send(_ message: HTTPRequest) async throws(LinearError) -> HTTPResponse {
        do throws(HTTPError) {
            return try await transport.send(message)
        } catch .cancelled {
            throw .cancelled
        } catch {
            throw .unanswered(error)
        }
    }

    // MARK: - The message and its answer

    private func makeMessage(_ request: GraphQLRequest) throws(LinearError) -> HTTPRequest {
        let body: [UInt8]
        do {
            let encoder = JSONEncoder()
            encoder.outputFormatting = [.withoutEscapingSlashes, .sortedKeys]
            body = [UInt8](try encoder.encode(request))
        } catch {
            throw .misunderstood(message: "\(request.operationName) can't be written as JSON")
        }
        var message = HTTPRequest(
            .post,
            endpoint,
            headers: ["Content-Type": "application/json", "Accept": "application/json"],
            authorization: authorization,
            body: body
        )
        message.timeout = .seconds(20)
        return message
    }

    private func read<Content: Decodable & Sendable>(
        _ response: HTTPResponse
    ) throws(LinearError) -> Result<Content> {
        if response.status >= 500 {
            throw .serverFault(status: response.status, message: "no answer but this status")
        }
        let answer: GraphQLAnswer<Content>
        do throws(LinearError) {
            answer = try decode(response)
        } catch {
            switch response.status {
            case 429: throw refused(response, nil)
            case 401, 403: throw .unauthorized(message: "HTTP \(response.status)")
            case 200, 400: throw error
            default:
                throw .malformedAnswer(what: "HTTP \(response.status) instead of an answer")
            }
        }
        let failures = answer.errors ?? []
        if let failure = failures.first(where: { $0.extensions?.code == "RATELIMITED" }) {
            throw refused(response, failure)
        }
        if response.status == 429 { throw refused(response, failures.first) }
        if response.status == 401 || response.status == 403 {
            throw .unauthorized(message: failures.first?.text ?? "HTTP \(response.status)")
        }
        guard response.status == 200 else {
            throw failures.first.map { LinearError($0) }
                ?? .malformedAnswer(what: "HTTP \(response.status) instead of an answer")
        }
        return Result(data: answer.data, failures: failures)
    }

    private func decode<Content: Decodable>(
        _ response: HTTPResponse
    ) throws(LinearError) -> GraphQLAnswer<Content> {
        let type = response.headers["Content-Type"] ?? "no content type"
        guard type.lowercased().contains("json") else {
            throw .malformedAnswer(what: "'\(type.cleaned)' came instead of JSON")
        }
        guard !response.body.isEmpty else { throw .malformedAnswer(what: "it is empty") }
        do {
            let decoder = JSONDecoder()
            decoder.dateDecodingStrategy = .custom(Self.date(from:))
            return try decoder.decode(GraphQLAnswer<Content>.self, from: Data(response.body))
        } catch let error as DecodingError {
            throw .malformedAnswer(what: error.summary)
        } catch {
            throw .malformedAnswer(what: "it isn't JSON")
        }
    }

    /// Linear writes `2026-11-23T19:40:02.123Z`.
    private static func date(from decoder: any Decoder) throws -> Date {
        let container = try decoder.singleValueContainer()
        let text = try container.decode(String.self)
        let exact = Date.ISO8601FormatStyle(includingFractionalSeconds: true)
        // Not in this form: then in the other, whose error counts.
        if let date = try? exact.parse(text) { return date }
        guard let date = try? Date.ISO8601FormatStyle().parse(text) else {
            throw DecodingError.dataCorruptedError(in: container, debugDescription: "not a time")
        }
        return date
    }

    // MARK: - Limits

    /// Closes the gate until the budget is back, a second at least and longer after each refusal.
    private func refused(_ response: HTTPResponse, _ failure: GraphQLFailure?) -> LinearError {
        let now = time.now()
        let reset = LinearBudget.reset(after: response.headers, failure: failure, now: now.wall)
        refusals += 1
        let least = Double(1 << min(refusals - 1, 6))
        let wait = max(least, reset.timeIntervalSince(now.wall))
        let scatter = Double.random(in: 0...1, using: &randomness)
        gate = now.uptime + .seconds(wait + scatter)
        let until = now.wall.addingTimeInterval(wait)
        budget.exhaustedUntil = until
        return .rateLimited(until: until)
    }

    private func waitForBudget(since start: Duration) async throws(LinearError) {
        while time.now().uptime < gate {
            guard gate - start <= Self.patience else {
                throw .rateLimited(until: budget.exhaustedUntil ?? time.now().wall)
            }
            try await sleep(gate - time.now().uptime)
        }
    }

    private func sleep(_ duration: Duration) async throws(LinearError) {
        do {
            try await time.sleep(for: duration)
        } catch {
            throw .cancelled
        }
    }
}

extension LinearError {
    /// What one entry of `errors` means.
    init(_ failure: GraphQLFailure) {
        let message = failure.text
        switch failure.extensions?.code {
        case "AUTHENTICATION_ERROR": self = .unauthorized(message: message)
        case "INTERNAL_SERVER_ERROR": self = .serverFault(status: 200, message: message)
        case "GRAPHQL_VALIDATION_FAILED", "GRAPHQL_PARSE_FAILED", "BAD_USER_INPUT", "BAD_REQUEST":
            self = .misunderstood(message: message)
        default:
            // Linear has no codes for these two, only texts.
            if let range = failure.message.firstRange(of: "Entity not found: ") {
                self = .notFound(entity: String(failure.message[range.upperBound...]).cleaned)
            } else if failure.message.contains("conflict on insert") {
                self = .conflict(message: message)
            } else if let status = failure.extensions?.statusCode, status >= 500 {
                self = .serverFault(status: 200, message: message)
            } else {
                self = .refused(message: message)
            }
        }
    }
}

extension GraphQLFailure {
    /// For people, cleaned: both texts where Linear wrote one for users as well.
    var text: String {
        let shown = extensions?.userPresentableMessage ?? ""
        return shown.isEmpty || shown == message ? message.cleaned : "\(message): \(shown)".cleaned
    }
}

extension DecodingError {
    /// Where the answer departs from the schema, without any of its text.
    fileprivate var summary: String {
        func place(_ context: Context, _ key: (any CodingKey)? = nil) -> String {
            (context.codingPath + [key].compactMap { $0 }).map { key in
                key.intValue.map(String.init) ?? key.stringValue
            }.joined(separator: ".").cleaned
        }
        return switch self {
        case .keyNotFound(let key, let context): "'\(place(context, key))' is missing"
        case .valueNotFound(_, let context): "'\(place(context))' is null"
        case .typeMismatch(_, let context): "'\(place(context))' is of another type"
        case .dataCorrupted(let context):
            context.codingPath.isEmpty
                ? "it is cut off or isn't JSON" : "'\(place(context))' has a malformed value"
        @unknown default: "it isn't what the schema says"
        }
    }
}
