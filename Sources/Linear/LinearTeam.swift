package import Domain

/// A team, as a bootstrap saw it.
package struct LinearTeam: Equatable, Sendable {
    package var id: String
    package var key: String
    package var name: String
    /// From left to right on the board.
    package var states: [TicketState]

    /// The state of this name, whatever its capitals.
    package func state(named name: String) -> TicketState? {
        states.first { $0.name == name }
            ?? states.first { $0.name.lowercased() == name.lowercased() }
    }

    init(_ record: TeamRecord) {
        id = record.id
        key = record.key
        name = record.name
        states = record.states.nodes.sorted { ($0.position, $0.name) < ($1.position, $1.name) }
            .map { TicketState(id: $0.id, name: $0.name, type: StateType($0.type)) }
    }

    /// - Throws: `unknownState`, with the states that there are.
    func requireState(named name: String) throws(LinearError) -> TicketState {
        if let state = state(named: name) { return state }
        throw .unknownState(name.cleaned, team: key.cleaned, known: states.map(\.name.cleaned))
    }
}

/// Whom the token belongs to.
package struct LinearViewer: Equatable, Sendable, Decodable {
    package var id: String
    package var name: String
    package var email: String
}
