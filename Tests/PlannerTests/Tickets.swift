import Domain
import Planner

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

func key(_ number: Int) -> TicketKey {
    guard let key = TicketKey("FRE-\(number)") else { preconditionFailure("a bad key") }
    return key
}

func blocker(
    _ number: Int,
    _ type: StateType = .unstarted,
    _ cause: DependencyCause = .relation
) -> Blocker {
    Blocker(
        id: "id-\(number)",
        key: key(number),
        state: TicketState(id: "x", name: "Whatever", type: type),
        cause: cause
    )
}

func ticket(
    _ number: Int,
    _ priority: Priority = .medium,
    title: String = "t",
    age: Double = 0,
    after blockers: [Blocker] = [],
    paths: [String]? = nil
) -> Ticket {
    Ticket(
        id: "id-\(number)",
        key: key(number),
        title: title,
        url: "u",
        priority: priority,
        created: Date(timeIntervalSince1970: 1000 - age),
        updated: Date(timeIntervalSince1970: 1000),
        state: TicketState(id: "s", name: "Todo", type: .unstarted),
        blockers: blockers,
        paths: paths
    )
}

func ticket(_ number: Int, after blockers: [Int], paths: [String]? = nil) -> Ticket {
    ticket(number, after: blockers.map { blocker($0) }, paths: paths)
}
