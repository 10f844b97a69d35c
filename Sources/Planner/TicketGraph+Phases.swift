package import Domain

extension TicketGraph {
    /// The tickets in phases: each is in a later one than all that it waits for.
    ///
    /// Tickets that wait for themselves, or for one that does, are in none; they are `heldTickets`.
    ///
    /// - Parameter size: the most tickets in one phase, from 1; no bound when `nil`. A wider phase is cut
    ///   into as few as can be, the more urgent tickets first, those that name the same file apart as far
    ///   as that goes without another phase.
    /// - Returns: The phases in their order, the tickets of each in the order of the queue, by their places in
    ///   `tickets`.
    package func phases(size: Int?) -> [[Int]] {
        var levels: [[Int]] = []
        for ticket in tickets.indices.sorted(by: { place[$0] < place[$1] }) where !isHeld[ticket] {
            while levels.count <= level[ticket] { levels.append([]) }
            levels[level[ticket]].append(ticket)
        }
        guard let size = size.map({ max(1, $0) }), levels.contains(where: { $0.count > size })
        else {
            return levels
        }
        var conflicts = [[Int]](repeating: [], count: tickets.count)
        for pair in fileOverlaps.keys where level[pair.first] == level[pair.second] {
            conflicts[pair.first].append(pair.second)
            conflicts[pair.second].append(pair.first)
        }
        return levels.flatMap { split($0, size, conflicts) }
    }

    /// The tickets that are in no phase, in the order of the queue.
    package var heldTickets: [Ticket] {
        tickets.indices.filter { isHeld[$0] }.sorted { place[$0] < place[$1] }.map { tickets[$0] }
    }

    /// A phase's name: A to Z, then AA, AB and so on.
    ///
    /// - Parameter index: from 0.
    /// - Returns: Letters only.
    package static func phaseName(_ index: Int) -> String {
        var letters: [UInt8] = []
        var left = index
        while left >= 0 {
            letters.append(UInt8(ascii: "A") + UInt8(left % 26))
            left = left / 26 - 1
        }
        return String(decoding: letters.reversed(), as: UTF8.self)
    }

    private func split(_ members: [Int], _ size: Int, _ conflicts: [[Int]]) -> [[Int]] {
        guard members.count > size else { return [members] }
        var phases = [[Int]](repeating: [], count: (members.count + size - 1) / size)
        var phaseOf: [Int: Int] = [:]
        var firstOpen = 0
        for ticket in members {
            while phases[firstOpen].count >= size { firstOpen += 1 }
            var shared: [Int: Int] = [:]
            for other in conflicts[ticket] {
                if let phase = phaseOf[other] { shared[phase, default: 0] += 1 }
            }
            let open = (firstOpen..<phases.count).lazy.filter { phases[$0].count < size }
            let chosen =
                open.first { shared[$0] == nil }
                ?? open.min { shared[$0, default: 0] < shared[$1, default: 0] } ?? firstOpen
            phases[chosen].append(ticket)
            phaseOf[ticket] = chosen
        }
        return phases.filter { !$0.isEmpty }
    }
}
