/// `retry.on:` — what follows each way in which an attempt may end.
///
/// Only what differs from the default is kept, so that a table in which everything is written out equals the empty
/// one. It can't hold a consequence that its outcome doesn't allow.
package struct FailureTable: Equatable, Sendable {
    private var chosen: [Outcome: Consequence] = [:]

    package init() {}

    package init(_ chosen: [Outcome: Consequence]) {
        for (outcome, consequence) in chosen { self[outcome] = consequence }
    }

    /// What follows; setting what isn't allowed does nothing.
    package subscript(outcome: Outcome) -> Consequence {
        get { chosen[outcome] ?? outcome.consequence }
        set {
            guard outcome.choices.contains(newValue) else { return }
            chosen[outcome] = newValue == outcome.consequence ? nil : newValue
        }
    }
}

extension FailureTable: Codable {
    package init(from decoder: any Decoder) throws {
        let words = try [String: Consequence](from: decoder)
        for (word, consequence) in words {
            // An outcome that this version doesn't know can't be met either.
            if let outcome = Outcome(rawValue: word) { self[outcome] = consequence }
        }
    }

    package func encode(to encoder: any Encoder) throws {
        let words = chosen.map { ($0.key.rawValue, $0.value) }
        try Dictionary(uniqueKeysWithValues: words).encode(to: encoder)
    }
}

extension Outcome {
    /// Whether a workflow may say what follows.
    package var isFailure: Bool { choices.count > 1 }

    /// What may follow; the default is among it.
    package var choices: [Consequence] {
        switch self {
        case .succeeded: [.deliver]
        case .cancelled: [.cancel]
        // Whoever waits for a provider holds all its other tickets too, so that it must have been the provider.
        case .agentFailed, .timedOut, .stalled, .rateLimited, .overloaded, .authFailed,
            .misconfigured:
            [.retry, .park, .askPerson, .fail]
        case .noChanges, .verificationFailed, .maxTurns, .budgetExceeded, .refused, .setupFailed,
            .worktreeFailed, .pushFailed, .pushDeclined, .conflict, .lost:
            [.retry, .askPerson, .fail]
        }
    }
}
