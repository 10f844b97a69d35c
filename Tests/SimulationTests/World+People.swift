import Domain
import SystemPackage

extension World {
    /// The tickets of the first morning.
    func fill() {
        for number in 1...scenario.tickets { addTicket(number) }
    }

    func addTicket(_ number: Int) {
        guard let team = chance.pick(scenario.teams), let key = TicketKey("\(team)-\(number)")
        else {
            return
        }
        var ticket = SimulatedTicket(id: "id-\(number)", key: key)
        if chance.isTrue(1, of: 3), let other = chance.pick(tickets) {
            ticket.blockers = [other.id]
        }
        if chance.isTrue(1, of: 10) { ticket.column = .backlog }
        note("a person makes \(key), blocked by \(ticket.blockers)")
        tickets.append(ticket)
    }

    /// Lets a person do something every now and then, and the world go wrong, until then.
    func live(until end: Duration) {
        repeatedly(every: 600...9000, until: end) { self.person() }
        repeatedly(every: 300...7200, until: end) { self.review() }
        repeatedly(every: 7200...80_000, until: end) { self.trouble() }
    }

    private func repeatedly(
        every range: ClosedRange<Double>,
        until end: Duration,
        _ body: @escaping () -> Void
    ) {
        machine.schedule(after: chance.seconds(range)) {
            guard self.machine.uptime < end else { return }
            body()
            self.repeatedly(every: range, until: end, body)
        }
    }

    private func person() {
        guard let index = tickets.indices.randomElement(by: chance), !tickets[index].isDeleted
        else {
            return
        }
        let key = tickets[index].key
        switch chance.int(0...9) {
        case 0, 1, 2:
            guard
                let column = chance.pick([
                    Column.todo, .todo, .backlog, .inProgress, .done, .canceled,
                ])
            else { return }
            note(
                "a person moves \(key) from \(tickets[index].column.rawValue) to \(column.rawValue)"
            )
            move(index, to: column, byPerson: true)
        case 3:
            note("a person deletes \(key)")
            tickets[index].isDeleted = true
        case 4:
            let isOn = tickets[index].labels.remove("agent") == nil
            if isOn { tickets[index].labels.insert("agent") }
            note("a person \(isOn ? "puts the label on" : "takes the label off") \(key)")
        case 5:
            guard let other = chance.pick(tickets) else { return }
            note("a person lets \(key) be blocked by \(other.key)")
            tickets[index].blockers.append(other.id)
        case 6:
            note("a person says that nothing blocks \(key)")
            tickets[index].blockers = []
        default: addTicket(tickets.count + 1)
        }
    }

    private func review() {
        guard
            let index = pulls.indices.filter({ pulls[$0].state == .open }).randomElement(by: chance)
        else { return }
        pulls[index].state = chance.isTrue(4, of: 5) ? .merged : .closed
        note("pull request #\(pulls[index].number) is \(pulls[index].state.rawValue)")
    }

    private func trouble() {
        let length = chance.seconds(60...7200)
        switch chance.int(0...7) {
        case 7:
            note("no more files can be opened")
            mood = .refusing(.tooManyOpenFiles)
            machine.schedule(after: chance.seconds(30...1200)) { self.mood = .well }
        case 0:
            note("the disk is full")
            mood = .full
            machine.schedule(after: chance.seconds(30...1200)) { self.mood = .well }
        case 1:
            note("the disk fails now and then")
            mood = .flaky(25)
            machine.schedule(after: chance.seconds(30...1200)) { self.mood = .well }
        case 2:
            note("Linear is down")
            isTrackerDown = true
            machine.schedule(after: length) { self.isTrackerDown = false }
        case 3:
            note("the forge is down")
            isForgeDown = true
            machine.schedule(after: length) { self.isForgeDown = false }
        case 4:
            let hours = chance.int(-3...3)
            note("the clock is set by \(hours) h")
            machine.setClock(by: .seconds(hours * 3600))
        case 5:
            note("the machine sleeps")
            machine.suspend(for: length)
        default:
            losePower()
            powerLost()
        }
    }

    /// Everything goes well from now on, and every pull request is merged soon.
    func calmDown() {
        note("all is calm")
        isCalm = true
        mood = .well
        isTrackerDown = false
        isForgeDown = false
        repeatedly(every: 60...600, until: .seconds(365 * 86_400)) {
            for index in self.pulls.indices where self.pulls[index].state == .open {
                self.pulls[index].state = .merged
                self.note("pull request #\(self.pulls[index].number) is merged")
            }
        }
    }
}

extension Range<Int> {
    fileprivate func randomElement(by chance: Chance) -> Int? {
        isEmpty ? nil : chance.int(lowerBound...upperBound - 1)
    }
}

extension [Int] {
    fileprivate func randomElement(by chance: Chance) -> Int? { chance.pick(self) }
}
