extension LinearClient {
    /// Those of these labels that neither the team nor the whole workspace has; capitals don't matter.
    ///
    /// - Throws: `LinearError`.
    package func missingLabels(
        among names: [String],
        team key: String
    ) async throws(LinearError) -> [String] {
        var missing: [String] = []
        var rest = names[...]
        while !rest.isEmpty {
            let asked = rest.prefix(50)
            rest = rest.dropFirst(asked.count)
            let same = asked.map { ["name": ["eqIgnoreCase": .string($0)]] as GraphQLValue }
            let places: [GraphQLValue] = [
                ["team": ["null": true]], ["team": ["key": ["eqIgnoreCase": .string(key)]]],
            ]
            let answer = try await connection.fetch(
                GraphQLRequest(
                    operationName: "NamedLabels",
                    query: """
                        query NamedLabels($labels: IssueLabelFilter) { issueLabels(filter: $labels, \
                        first: \(asked.count * 2)) { nodes { id name } } }
                        """,
                    variables: [
                        "labels": ["and": [["or": .list(same)], ["or": .list(places)]]]
                    ]
                ),
                as: NamedLabelsAnswer.self
            )
            let known = Set(answer.issueLabels.nodes.map { $0.name.lowercased() })
            missing += asked.filter { !known.contains($0.lowercased()) }
        }
        return missing
    }
}

private struct NamedLabelsAnswer: Decodable, Sendable {
    var issueLabels: Page<NamedRecord>
}
