import Domain

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// The runs that aren't at rest, and what each event asks of them: who holds a slot, who waits for one, whose time
/// comes next.
///
/// Whatever changes an entry goes through the subscript, which keeps the indices; so an event costs what it
/// changes, and not what there is. Who does more than one thing with an entry asks for its place first: there it's
/// looked at and changed without being copied.
struct Entries: Sendable {
    /// Where an entry lies, as long as its run is there.
    struct Place: Hashable, Sendable {
        fileprivate let index: Int
    }
    /// What of an entry the indices know.
    struct Marks: Equatable, Sendable {
        var holding: SlotUse.Holding?
        /// Whether it waits for a slot, and what its record says of that.
        var word: Line.Word?
        /// When it is claimed again, or started again under its number.
        var claim: Duration?
        /// When a write that failed is made again; `nil` while there is nothing to write.
        var write: Duration?
        /// When its next attempt is due.
        var retry: Date?
        /// The files that it works on, as far as its ticket names them.
        var files: [String] = []
        /// The blockers whose branches it builds on.
        var below: [TicketKey] = []
    }
    private struct Record: Sendable {
        let id: RunID
        let ticket: String
        let workflow: String
        /// After the run's removal it stays until another takes the place.
        var entry: Entry
        /// As the indices know it.
        var marks = Marks()
        /// The line that it stands in.
        var line: Int?
        /// Whether the indices have yet to learn of a change.
        var isChanged = false
    }
    private struct Timed<Time: Comparable & Sendable>: Comparable, Sendable {
        var at: Time
        var place: Int

        static func < (left: Self, right: Self) -> Bool {
            (left.at, left.place) < (right.at, right.place)
        }
    }

    private(set) var slots: SlotUse
    /// Those that wait for a slot, by a number of their own.
    private(set) var lines: [Int: Line] = [:]
    private var nextLine = 0
    private var byID: [RunID: Int] = [:]
    private var records: [Record] = []
    private var freePlaces: [Int] = []
    private var claims = SortedSet<Timed<Duration>>()
    private var writes = SortedSet<Timed<Duration>>()
    private var retries = SortedSet<Timed<Date>>()
    /// Those that work on files which their tickets name.
    private var onFiles: Set<Int> = []
    /// Those that worked on files and don't any more, since this was last asked for.
    private var offFiles: [RunID] = []
    /// By the ticket's id; the newest is last.
    private var byTicket: [String: [RunID]] = [:]
    private var counts: [String: Int] = [:]
    private var above: [TicketKey: Set<RunID>] = [:]
    /// The places of those that the indices have yet to learn of.
    private var changed: [Int] = []

    init(machineSlots: Int) { slots = SlotUse(machine: max(1, machineSlots)) }

    /// Attempts that this machine may run at once, over all workflows.
    var machineSlots: Int {
        get { slots.machine }
        set { slots.machine = max(1, newValue) }
    }

    subscript(place: Place) -> Entry {
        // Through the span: an array's own subscript gives a copy.
        @inline(__always) _read { yield records.span[place.index].entry }
        @inline(__always) _modify {
            yield &records[place.index].entry
            note(place.index)
        }
    }

    /// A copy.
    subscript(id: RunID) -> Entry? { byID[id].map { records[$0].entry } }

    /// The run's at a place.
    func id(of place: Place) -> RunID { records[place.index].id }

    func place(of id: RunID) -> Place? { byID[id].map(Place.init) }

    /// Changes more than one thing of an entry.
    mutating func change(_ place: Place, _ body: (inout Entry) -> Void) { body(&self[place]) }

    /// Lets the indices learn of what was changed; before that, they say what was.
    ///
    /// An event changes the same entry more than once, and most of that is of no consequence.
    mutating func update() {
        guard !changed.isEmpty else { return }
        for place in changed where records[place].isChanged { update(place) }
        changed.removeAll(keepingCapacity: true)
    }

    private mutating func note(_ place: Int) {
        guard !records[place].isChanged else { return }
        records[place].isChanged = true
        changed.append(place)
    }

    var isEmpty: Bool { byID.isEmpty }

    /// In order.
    var ids: [RunID] { byID.keys.sorted() }

    /// The same.
    var inOrder: [Place] { ids.compactMap(place) }

