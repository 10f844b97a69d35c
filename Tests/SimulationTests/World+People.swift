import Domain
import RunStore
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
        repeatedly(every: 1200...20_000, until: end) { self.answer() }
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
        case 7:
            note("a person writes on \(key)")
            write(on: index)
        default: addTicket(tickets.count + 1)
        }
    }

    /// A person answers one of the questions: with words, with a move, or with more money.
    ///
    /// - Returns: Whether there was one that nobody had answered.
    @discardableResult
    private func answer() -> Bool {
        let open = tickets.indices.filter { isUnanswered(tickets[$0]) }
        guard let index = chance.pick(Array(open)), let run = tickets[index].told?.run else {
            return false
        }
        let isAgain = tickets[index].answered != nil
        tickets[index].answered = machine.uptime
        let key = tickets[index].key
        let reason = records[run]?.reason ?? ""
        let isAboutMoney = reason.contains("linecook retry")
        switch isAgain && !isAboutMoney ? 5 : chance.int(0...5) {
        case 0...2 where isAboutMoney, 0:
            let words = reason.split { " '".contains($0) }
            let budget = words.firstIndex(of: "--budget").flatMap { Double(words[$0 + 1]) }
            note("a person asks for another attempt of \(key), budget \(budget ?? 0)")
            request(index, budget)
        case 1...3:
            note("a person answers on \(key)")
            write(on: index)
        default:
            note("a person moves \(key) back")
            move(index, to: .todo, byPerson: true)
        }
        return true
    }

    /// Whether there is a question that nobody has answered, or that was answered in vain hours ago.
    private func isUnanswered(_ ticket: SimulatedTicket) -> Bool {
        guard !ticket.isDeleted, let told = ticket.told, told.state == .needsHuman else {
            return false
        }
        if let answered = ticket.answered, machine.uptime - answered < .seconds(2 * 3600) {
            return false
        }
        return records[told.run]?.state == .needsHuman
    }

    private func write(on index: Int) {
        let number = tickets[index].replies.count + 1
        let reply = Reply(
            comment: "\(tickets[index].id)-comment-\(number)",
            at: machine.time,
            author: "Ada",
            text: "Go on."
        )
        tickets[index].replies.append(reply)
    }

    /// What `linecook retry` does.
    func request(_ index: Int, _ budget: Double?) {
        let store = RunStore(root: layout.root, disk: files)
        let request = RetryRequest(ticket: tickets[index].key, budget: budget, asked: machine.wall)
        // Where the disk is full the person is told so, and nothing is asked.
        guard (try? store.save(request)) != nil else { return }
        requests[tickets[index].id, default: []].append((machine.uptime, budget))
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
        switch chance.int(0...9) {
        case 9:
            note("every agent fails")
            stormEnds = machine.uptime + length
        case 8:
            note("the disk has little room")
            shortSince = machine.uptime
            machine.schedule(after: length) { self.shortSince = nil }
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
            breaks = ProviderBreaks()
            forgetWhatWasSeen()
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
        stormEnds = .zero
        shortSince = nil
        let end = Duration.seconds(365 * 86_400)
        repeatedly(every: 600...3600, until: end) { while self.answer() {} }
        repeatedly(every: 100...140, until: end) { self.checkSlots() }
        repeatedly(every: 60...600, until: end) {
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
