import YAML

/// Reads the phases out of front matter, and checks them against the prompts that there are.
struct PhaseReader {
    private let file: String
    /// The prompts' headings; `nil` when they aren't to be looked at.
    private let prompts: [(number: Int, place: SourcePlace)]?
    private let numbers: Set<Int>?
    private(set) var diagnostics: [Diagnostic] = []
    /// Which phase a prompt is in.
    private var placed: [Int: String] = [:]

    init(file: String, prompts: [(number: Int, place: SourcePlace)]?) {
        self.file = file
        self.prompts = prompts
        numbers = prompts.map { Set($0.map(\.number)) }
    }

    /// The phases; `nil` when the file names none.
    mutating func read(_ frontMatter: FrontMatter) -> [PromptFile.Phase]? {
        var root: YAMLNode?
        if !frontMatter.text.isEmpty {
            let document = YAMLDocument(frontMatter.yaml, file: file)
            diagnostics += document.diagnostics
            root = document.root
        }
        guard !diagnostics.contains(where: { $0.severity == .error }) else { return nil }
        if let root, case .mapping(let entries) = root.content {
            if let phases = root["phases"], !phases.isEmpty { return readPhases(phases) }
            if root["phases"] == nil,
                let near = entries.first(where: { Self.resembles($0.key, "phases") })
            {
                report(
                    near.keyPlace,
                    "no key \(ShownText.quoted(near.key)) is read here",
                    hint: "did you mean 'phases'?"
                )
                return nil
            }
        } else if let root, root.scalar != .null {
            report(
                root.place,
                "the front matter isn't a mapping",
                hint: "begin it with 'phases:'"
            )
            return nil
        }
        if let prompts, prompts.count > 1 {
            report(
                root.map(\.place) ?? SourcePlace(line: 1, column: 1),
                "the file names no phases, so all \(prompts.count) prompts run at once",
                hint: "add 'phases:' to the front matter when some depend on others",
                severity: .warning
            )
        }
        return nil
    }

    private mutating func readPhases(_ node: YAMLNode) -> [PromptFile.Phase]? {
        guard case .mapping(let entries) = node.content else {
            report(
                node.place,
                "'phases' isn't a mapping",
                hint: "write a line such as 'A: { prompts: [1, 2] }' for each phase"
            )
            return nil
        }
        let phases = entries.map { readPhase($0) }
        checkDependencies(phases, entries)
        for prompt in prompts ?? [] where placed[prompt.number] == nil {
            report(
                prompt.place,
                "prompt \(prompt.number) is in no phase and runs by itself after all others",
                hint: "add \(prompt.number) to the 'prompts' of a phase",
                severity: .warning
            )
        }
        return phases
    }

    private mutating func readPhase(_ entry: YAMLEntry) -> PromptFile.Phase {
        var phase = PromptFile.Phase(name: entry.key, prompts: [])
        guard case .mapping(let settings) = entry.value.content else {
            report(
                entry.value.place,
                "phase \(ShownText.quoted(entry.key)) isn't a mapping",
                hint: "write '{ prompts: [1, 2] }'"
            )
            return phase
        }
        let known = ["prompts", "parallel", "depends_on_phases"]
        for setting in settings {
            switch setting.key {
            case "prompts": phase.prompts = readPrompts(setting.value, phase: entry.key)
            case "parallel":
                if case .boolean(let value) = setting.value.scalar {
                    phase.parallel = value
                } else {
                    report(
                        setting.value.place,
                        "'parallel' takes true or false"
                    )
                }
            case "depends_on_phases": phase.dependsOn = readNames(setting.value)
            default:
                let near = known.first { Self.resembles(setting.key, $0) }
                report(
                    setting.keyPlace,
                    "a phase has no key \(ShownText.quoted(setting.key))",
                    hint: near.map { "did you mean '\($0)'?" }
                        ?? "it has 'prompts', 'parallel' and 'depends_on_phases'",
                    severity: near == nil ? .warning : .error
                )
            }
        }
        if entry.value["prompts"] == nil {
            report(
                entry.keyPlace,
                "phase \(ShownText.quoted(entry.key)) has no 'prompts'",
                hint: "name them, such as 'prompts: [1, 2]'"
            )
        }
        return phase
    }

