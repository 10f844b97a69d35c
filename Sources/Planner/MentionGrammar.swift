import Domain

/// Which words say that a ticket waits for another one.
enum MentionGrammar {
    private struct Trigger {
        var length: Int
        /// Whether a few words may stand between it and the ticket.
        var isWide = true
        var denial = Denial.matters
    }
    private enum Denial {
        /// "doesn't depend on" says nothing.
        case matters
        /// "can't start until" says the same as "until".
        case ignored
        /// "before" alone is about the other ticket, "not before" about this one.
        case needed
    }

    /// The tickets that a sentence, or several, says the present one waits for.
    static func mentions(in tokens: [MentionToken]) -> [TicketKey] {
        var found: [TicketKey] = []
        var index = 0
        while index < tokens.count {
            guard let trigger = trigger(tokens, index) else {
                index += 1
                continue
            }
            let isMeant = isMeant(tokens, index, trigger)
            index += trigger.length
            guard isMeant, let first = firstKey(tokens, index, isWide: trigger.isWide) else {
                continue
            }
            let list = list(tokens, first)
            found += list.keys
            index = max(index, list.end)
        }
        return found
    }

    /// The tickets that an item begins with.
    static func leadingList(_ tokens: [MentionToken]) -> [TicketKey] {
        guard let first = tokens.first, key(first) != nil else { return [] }
        return list(tokens, 0).keys
    }

    /// Whether a paragraph says that the list below it holds what this ticket waits for.
    static func introducesList(_ tokens: [MentionToken]) -> Bool {
        if isLabel(tokens) { return true }
        guard tokens.last == .colon else { return false }
        let end = tokens.count - 1
        return (1...3).contains { length in
            guard end >= length, let trigger = trigger(tokens, end - length) else { return false }
            return trigger.length == length && isMeant(tokens, end - length, trigger)
        }
    }

    /// Whether a heading or a line by itself, such as "Dependencies", is about what this ticket waits for.
    static func isLabel(_ tokens: [MentionToken]) -> Bool {
        guard tokens.count <= 6 else { return false }
        var words: [String] = []
        for token in tokens {
            switch token {
            case .word(let word):
                if word.utf8.contains(where: { (0x61...0x7A).contains($0) }) { words.append(word) }
            case .colon, .end, .separator, .opening, .closing: continue
            case .key, .linked: return false
            }
        }
        return labels.contains(words.joined(separator: " "))
    }

    /// Whether a heading with this word is about other tickets than those that this one waits for.
    static func isAside(_ token: MentionToken) -> Bool {
        guard case .word(let word) = token else { return false }
        return asides.contains(word)
    }

    private static func word(_ tokens: [MentionToken], _ index: Int) -> String? {
        guard tokens.indices.contains(index), case .word(let word) = tokens[index] else {
            return nil
        }
        return word
    }

    private static func key(_ token: MentionToken) -> TicketKey? {
        switch token {
        case .key(let key), .linked(let key): key
        case .word, .separator, .colon, .opening, .closing, .end: nil
        }
    }