    /// In no order.
    var places: some Sequence<Place> { byID.values.lazy.map(Place.init) }

    /// The same.
    var values: some Sequence<Entry> { byID.values.lazy.map { records[$0].entry } }

    /// Whether a run of this workflow is there.
    func holds(workflow: String) -> Bool { counts[workflow] != nil }

    /// Whether a run of this ticket is there.
    func holds(ticket: String) -> Bool { byTicket[ticket] != nil }

    /// The newest run of a ticket.
    func run(ofTicket ticket: String) -> RunID? { runs(ofTicket: ticket).last }

    /// Every run of a ticket, the newest last.
    func runs(ofTicket ticket: String) -> [RunID] { byTicket[ticket] ?? [] }

    /// Those that build on a ticket's branch, in order.
    mutating func above(_ ticket: TicketKey) -> [Place] {
        update()
        return above[ticket].map { $0.sorted().compactMap(place) } ?? []
    }

    /// Those that work on files which their tickets name, in no order.
    var workingOnFiles: some Sequence<Entry> { onFiles.lazy.map { records[$0].entry } }

    /// Those that have come off their files since this was last called.
    mutating func takeOffFiles() -> [RunID] {
        update()
        defer { offFiles.removeAll(keepingCapacity: true) }
        return offFiles
    }

    var hasOffFiles: Bool { !offFiles.isEmpty }

    /// When who has something to do.
    var times: [RunID: [String]] {
        var times: [RunID: [String]] = [:]
        func note(_ what: String, _ place: Int) {
            times[records[place].id, default: []].append(what)
        }
        for claim in claims.elements { note("claim at \(claim.at)", claim.place) }
        for write in writes.elements { note("write at \(write.at)", write.place) }
        for retry in retries.elements { note("retry at \(retry.at)", retry.place) }
        return times
    }

    mutating func lowestFreeSlot() -> Int {
        update()
        return slots.lowestFree()
    }

    /// Puts those into line whose time has come.
    mutating func ripen(at now: Moment) {
        update()
        let isTime =
            claims.first.map { $0.at <= now.uptime } ?? false
            || retries.first.map { $0.at <= now.wall } ?? false
        guard isTime else { return }
        let places =
            claims.prefix { $0.at <= now.uptime }.map(\.place)
            + retries.prefix { $0.at <= now.wall }.map(\.place)
        for place in places { self[Place(index: place)].isRipe = true }
    }

    /// Those with a write whose time has come, in order.
    mutating func dueWrites(at now: Moment) -> [RunID] {
        update()
        guard let first = writes.first, first.at <= now.uptime else { return [] }
        return writes.prefix { $0.at <= now.uptime }.map { records[$0.place].id }.sorted()
    }

    /// When the next one has something to do, in uptime.
    func nextUptime(after seen: Duration) -> Duration? {
        [claims, writes].compactMap { $0.first { $0.at > seen }?.at }.min()
    }

    /// The same for those that wait for a time on the wall.
    func nextDate(after seen: Date) -> Date? { retries.first { $0.at > seen }?.at }

    /// Takes in a run that isn't there yet.
    @discardableResult
    mutating func insert(_ entry: Entry) -> Place {
        let (id, ticket, workflow) = (entry.run.id, entry.run.ticket.id, entry.run.workflow)
        let record = Record(id: id, ticket: ticket, workflow: workflow, entry: entry)
        let place: Int
        if let free = freePlaces.popLast() {
            place = free
            records[place] = record
        } else {
            place = records.count
            records.append(record)
        }
        byID[id] = place
        byTicket[ticket, default: []].append(id)
        counts[workflow, default: 0] += 1
        note(place)
        return Place(index: place)
    }

    private mutating func update(_ place: Int) {
        records[place].isChanged = false
        let new = records.span[place].entry.marks
        guard records.span[place].marks != new else { return }
        var old = new
        swap(&records[place].marks, &old)
        change(records[place].id, place, from: old, to: new)
    }

