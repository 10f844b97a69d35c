import Domain

extension PromptFile {
    /// Takes what is new in tickets into a file that a person has edited.
    ///
    /// Prompts belong together by ticket, by number where there is none; within one, sub-sections by their
    /// headings, and within those lines. What a person changed, added or took out stays so. Where both changed
    /// the same lines, the person's stay and the new ones stand below them between two comments. New tickets
    /// are added at the end with the next numbers, and in their phases.
    ///
    /// - Parameters:
    ///   - base: What was generated the last time; when it is lost, the person's text wins wherever the two
    ///     differ.
    ///   - ours: The file as a person left it.
    ///   - theirs: Newly generated.
    /// - Returns: The merged file, which can be read again, and what became of each part.
    package static func merge(
        base: PromptFile?,
        ours: PromptFile,
        theirs: PromptFile
    ) -> (file: PromptFile, changes: [Change]) {
        guard let plain = ours.withPlainLineEnds else {
            var merge = FileMerge(base: base, ours: ours, theirs: theirs)
            merge.run()
            return (merge.result, merge.changes)
        }
        var merge = FileMerge(base: base, ours: plain, theirs: theirs)
        merge.run()
        let text = Lines.split(merge.result.text).map { $0.content + "\r\n" }.joined()
        let isEnded = merge.result.text.endsLine
        let file = parse(isEnded ? text : String(text.dropLast()), file: "").file
        return (file ?? merge.result, merge.changes)
    }

    /// The same with LF for CRLF; `nil` unless all lines end with CRLF.
    private var withPlainLineEnds: PromptFile? {
        let lines = Lines.split(text)
        let areAll = lines.dropLast().allSatisfy { $0.utf8.suffix(2).elementsEqual("\r\n".utf8) }
        guard areAll, lines.count > 1, lines.last.map({ !$0.endsWithPlainEnd }) ?? false else {
            return nil
        }
        let plain = lines.map {
            String($0.content) + ($0.content.endIndex < $0.endIndex ? "\n" : "")
        }
        return Self.parse(plain.joined(), file: "").file
    }
}

extension Substring {
    /// Whether it ends with LF or CR alone.
    fileprivate var endsWithPlainEnd: Bool {
        !utf8.suffix(2).elementsEqual("\r\n".utf8) && (utf8.last == 0x0A || utf8.last == 0x0D)
    }
}

/// The merge of a whole file.
private struct FileMerge {
    /// What a prompt is known by in all three files.
    private enum Identity: Hashable {
        case ticket(TicketKey)
        case number(Int)

        init(_ prompt: PromptFile.Prompt) {
            self = prompt.key.map { .ticket($0) } ?? .number(prompt.number)
        }
    }
    /// A phase by tickets instead of numbers.
    private struct Outline: Equatable {
        var name: String
        var prompts: [Identity]
        var parallel: Bool
        var dependsOn: [String]
    }

    private let base: PromptFile?
    private let ours: PromptFile
    private let theirs: PromptFile
    private(set) var result: PromptFile
    private(set) var changes: [PromptFile.Change] = []
    private var added: [Identity] = []

    init(base: PromptFile?, ours: PromptFile, theirs: PromptFile) {
        self.base = base
        self.ours = ours
        self.theirs = theirs
        result = ours
    }

    mutating func run() {
        if let base, ours.preamble == base.preamble { result.preamble = theirs.preamble }
        let old = Self.prompts(base)
        let new = Self.prompts(theirs)
        for (index, prompt) in ours.prompts.enumerated() {
            let identity = Identity(prompt)
            if let their = new[identity] {
                result.prompts[index] = merge(old[identity], prompt, their)
            } else if old[identity] != nil || (base == nil && prompt.key != nil) {
                note(prompt, .noLongerAsked)
            }
        }
        let present = Set(ours.prompts.map { Identity($0) })
        for prompt in theirs.prompts where !present.contains(Identity(prompt)) {
            if old[Identity(prompt)] == nil {
                append(prompt)
            } else {
                note(prompt, .promptKeptOut)
            }
        }
        mergePhases()
    }

    private static func prompts(_ file: PromptFile?) -> [Identity: PromptFile.Prompt] {
        Dictionary((file?.prompts ?? []).map { (Identity($0), $0) }) { first, _ in first }
    }

    private mutating func note(_ prompt: PromptFile.Prompt, _ kind: PromptFile.Change.Kind) {
        changes.append(PromptFile.Change(subject: prompt.subject, kind: kind))
    }

    private mutating func merge(
        _ old: PromptFile.Prompt?,
        _ our: PromptFile.Prompt,
        _ their: PromptFile.Prompt
    ) -> PromptFile.Prompt {
        var merged = our
        if our.title != their.title {
            if let old, old.title == our.title {
                merged = PromptFile.Prompt(
                    number: our.number,
                    key: our.key,
                    title: their.title,
                    body: our.body
                )
                note(our, .tookOver("the title"))
            } else {
                note(our, .kept("the title"))
            }
        }
        var merge = BodyMerge(base: old?.body)
        merged.body = merge.merge(ours: our.body, theirs: their.body)
        for change in merge.changes { note(our, change) }
        return merged
    }