    private mutating func readPrompts(_ node: YAMLNode, phase: String) -> [Int] {
        guard case .sequence(let items) = node.content else {
            report(node.place, "'prompts' takes a list of numbers, such as [1, 2]")
            return []
        }
        var result: [Int] = []
        for item in items {
            guard case .integer(let number) = item.scalar else {
                report(item.place, "'prompts' takes the numbers of prompts, such as [1, 2]")
                continue
            }
            if let numbers, !numbers.contains(number) {
                report(
                    item.place,
                    "there is no prompt \(number)",
                    hint: "add a section '## Prompt \(number): …' or take the number out"
                )
            } else if let other = placed[number] {
                report(
                    item.place,
                    "prompt \(number) is in phase \(ShownText.quoted(other)) already",
                    hint: "name it once"
                )
            } else {
                result.append(number)
            }
            placed[number] = placed[number] ?? phase
        }
        return result
    }

    private mutating func readNames(_ node: YAMLNode) -> [String] {
        if node.scalar == .null { return [] }
        guard case .sequence(let items) = node.content else {
            report(node.place, "'depends_on_phases' takes a list of phases, such as [A]")
            return []
        }
        return items.compactMap { item in
            if case .scalar(let scalar) = item.content { return scalar.text }
            report(item.place, "'depends_on_phases' takes the names of phases, such as [A]")
            return nil
        }
    }

    private mutating func checkDependencies(
        _ phases: [PromptFile.Phase],
        _ entries: [YAMLEntry]
    ) {
        let names = Set(phases.map(\.name))
        for (phase, entry) in zip(phases, entries) {
            guard let node = entry.value["depends_on_phases"],
                case .sequence(let items) = node.content
            else { continue }
            for item in items {
                guard case .scalar(let scalar) = item.content, !names.contains(scalar.text) else {
                    continue
                }
                let others = phases.map(\.name).filter { $0 != phase.name }
                report(
                    item.place,
                    "there is no phase \(ShownText.quoted(scalar.text))",
                    hint: others.isEmpty
                        ? "take it out"
                        : "the others are \(others.map { ShownText.quoted($0) }.joined(separator: ", "))"
                )
            }
        }
        var reported: Set<String> = []
        for (phase, entry) in zip(phases, entries) where !reported.contains(phase.name) {
            guard let cycle = Self.cycle(through: phase.name, in: phases) else { continue }
            reported.formUnion(cycle)
            let chain = (cycle + [phase.name]).map { ShownText.quoted($0) }
            report(
                entry.keyPlace,
                "phase \(chain[0]) waits for itself: "
                    + chain.joined(separator: " after "),
                hint: "take one of these out of 'depends_on_phases'"
            )
        }
    }

    /// The shortest way from a phase back to itself.
    private static func cycle(through name: String, in phases: [PromptFile.Phase]) -> [String]? {
        let edges = Dictionary(phases.map { ($0.name, $0.dependsOn) }) { first, _ in first }
        var cameFrom: [String: String] = [:]
        var queue = [name]
        var next = 0
        while next < queue.count {
            let current = queue[next]
            next += 1
            for blocker in edges[current] ?? [] {
                if blocker == name {
                    var path = [current]
                    while let first = path.first, first != name, let before = cameFrom[first] {
                        path.insert(before, at: 0)
                    }
                    return path
                }
                guard cameFrom[blocker] == nil else { continue }
                cameFrom[blocker] = current
                queue.append(blocker)
            }
        }
        return nil
    }

    /// Whether somebody who wrote `key` probably meant `known`.
    private static func resembles(_ key: String, _ known: String) -> Bool {
        func plain(_ text: String) -> [UInt8] {
            text.lowercased().utf8.filter { (0x61...0x7A).contains($0) }
        }
        let (left, right) = (plain(key), plain(known))
        guard left.count >= 4, left.count < 40 else { return false }
        if right.starts(with: left) || left.starts(with: right) { return true }
        var row = Array(0...right.count)
        for (index, letter) in left.enumerated() {
            var new = [index + 1]
            for column in right.indices {
                let replaced = row[column] + (letter == right[column] ? 0 : 1)
                new.append(min(replaced, row[column + 1] + 1, new[column] + 1))
            }
            row = new
        }
        return row[right.count] <= 2
    }

    private mutating func report(
        _ place: SourcePlace?,
        _ message: String,
        hint: String? = nil,
        severity: Diagnostic.Severity = .error
    ) {
        diagnostics.append(
            Diagnostic(file: file, place: place, severity: severity, message: message, hint: hint)
        )
    }
}

extension YAMLNode {
    /// Null, or a mapping without keys.
    fileprivate var isEmpty: Bool {
        if case .mapping(let entries) = content { return entries.isEmpty }
        return scalar == .null
    }
}
