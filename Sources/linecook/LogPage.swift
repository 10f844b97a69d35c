import Agent
import Attempt
import Disk
import Domain

/// Prints one attempt for a person, or its events as JSON.
struct LogPage {
    private var text: AgentText
    private let format: FormatOption.Format
    /// What the attempt said of itself last; its end stands there, unless it died.
    private var lastStep = ""

    /// Columns of a line.
    static var width: Int { Console.outputIsTerminal ? max(40, Console.width) : 80 }
    /// In front of an agent's lines: the time, and a gap that sets them off from the attempt's own steps.
    private static let margin = 12

    init(worktree: String, format: FormatOption.Format) {
        text = AgentText(width: Self.width - Self.margin, worktree: worktree)
        self.format = format
    }

    func begin(_ run: RunID, _ number: Int) {
        guard format == .text else { return }
        Console.line(Ink.strong.paint("\(run.ticket), run \(run.number), attempt \(number)"))
    }

    mutating func show(_ event: AttemptEvent) {
        switch format {
        case .json:
            // What was read from JSON can be written as such.
            if let node = try? RecordEncoder.node(of: event) { Console.line(node.lineText) }
        case .text:
            let time = String(Timestamp.text(of: event.at).dropFirst(11).prefix(8))
            if let step = event.step {
                lastStep = step
                let lines = step.inOneLine(limit: 400).wrapped(to: Self.width - 10)
                for (index, line) in lines.enumerated() {
                    Console.line((index == 0 ? time : gap(8)) + "  " + Ink.strong.paint(line))
                }
            }
            guard let agent = event.agent else { return }
            for (index, line) in text.lines(for: agent, at: event.at).enumerated() {
                let shown = line.tone.ink.map { $0.paint(line.text) } ?? line.text
                let margin = index == 0 ? Ink.quiet.paint(time) + gap(4) : gap(Self.margin)
                Console.line(line.text.isEmpty ? "" : margin + shown)
            }
        }
    }

    /// - Parameters:
    ///   - result: `nil` while there is none.
    ///   - isDead: Whether none is to be expected.
    func end(_ result: AttemptResult?, isDead: Bool) {
        guard format == .text else { return }
        guard let result else {
            if isDead {
                Console.line(Ink.bad.paint("its process died without a result"))
            }
            return
        }
        if !lastStep.hasPrefix(result.outcome.words) {
            let reason = result.reason.map { ": \($0.inOneLine(limit: 500))" } ?? ""
            let time = Timestamp.text(of: result.ended).dropFirst(11).prefix(8)
            let lines = (result.outcome.words + reason).wrapped(to: Self.width - 10)
            for (index, line) in lines.enumerated() {
                Console.line((index == 0 ? String(time) : gap(8)) + "  " + Ink.strong.paint(line))
            }
        }
        // What a reader has seen above already needn't be said again.
        if let output = result.failureOutput, output != result.agent?.lastMessage {
            Console.line("")
            Console.line(output.withHiddenCharactersShown)
        }
    }

    private func gap(_ count: Int) -> String { String(repeating: " ", count: count) }
}

extension AgentText.Tone {
    fileprivate var ink: Ink? {
        switch self {
        case .said: nil
        case .tool: .waiting
        case .added: .good
        case .removed, .failed: .bad
        case .quiet: .quiet
        }
    }
}
