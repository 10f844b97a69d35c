/// The names of labels by their ids, as far as anything has asked for them.
struct LabelNames: Equatable, Sendable {
    /// `nil` for an id that Linear doesn't know (any more): it isn't asked for again.
    private var known: [String: String?] = [:]

    /// In the order of `ids`; what has no name is left out.
    func names(of ids: [String]) -> [String] { ids.compactMap { known[$0] ?? nil } }

    /// Which of `ids` have to be asked for, each once, in a fixed order.
    func unknown(among ids: some Sequence<String>) -> [String] {
        Set(ids).filter { known[$0] == nil }.sorted()
    }

    /// Takes over the answer to a question for `ids`.
    mutating func learn(_ labels: [NamedRecord], askedFor ids: [String]) {
        for id in ids { known[id] = .some(nil) }
        for label in labels { known[label.id] = label.name }
    }
}