    private mutating func append(_ prompt: PromptFile.Prompt) {
        let number = (result.prompts.map(\.number).max() ?? 0) + 1
        if let last = result.prompts.indices.last {
            let prompt = result.prompts[last]
            var body = prompt.body
            if !(prompt.heading + body).endsLine { body += "\n" }
            // A code block that ends with the file would take the new prompt in.
            if let end = MarkdownScanner.end(of: body) { body += end + "\n" }
            let isSeparated = Lines.split(body).last?.isBlankLine ?? false
            result.prompts[last].body = isSeparated ? body : body + "\n"
        }
        let lines = Lines.split(prompt.body)
        let end = (lines.lastIndex { !$0.isBlankLine } ?? -1) + 1
        result.prompts.append(
            PromptFile.Prompt(
                number: number,
                key: prompt.key,
                title: prompt.title,
                body: BodyMerge.ended(lines[..<end]).joined()
            )
        )
        let identity = Identity(prompt)
        added.append(identity)
        let phase = outline(theirs)?.first { $0.prompts.contains(identity) }
        note(prompt, .added(number: number, phase: phase?.name))
    }

    private func outline(
        _ file: PromptFile,
        of shared: Set<Identity>? = nil
    ) -> [Outline]? {
        let identities = Dictionary(file.prompts.map { ($0.number, Identity($0)) }) { first, _ in
            first
        }
        return file.namedPhases?.compactMap { phase in
            let prompts = phase.prompts.compactMap { identities[$0] }
                .filter { shared?.contains($0) ?? true }
            guard shared == nil || !prompts.isEmpty else { return nil }
            return Outline(
                name: phase.name,
                prompts: prompts,
                parallel: phase.parallel,
                dependsOn: phase.dependsOn
            )
        }
    }

    /// Takes over the new phases when the person hasn't touched them, else finds the new tickets a place.
    private mutating func mergePhases() {
        guard let our = outline(ours), let their = outline(theirs) else { return }
        var target = our
        let shared = Set(ours.prompts.map { Identity($0) })
            .intersection((base ?? ours).prompts.map { Identity($0) })
        let old = base.flatMap { outline($0) }
        let isChanged = old != nil && old != their
        if isChanged, let base, outline(base, of: shared) == outline(ours, of: shared) {
            target = Self.merged(their, keeping: our)
            let still = shared.intersection(theirs.prompts.map { Identity($0) })
            if outline(theirs, of: still) != outline(base, of: still) {
                changes.append(PromptFile.Change(subject: "phases", kind: .tookOverPhases))
            }
        } else {
            for identity in added {
                guard let phase = their.first(where: { $0.prompts.contains(identity) }) else {
                    continue
                }
                if let index = target.firstIndex(where: { $0.name == phase.name }) {
                    target[index].prompts.append(identity)
                } else {
                    var phase = phase
                    phase.prompts = [identity]
                    target.append(phase)
                }
            }
            if isChanged {
                changes.append(PromptFile.Change(subject: "phases", kind: .keptPhases))
            }
        }
        apply(target)
    }

    /// The new phases with what the person's have besides.
    private static func merged(_ their: [Outline], keeping our: [Outline]) -> [Outline] {
        var target = their
        let placed = Set(their.flatMap(\.prompts))
        for phase in our {
            let rest = phase.prompts.filter { !placed.contains($0) }
            guard !rest.isEmpty else { continue }
            if let index = target.firstIndex(where: { $0.name == phase.name }) {
                target[index].prompts += rest
            } else {
                var phase = phase
                phase.prompts = rest
                target.append(phase)
            }
        }
        return target
    }

    private mutating func apply(_ target: [Outline]) {
        let numbers = Dictionary(result.prompts.map { (Identity($0), $0.number) }) { first, _ in
            first
        }
        var phases = target.map { phase in
            PromptFile.Phase(
                name: phase.name,
                prompts: phase.prompts.compactMap { numbers[$0] },
                parallel: phase.parallel,
                dependsOn: phase.dependsOn
            )
        }
        // A phase that a person has emptied by taking its prompts out is passed through.
        let kept = Set((ours.namedPhases ?? []).map(\.name))
        for phase in phases where phase.prompts.isEmpty && !kept.contains(phase.name) {
            phases.removeAll { $0.name == phase.name }
            for index in phases.indices {
                guard let place = phases[index].dependsOn.firstIndex(of: phase.name) else {
                    continue
                }
                let before = phase.dependsOn.filter { !phases[index].dependsOn.contains($0) }
                phases[index].dependsOn.replaceSubrange(place...place, with: before)
            }
        }
        let names = Set(phases.map(\.name))
        for index in phases.indices { phases[index].dependsOn.removeAll { !names.contains($0) } }
        guard phases != ours.namedPhases else { return }
        result.frontMatter = ours.frontMatter.replacing(ours.namedPhases, with: phases)
        result.namedPhases = phases
    }
}