    private static func trigger(_ tokens: [MentionToken], _ index: Int) -> Trigger? {
        guard let first = word(tokens, index) else { return nil }
        let next = word(tokens, index + 1)
        switch first {
        case "depends", "depend", "depending", "dependent", "dependant":
            return next == "on" || next == "upon" ? Trigger(length: 2) : nil
        case "dependency", "dependencies":
            if next == "on" || next == "upon" { return Trigger(length: 2) }
            return isNamed(tokens, index + 1) ? Trigger(length: 1, isWide: false) : nil
        case "prerequisite", "prerequisites", "blocker", "blockers":
            return isNamed(tokens, index + 1) ? Trigger(length: 1, isWide: false) : nil
        case "blocked", "gated":
            if next == "until" { return Trigger(length: 2, isWide: false) }
            return next == "by" || next == "on" ? Trigger(length: 2) : nil
        case "waits", "wait", "waiting":
            if next == "until" { return Trigger(length: 2, isWide: false) }
            return next == "for" || next == "on" ? Trigger(length: 2) : nil
        case "builds", "build", "building", "built", "stacked", "stacks":
            guard next == "on" || next == "upon" else { return nil }
            let isOnTop = word(tokens, index + 2) == "top" && word(tokens, index + 3) == "of"
            return Trigger(length: isOnTop ? 4 : 2)
        case "requires", "require", "requiring", "needs", "need", "needing":
            return Trigger(length: 1)
        case "pending": return Trigger(length: 1, isWide: false)
        case "on":
            guard next == "top", word(tokens, index + 2) == "of" else { return nil }
            return Trigger(length: 3, isWide: false)
        case "after": return Trigger(length: 1, isWide: false)
        case "once", "until": return Trigger(length: 1, isWide: false, denial: .ignored)
        case "before": return Trigger(length: 1, isWide: false, denial: .needed)
        default: return nil
        }
    }

    /// Whether what comes next says which: "Prerequisites: …", "the blockers are …".
    private static func isNamed(_ tokens: [MentionToken], _ index: Int) -> Bool {
        guard index < tokens.count else { return false }
        if tokens[index] == .colon { return true }
        let word = word(tokens, index)
        return word == "is" || word == "are"
    }

    /// Whether the words before a trigger leave it as a claim about the present ticket.
    private static func isMeant(_ tokens: [MentionToken], _ start: Int, _ trigger: Trigger) -> Bool
    {
        if word(tokens, start) == "after", let before = word(tokens, start - 1),
            observations.contains(before)
        {
            return false
        }
        var isDenied = false
        var isSubjectNear = true
        var words = 0
        var index = start - 1
        scan: while index >= 0, words < 6 {
            switch tokens[index] {
            case .key, .linked:
                // "FRE-2 depends on FRE-1" is about FRE-2.
                if isSubjectNear { return false }
                break scan
            case .end, .separator, .closing: break scan
            case .colon, .opening:
                // Denied is only what stands in the same clause.
                guard isSubjectNear else { break scan }
                words += 3
            case .word(let word):
                if clauses.contains(word) { break scan }
                if !lightWords.contains(word) { isSubjectNear = false }
                let isOnly = self.word(tokens, index + 1) == "only"
                let isEmphasis = word == "does" && index == start - 1
                if !isOnly, !isEmphasis, denials.contains(word) || word.hasSuffix("n't") {
                    isDenied = true
                }
                words += 1
            }
            index -= 1
        }
        switch trigger.denial {
        case .matters: return !isDenied
        case .ignored: return true
        case .needed: return isDenied
        }
    }

    /// The place of the ticket that a trigger which ends at `start` is about.
    private static func firstKey(_ tokens: [MentionToken], _ start: Int, isWide: Bool) -> Int? {
        var isPlain = true  // nothing but fillers up to here
        var joins = true  // what stands here lets a ticket follow
        for index in start..<min(tokens.count, start + 9) {
            switch tokens[index] {
            case .key: return joins ? index : nil
            case .linked: return joins || isWide ? index : nil
            case .colon: joins = isPlain
            case .opening: joins = isPlain || isWide
            case .closing, .separator, .end: return nil
            case .word(let word):
                if stops.contains(word) { return nil }
                if !fillers.contains(word) { isPlain = false }
                guard isPlain || isWide else { return nil }
                joins = isPlain || prepositions.contains(word)
            }
        }
        return nil
    }

