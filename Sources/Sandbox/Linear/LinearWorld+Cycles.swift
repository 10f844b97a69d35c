extension LinearWorld {
    /// What Linear says of a cycle by its times: whether it `isActive`, `isFuture`, `isNext`, `isPast` or `isPrevious`.
    ///
    /// - Parameters:
    ///   - cycle: A record of the type `Cycle`.
    ///   - name: One of the five fields.
    ///   - now: As text that compares with the records' times.
    /// - Returns: True or false.
    func isCycle(_ cycle: Record, _ name: String, at now: String) -> JSONValue {
        func isFuture(_ cycle: Record) -> Bool { (cycle["startsAt"].text ?? "") > now }
        func isPast(_ cycle: Record) -> Bool {
            cycle["completedAt"] != .null || (cycle["endsAt"].text ?? "") <= now
        }
        let siblings = all("Cycle").filter { $0["teamId"] == cycle["teamId"] }.sorted {
            ($0["startsAt"].text ?? "") < ($1["startsAt"].text ?? "")
        }
        let holds =
            switch name {
            case "isFuture": isFuture(cycle)
            case "isNext": siblings.first(where: isFuture)?.id == cycle.id
            case "isPast": isPast(cycle)
            case "isPrevious": siblings.last(where: isPast)?.id == cycle.id
            default: !isFuture(cycle) && !isPast(cycle)
            }
        return .boolean(holds)
    }
}
