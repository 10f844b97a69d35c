import Domain

extension PromptFile {
    /// What became of a part of a prompt file, for the person who asked for it.
    package struct Change: Equatable, Sendable {
        /// What happened; the text names the part, `the description` or a sub-section's heading.
        package enum Kind: Equatable, Sendable {
            /// A new ticket got a prompt.
            case added(number: Int, phase: String?)
            /// The part is the new one.
            case tookOver(String)
            /// The new one and the person's edits, line by line.
            case merged(String)
            /// The part isn't in the new one any more, and was as it had been generated.
            case removed(String)
            /// A person's part stays.
            case kept(String)
            /// A person took the part out; it stays out although it changed.
            case keptOut(String)
            /// Both changed the same lines: the person's stay, the new ones stand below them, marked.
            case conflicting(String)
            /// A person took the prompt out; it stays out.
            case promptKeptOut
            /// The ticket isn't among those that were asked for; its prompt stays.
            case noLongerAsked
            /// The plan has changed, and nobody had edited the phases.
            case tookOverPhases
            /// The plan has changed, and a person had edited the phases.
            case keptPhases
            /// A block of context had been edited; the edits are gone.
            case contextEdited
            /// A block of context has no end, so it stays as it is.
            case contextUnclosed
        }

        /// The ticket's key, `prompt 3`, or `phases`.
        package let subject: String
        package let kind: Kind

        /// Whether a person has to decide something before the file says what is meant.
        package var needsPerson: Bool {
            switch kind {
            case .conflicting, .contextUnclosed: true
            case .added, .tookOver, .merged, .removed, .kept, .keptOut, .promptKeptOut,
                .noLongerAsked, .tookOverPhases, .keptPhases, .contextEdited:
                false
            }
        }
    }
}

extension PromptFile.Change: CustomStringConvertible {
    /// One line for a terminal.
    package var description: String { "\(subject): \(words)" }

    private var words: String {
        switch kind {
        case .added(let number, let phase):
            "new, added as prompt \(number)" + (phase.map { " in phase \($0)" } ?? "")
        case .tookOver(let part): "\(Self.changed(part)) and was taken over"
        case .merged(let part): "\(Self.changed(part)) and was merged with your edits"
        case .removed(let part): "\(part) is gone from the ticket and was removed"
        case .kept(let part): "kept your edit of \(part)"
        case .keptOut(let part): "\(Self.changed(part)); it stays out, as you removed it"
        case .conflicting(let part):
            "\(Self.changed(part)) where you edited it: yours stays, the new text is below it, marked"
        case .promptKeptOut: "its prompt stays out, as you removed it"
        case .noLongerAsked: "no longer among the tickets; its prompt stays"
        case .tookOverPhases: "changed with the tickets and were taken over"
        case .keptPhases: "changed with the tickets; kept as you edited them"
        case .contextEdited: "the injected context had been edited; it was replaced, edits included"
        case .contextUnclosed:
            "a block of injected context has no end line and stays as it is; delete it by hand"
        }
    }

    private static func changed(_ part: String) -> String {
        switch part {
        case "Verification": "\(part) changed in the workflow"
        default: "\(part) changed in Linear"
        }
    }
}

extension PromptFile.Prompt {
    /// What changes name it by.
    var subject: String { key?.rawValue ?? "prompt \(number)" }
}