    /// The tickets from `start` on that are joined by commas or "and", and where that ends.
    private static func list(
        _ tokens: [MentionToken],
        _ start: Int
    ) -> (keys: [TicketKey], end: Int) {
        var keys: [TicketKey] = []
        var index = start
        var end = start
        while index < tokens.count, let key = key(tokens[index]) {
            let isSubject = word(tokens, index + 1).map(predicates.contains) ?? false
            if isSubject, !keys.isEmpty { break }
            keys.append(key)
            index += 1
            end = index
            index = afterRemark(tokens, index)
            let joint = index
            while index < tokens.count, index - joint < 4, isJoint(tokens[index]) { index += 1 }
            guard index > joint else { break }
            while let word = word(tokens, index), fillers.contains(word), index - joint < 8 {
                index += 1
            }
        }
        return (keys, end)
    }

    /// Past what is said of a ticket in a list: "(the schema)", "is merged".
    private static func afterRemark(_ tokens: [MentionToken], _ start: Int) -> Int {
        guard start < tokens.count else { return start }
        if tokens[start] == .opening {
            let end = tokens[start...].prefix(16).firstIndex(of: .closing)
            return end.map { $0 + 1 } ?? start
        }
        var index = start
        while let word = word(tokens, index), ends.contains(word), index - start < 4 { index += 1 }
        return index
    }

    private static func isJoint(_ token: MentionToken) -> Bool {
        switch token {
        case .separator: true
        case .word(let word): word == "and" || word == "or" || word == "plus"
        case .key, .linked, .colon, .opening, .closing, .end: false
        }
    }

    private static let labels: Set = [
        "blocked by", "blocked on", "blocker", "blockers", "builds on", "dependencies",
        "dependency",
        "dependent on", "depends on", "depends upon", "needs", "prerequisite", "prerequisites",
        "requires", "waiting for", "waiting on", "waits for", "waits on",
    ]
    private static let asides: Set = [
        "blocking", "blocks", "dependants", "dependents", "duplicates", "follow-up", "follow-ups",
        "followups", "later", "references", "related", "scope", "see", "unblocks",
    ]
    /// Other words than `and`, after which a new claim begins.
    private static let clauses: Set = [
        "although", "and", "because", "but", "however", "or", "so", "then", "though", "while",
        "yet",
    ]
    /// They may stand between a ticket and what is said of it.
    private static let lightWords: Set = [
        "also", "are", "currently", "is", "issue", "itself", "must", "only", "should", "still",
        "that",
        "ticket", "to", "which", "will",
    ]
    /// They take a claim back, put it into the past, or ask.
    private static let denials: Set = [
        "can't", "cannot", "did", "does", "doesnt", "dont", "formerly", "hardly", "if", "isnt",
        "neither", "never", "no", "nor", "not", "previously", "unless", "used", "was", "were",
        "whether",
        "without",
    ]
    /// "Regression after FRE-12" tells when something was seen.
    private static let observations: Set = [
        "appeared", "appears", "broke", "broken", "fail", "failed", "failing", "fails", "happened",
        "happens", "look", "looking", "looks", "named", "regressed", "regression", "regressions",
        "seen",
        "soon", "started",
    ]
    /// They may stand between a trigger and its ticket, and between tickets of a list.
    private static let fillers: Set = [
        "all", "also", "are", "both", "by", "completing", "completion", "either", "finishing",
        "for",
        "first", "is", "issue", "issues", "landing", "merge", "merging", "of", "on", "only", "that",
        "the", "then", "ticket", "tickets",
    ]
    private static let prepositions: Set = ["by", "from", "in", "of", "via"]
    /// After these a ticket isn't what the trigger is about.
    private static let stops: Set = [
        "after", "as", "before", "blocks", "but", "like", "no", "not", "see", "than", "unlike",
        "whether",
    ]
    /// A ticket before one of these begins a sentence of its own.
    private static let predicates: Set = [
        "blocks", "builds", "depends", "needs", "requires", "waits",
    ]
    /// How a ticket that is waited for ends.
    private static let ends: Set = [
        "are", "been", "closed", "complete", "completed", "deployed", "done", "finished", "gets",
        "has",
        "have", "in", "is", "landed", "lands", "merged", "merges", "ready", "released", "resolved",
        "shipped", "ships",
    ]
}
