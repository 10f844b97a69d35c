extension PromptFile {
    /// Puts code and documents of the repository into a prompt, in the place of what was put there before.
    ///
    /// The text stands between two comments, at the end of the section at first; a person may move it. Nothing
    /// but what is between them is touched. Doing it again with the same text changes nothing.
    ///
    /// - Parameters:
    ///   - number: The prompt; one that isn't there changes nothing.
    ///   - markdown: Headings from `###` on; higher ones are lowered. Empty takes the context out.
    /// - Returns: The file, and what the person who edits it should know.
    package func replacingContext(
        ofPrompt number: Int,
        with markdown: String
    ) -> (file: PromptFile, changes: [Change]) {
        guard let index = prompts.firstIndex(where: { $0.number == number }) else {
            return (self, [])
        }
        var result = self
        let prompt = prompts[index]
        let marked = MarkedLines(prompt.body)
        var changes: [Change] = []
        if marked.contexts.contains(where: { marked.isEdited($0) }) {
            changes.append(Change(subject: prompt.subject, kind: .contextEdited))
        }
        if marked.hasUnclosedContext {
            changes.append(Change(subject: prompt.subject, kind: .contextUnclosed))
        }
        let text = ContainedText(markdown).text(highest: 3)
        let lineEnd = prompt.heading.utf8.suffix(2).elementsEqual("\r\n".utf8) ? "\r\n" : "\n"
        let block = text.isEmpty ? [] : ContextBlock.lines(text, lineEnd: lineEnd)
        result.prompts[index].body = marked.replacing(with: block, lineEnd: lineEnd)
        return (result, changes)
    }
}

/// What stands between the two comments.
private enum ContextBlock {
    static func lines(_ text: String, lineEnd: String) -> [String] {
        let lines = Lines.split(text).map { String($0.content) }
        let start = Marker.contextStart(digest: digest(lines.map { $0[...] })).line
        return ([start, ""] + lines + ["", Marker.contextEnd.line]).map { $0 + lineEnd }
    }

    /// FNV-1a (64 bits) of the lines, blank ones and spaces at their ends left out: enough to see that
    /// somebody has typed into them.
    static func digest(_ lines: [Substring]) -> String {
        var hash: UInt64 = 0xCBF2_9CE4_8422_2325
        for line in lines where !line.isBlankLine {
            var bytes = line.content.utf8
            while bytes.last?.isBlank ?? false { bytes.removeLast() }
            for byte in bytes + [0x0A] { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01B3 }
        }
        let digits = String(hash, radix: 16)
        return String(repeating: "0", count: 16 - digits.count) + digits
    }
}

extension MarkedLines {
    /// Whether a block of context isn't what its marker says.
    fileprivate func isEdited(_ context: Range<Int>) -> Bool {
        guard case .contextStart(let digest) = Marker(kinds[context.lowerBound]), !digest.isEmpty,
            let last = context.last(where: { Marker(kinds[$0]) == .contextEnd })
        else { return false }
        return digest != ContextBlock.digest(Array(lines[(context.lowerBound + 1)..<last]))
    }

    /// The text with the block in the place of the first context, and without all others.
    fileprivate func replacing(with block: [String], lineEnd: String) -> String {
        var result = lines.map(String.init)
        for (number, context) in contexts.enumerated().reversed() {
            let last = context.last { Marker(kinds[$0]) == .contextEnd } ?? context.lowerBound
            if number == 0, !block.isEmpty {
                result.replaceSubrange(context.lowerBound...last, with: block)
                continue
            }
            let isBlankBefore =
                context.lowerBound > 0 && lines[context.lowerBound - 1].isBlankLine
            let isBlankAfter = last + 1 >= lines.count || lines[last + 1].isBlankLine
            let start = context.lowerBound - (isBlankBefore && isBlankAfter ? 1 : 0)
            result.removeSubrange(start...last)
        }
        guard contexts.isEmpty, !block.isEmpty else { return result.joined() }
        let length = (lines.lastIndex { !$0.isBlankLine } ?? -1) + 1
        var head = result[..<length].joined()
        if !head.isEmpty, !head.endsLine { head += lineEnd }
        if let end = MarkdownScanner.end(of: head) { head += end + lineEnd }
        return head + lineEnd + block.joined() + result[length...].joined()
    }
}
