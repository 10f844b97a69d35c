/// Merges what stands below a prompt's heading, one sub-section after the other.
struct BodyMerge {
    private(set) var changes: [PromptFile.Change.Kind] = []
    private let base: SectionBody?

    init(base: String?) { self.base = base.map { SectionBody($0) } }

    /// The merged text: the person's order of sub-sections, and byte for byte the person's text wherever the
    /// new one brings nothing.
    mutating func merge(ours: String, theirs: String) -> String {
        let our = SectionBody(ours)
        let their = SectionBody(theirs)
        var parts: [SectionBody.Part] = []
        for part in our.parts {
            if let merged = merge(part, with: their.part(part.name)) { parts.append(merged) }
        }
        var previous: SectionBody.Part.Name?
        for part in their.parts {
            defer { previous = part.name }
            guard our.part(part.name) == nil else { continue }
            if let old = base?.part(part.name) {
                if old.content != part.content { changes.append(.keptOut(part.words)) }
                continue
            }
            let place = parts.firstIndex { $0.name == previous }.map { $0 + 1 } ?? parts.count
            var added = part
            added.lines = Self.ended(part.lines[..<part.length]) + ["\n"]
            if place > 0 { parts[place - 1].separate() }
            parts.insert(added, at: place)
            changes.append(.tookOver(part.words))
        }
        guard parts != our.parts else { return ours }
        let lines = Lines.split(parts.map(\.text).joined())
        let end = (lines.lastIndex { !$0.isBlankLine } ?? -1) + 1
        let ourLines = Lines.split(ours)
        let ourEnd = (ourLines.lastIndex { !$0.isBlankLine } ?? -1) + 1
        return (Self.ended(lines[..<end]) + ourLines[ourEnd...]).joined()
    }

    /// What becomes of a sub-section of the person's file; `nil` takes it out.
    private mutating func merge(
        _ our: SectionBody.Part,
        with their: SectionBody.Part?
    ) -> SectionBody.Part? {
        let old = base?.part(our.name)
        guard let their else {
            guard let old else { return our }
            if old.content == our.content, our.blocks.isEmpty {
                changes.append(.removed(our.words))
                return nil
            }
            changes.append(.kept(our.words))
            return our
        }
        if our.content == their.content { return our }
        guard base != nil else {
            changes.append(.kept(our.words))
            return our
        }
        if let old, old.content == their.content {
            changes.append(.kept(our.words))
            return our
        }
        if let old, old.content == our.content {
            changes.append(.tookOver(our.words))
            return our.replaced(by: their.lines[..<their.length])
        }
        if let old,
            let lines = LineMerge.merge(
                base: old.content,
                ours: our.content,
                theirs: their.content
            ),
            Self.keepsShape(lines, our.lines)
        {
            changes.append(.merged(our.words))
            return our.replaced(by: lines[...])
        }
        changes.append(.conflicting(our.words))
        return our.with(change: their)
    }

    /// Whether merged lines end outside of code and comments if the person's do, and begin no sub-section.
    private static func keepsShape(_ lines: [Substring], _ ours: [Substring]) -> Bool {
        let text = ended(lines[...]).joined()
        return MarkdownScanner.state(after: text) == MarkdownScanner.state(after: ours.joined())
            && SectionBody(text).parts.count { !$0.lines.isEmpty }
                == SectionBody(ours.joined()).parts.count { !$0.lines.isEmpty }
    }

    /// The lines, each with an end.
    static func ended(_ lines: ArraySlice<Substring>) -> [Substring] {
        lines.map { line in
            line.utf8.last == 0x0A || line.utf8.last == 0x0D ? line : line + "\n"
        }
    }
}

extension SectionBody.Part {
    /// Makes sure that a blank line is its last.
    fileprivate mutating func separate() {
        lines = BodyMerge.ended(lines[...])
        let endsWithBlock = blocks.contains { $0.index == lines.count }
        if endsWithBlock || !(lines.last?.isBlankLine ?? false) { lines.append("\n") }
    }

    /// With other lines, and the blocks where they were, as far as that can be told.
    fileprivate func replaced(by new: ArraySlice<Substring>) -> Self {
        var result = self
        let new = BodyMerge.ended(new)
        result.lines = new + lines[length...]
        result.blocks = blocks.map { block in
            var block = block
            if block.index >= length {
                block.index += new.count - length
            } else if block.index > 0 {
                let place = place(in: new, below: lines[..<block.index]) ?? new.count
                let isAboveBlank = place < new.count && new[place].isBlankLine
                block.index = isAboveBlank ? place + 1 : place
                if !isAboveBlank { block.lines.insert("\n", at: 0) }
            }
            return block
        }
        return result
    }

    /// The place in `new` below the line that the last of `above` has become.
    private func place(in new: [Substring], below above: ArraySlice<Substring>) -> Int? {
        guard let anchor = above.last(where: { !$0.isBlankLine })?.content else { return nil }
        var scanner = MarkdownScanner()
        var place: Int?
        for (index, line) in new.enumerated() {
            _ = scanner.kind(of: line)
            if scanner.open == nil, line.content == anchor { place = index + 1 }
        }
        return place
    }

    /// With the new text below the person's, between markers.
    fileprivate func with(change: Self) -> Self {
        var result = self
        let own = BodyMerge.ended(lines[..<length])
        result.lines = own + lines[length...]
        let text = change.lines[..<change.length].drop {
            $0.isBlankLine || (change.title != nil && $0 == change.lines.first)
        }
        let start: [Substring] = ["\n", Marker.changeStart.line + "\n", "\n"]
        let end: [Substring] = ["\n", Marker.changeEnd.line + "\n"]
        result.blocks.removeAll(where: \.isChange)
        result.blocks.insert(
            SectionBody.Block(
                index: length,
                lines: start + BodyMerge.ended(text) + end,
                isChange: true
            ),
            at: result.blocks.firstIndex { $0.index >= length } ?? result.blocks.count
        )
        return result
    }
}
