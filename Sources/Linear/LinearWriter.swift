package import Domain

/// Gathers the writes of many callers: what comes while a request is under way goes together in the next.
///
/// The first caller sends; when it has its answer it hands the sending on to one of those who wait, so
/// that nobody stays longer than for their own write.
package actor LinearWriter {
    private enum Turn {
        case settled(Result<WriteOutcome, LinearError>)
        /// Send what is waiting, your own write first.
        case send
    }
    private struct Waiting {
        var write: LinearWrite
        var turn: CheckedContinuation<Turn, Never>
    }

    private let client: LinearClient
    private let time: any TimeSource
    private var isSending = false
    private var waiting: [Waiting] = []

    /// A fifth of a round trip to Linear: nobody notices it, and it halves the number of requests.
    private static let linger = Duration.milliseconds(20)

    /// At most so many writes go together; also what a cancelled sender can hold up.
    private static let batchLimit = 60

    /// Several writers of one client don't gather from each other; use one.
    package init(client: LinearClient, time: any TimeSource) {
        self.client = client
        self.time = time
    }

    /// How many writes wait for the one under way.
    package var waitingCount: Int { waiting.count }

    /// Carries out one write, perhaps together with others, and tells what came of this one.
    ///
    /// A caller that is cancelled while it waits may still have its write done.
    package func submit(_ write: LinearWrite) async throws(LinearError) -> WriteOutcome {
        if isSending {
            let turn = await withCheckedContinuation {
                waiting.append(Waiting(write: write, turn: $0))
            }
            if case .settled(let result) = turn { return try result.get() }
        }
        isSending = true
        // What is asked for at the same time, such as a state, a link and a comment, goes together.
        // A cancelled wait sends at once.
        try? await time.sleep(for: Self.linger)
        let others = Array(waiting.prefix(Self.batchLimit - 1))
        waiting.removeFirst(others.count)
        let results = await client.perform([write] + others.map(\.write))
        var unsent: [Waiting] = []
        for (other, result) in zip(others, results.dropFirst()) {
            if case .failure(.cancelled) = result {
                unsent.append(other)  // only the sender was cancelled
            } else {
                other.turn.resume(returning: .settled(result))
            }
        }
        waiting = unsent + waiting
        if waiting.isEmpty {
            isSending = false
        } else {
            waiting.removeFirst().turn.resume(returning: .send)
        }
        return try (results.first ?? .failure(.cancelled)).get()
    }
}
