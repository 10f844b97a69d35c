package import Domain

/// A prompt file: YAML front matter with the phases, and below it one section a ticket.
///
/// It is made to be edited by hand. Whatever was read is kept byte by byte, so that writing it again changes
/// nothing but what was meant to be changed.
package struct PromptFile: Equatable, Sendable {
    /// Prompts that run together.
    package struct Phase: Equatable, Sendable {
        package var name: String
        /// Numbers of prompts, in the order of the file.
        package var prompts: [Int]
        /// Whether they run at the same time, else one after the other.
        package var parallel: Bool
        /// Phases that must be finished before.
        package var dependsOn: [String]

        package init(
            name: String,
            prompts: [Int],
            parallel: Bool = true,
            dependsOn: [String] = []
        ) {
            self.name = name
            self.prompts = prompts
            self.parallel = parallel
            self.dependsOn = dependsOn
        }
    }
    /// A section: `## Prompt 3: FRE-61 Article page layout` and what stands below it.
    package struct Prompt: Equatable, Sendable {
        /// What the front matter and `--only` know it by, from 1.
        package let number: Int
        /// `nil` when the heading names no ticket.
        package let key: TicketKey?
        package let title: String
        /// Everything below the heading up to the next prompt's, verbatim.
        package internal(set) var body: String
        /// The heading's line with its end.
        let heading: String
    }

    let hasByteOrderMark: Bool
    var frontMatter: FrontMatter
    /// What stands between the front matter and the first prompt.
    var preamble: String
    /// At least one, in the order of the file, each with a number of its own.
    package internal(set) var prompts: [Prompt]
    /// The phases that the front matter names; `nil` when it names none.
    var namedPhases: [Phase]?

    /// The phases, in the order of the file.
    ///
    /// Without any in the file all prompts are one phase. A prompt that no phase names is one of its own,
    /// after all others.
    package var phases: [Phase] {
        guard var phases = namedPhases else {
            return [Phase(name: "A", prompts: prompts.map(\.number))]
        }
        let placed = Set(phases.flatMap(\.prompts))
        for prompt in prompts where !placed.contains(prompt.number) {
            let names = phases.map(\.name)
            phases.append(
                Phase(name: Self.nextName(after: names), prompts: [prompt.number], dependsOn: names)
            )
        }
        return phases
    }

    /// For each prompt the prompts that must be finished before it starts: all of the phases that its own
    /// depends on, however indirectly, and the one before it in a phase that isn't parallel.
    package var order: [Int: [Int]] {
        let phases = phases
        let byName = Dictionary(phases.map { ($0.name, $0) }) { first, _ in first }
        var order: [Int: [Int]] = [:]
        for phase in phases {
            var reached: Set<String> = []
            var open = phase.dependsOn
            while let name = open.popLast() {
                guard reached.insert(name).inserted else { continue }
                open += byName[name]?.dependsOn ?? []
            }
            let before = phases.filter { reached.contains($0.name) }.flatMap(\.prompts)
            var last: Int?
            for prompt in phase.prompts {
                order[prompt] = before + (phase.parallel ? [] : [last].compactMap(\.self))
                last = prompt
            }
        }
        return order
    }

    /// The file's text.
    package var text: String {
        (hasByteOrderMark ? "\u{FEFF}" : "") + frontMatter.text + preamble
            + prompts.map { $0.heading + $0.body }.joined()
    }

    /// The prompt with this number.
    package func prompt(_ number: Int) -> Prompt? { prompts.first { $0.number == number } }

    /// A, B, … Z, AA, …: the first that isn't taken.
    static func nextName(after names: [String]) -> String {
        let taken = Set(names)
        var number = 0
        while true {
            var name = ""
            var rest = number
            repeat {
                name = String(Character(Unicode.Scalar(UInt8(65 + rest % 26)))) + name
                rest = rest / 26 - 1
            } while rest >= 0
            if !taken.contains(name) { return name }
            number += 1
        }
    }
}