    private mutating func change(_ id: RunID, _ place: Int, from old: Marks, to new: Marks) {
        if old.holding != new.holding {
            if let holding = old.holding { slots.remove(holding) }
            if let holding = new.holding { slots.add(holding) }
        }
        if old.word != new.word {
            if let word = old.word { leaveLine(id, place, word) }
            if let word = new.word { enterLine(id, place, word) }
        }
        if old.claim != new.claim {
            if let at = old.claim { claims.remove(Timed(at: at, place: place)) }
            if let at = new.claim { claims.insert(Timed(at: at, place: place)) }
        }
        if old.write != new.write {
            if let at = old.write { writes.remove(Timed(at: at, place: place)) }
            if let at = new.write { writes.insert(Timed(at: at, place: place)) }
        }
        if old.retry != new.retry {
            if let at = old.retry { retries.remove(Timed(at: at, place: place)) }
            if let at = new.retry { retries.insert(Timed(at: at, place: place)) }
        }
        if old.files != new.files {
            if new.files.isEmpty { onFiles.remove(place) } else { onFiles.insert(place) }
            if !old.files.isEmpty { offFiles.append(id) }
        }
        if old.below != new.below {
            for ticket in old.below {
                above[ticket]?.remove(id)
                if above[ticket]?.isEmpty ?? false { above[ticket] = nil }
            }
            for ticket in new.below { above[ticket, default: []].insert(id) }
        }
    }

    mutating func remove(_ place: Place) {
        let place = place.index
        let (id, ticket, workflow) = (
            records[place].id, records[place].ticket, records[place].workflow
        )
        change(id, place, from: records[place].marks, to: Marks())
        byTicket[ticket]?.removeAll { $0 == id }
        if byTicket[ticket]?.isEmpty ?? false { byTicket[ticket] = nil }
        let left = (counts[workflow] ?? 1) - 1
        counts[workflow] = left == 0 ? nil : left
        records[place].isChanged = false
        byID[id] = nil
        freePlaces.append(place)
    }

    private mutating func enterLine(_ id: RunID, _ place: Int, _ word: Line.Word) {
        let kind = Line.Kind(records[place].entry)
        let number: Int
        if let known = lines.first(where: { $0.value.kind.value == kind })?.key {
            number = known
        } else {
            number = nextLine
            nextLine += 1
            lines[number] = Line(kind)
        }
        lines[number]?.insert(id, word)
        records[place].line = number
    }

    private mutating func leaveLine(_ id: RunID, _ place: Int, _ word: Line.Word) {
        guard let number = records[place].line else { return }
        records[place].line = nil
        lines[number]?.remove(id, word)
        if lines[number]?.isEmpty ?? false { lines[number] = nil }
    }
}

extension Entry {
    /// What of it the indices know.
    @inline(__always) var marks: Entries.Marks {
        var marks = Entries.Marks()
        if let slot { marks.holding = holding(slot) }
        if activity == .idle {
            switch run.state {
            case .queued, .running:
                if let again, !isRipe {
                    marks.claim = again.after
                } else {
                    marks.word = Line.Word.none
                }
            case .waiting: marks.word = .reason(run.reason)
            case .backingOff, .parked:
                if let retry = run.retry, !isRipe {
                    marks.retry = retry.at
                } else {
                    marks.word = .reason(run.reason)
                }
            case .needsHuman, .delivering, .inReview, .done, .failed, .cancelled: break
            }
        }
        if let again, wantsToWrite { marks.write = again.after }
        if isWorkingOnFiles, let paths = run.ticket.paths { marks.files = paths }
        if !run.state.isFinal, let stack = run.base.stack { marks.below = stack.map(\.ticket) }
        return marks
    }

    private func holding(_ slot: Int) -> SlotUse.Holding {
        SlotUse.Holding(
            slot: slot,
            workflow: workflow.name,
            budget: workflow.agent.budget,
            tokens: workflow.agent.tokens,
            labels: ticketLabels,
            state: takenFrom
        )
    }

    /// Whether there is something that Linear or the forge is to be told, and nobody is telling it.
    @inline(__always) private var wantsToWrite: Bool {
        let wantsToTell = !isTelling && run.tracker.told != run.state
        switch run.state {
        case .delivering: return activity == .idle
        case .inReview: return wantsToTell || (activity == .idle && run.base.hasChanged)
        case .needsHuman, .done, .failed, .cancelled: return wantsToTell
        case .queued, .waiting, .running, .backingOff, .parked: return false
        }
    }
}

extension Run.Base {
    /// Whether what is below has moved.
    var hasChanged: Bool { stack?.contains(where: \.hasChanged) ?? false }
}
