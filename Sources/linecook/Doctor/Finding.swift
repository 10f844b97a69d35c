import Domain
import Linear

/// One line of `linecook doctor`: what was looked at, what was found, and what to do about it.
struct Finding: Encodable, Equatable {
    enum State: String, Encodable, CaseIterable {
        case ok
        /// Work goes on, but not as somebody probably meant.
        case warning
        /// Tickets would fail, or the service wouldn't start.
        case problem
    }
    var check: String
    /// The workflow that it is about; `nil` for the whole installation.
    var workflow: String?
    var state: State
    var found: String
    /// What to do; `nil` when nothing is to be done.
    var advice: String?

    init(_ check: String, _ workflow: String? = nil, ok found: String) {
        self.init(check, workflow, .ok, found, nil)
    }

    init(_ check: String, _ workflow: String? = nil, warning found: String, _ advice: String) {
        self.init(check, workflow, .warning, found, advice)
    }

    init(_ check: String, _ workflow: String? = nil, problem found: String, _ advice: String) {
        self.init(check, workflow, .problem, found, advice)
    }

    /// From an error's own words, whose last part says how to mend it.
    init(_ check: String, _ workflow: String? = nil, problem error: any Error) {
        var parts = "\(error)".split(separator: "; ").map(String.init)
        let advice = parts.count > 1 ? parts.removeLast() : "mend that, and call doctor again"
        self.init(check, workflow, .problem, parts.joined(separator: "; "), advice)
    }

    private init(
        _ check: String,
        _ workflow: String?,
        _ state: State,
        _ found: String,
        _ advice: String?
    ) {
        self.check = check
        self.workflow = workflow
        self.state = state
        self.found = found.inOneLine(limit: 600)
        self.advice = advice?.inOneLine(limit: 600)
    }
}

extension Finding {
    /// The finding for people, no line of it longer than `width` but for a word that is longer itself.
    func lines(width: Int) -> [String] {
        let mark = state.rawValue + String(repeating: " ", count: 9 - state.rawValue.count)
        let place = workflow.map { "\(check) (\($0))" } ?? check
        let indent = String(repeating: " ", count: 9)
        let first = "\(place): \(found)".wrapped(to: width - 9)
        let then = advice.map { "→ \($0)".wrapped(to: width - 9) } ?? []
        return first.enumerated().map { index, line in
            (index == 0 ? state.ink.paint(mark) : indent) + line
        } + then.map { indent + $0 }
    }
}

extension Finding.State {
    fileprivate var ink: Ink {
        switch self {
        case .ok: .good
        case .warning: .waiting
        case .problem: .bad
        }
    }
}

extension String {
    /// Lines of at most `width` characters, broken at spaces; a word that is longer stands alone.
    func wrapped(to width: Int) -> [String] {
        var lines: [String] = []
        var line = ""
        for word in split(separator: " ") {
            if !line.isEmpty, line.count + 1 + word.count > width {
                lines.append(line)
                line = ""
            }
            line += line.isEmpty ? String(word) : " \(word)"
        }
        return lines + (line.isEmpty ? [] : [line])
    }
}
