import Domain
package import YAML

/// What was read of a prompt file.
package struct ParsedPromptFile: Sendable {
    /// `nil` when a diagnostic is an error.
    package let file: PromptFile?
    /// Errors and warnings, in the order of the file.
    package let diagnostics: [Diagnostic]
}

extension PromptFile {
    /// The most that is read, in bytes.
    static let sizeLimit = 16 << 20

    /// Reads a prompt file.
    ///
    /// - Parameters:
    ///   - bytes: The whole file.
    ///   - file: Its name for diagnostics.
    /// - Returns: The file, unless there are errors, and all that is to be said about it.
    package static func parse(_ bytes: [UInt8], file: String) -> ParsedPromptFile {
        var reading = PromptFileReading(bytes: bytes, file: file)
        let result = reading.read()
        let source = SourceText(bytes)
        let diagnostics = reading.diagnostics.sorted(by: Diagnostic.isBefore)
            .map { $0.showing(source) }
        let isWrong = diagnostics.contains { $0.severity == .error }
        return ParsedPromptFile(file: isWrong ? nil : result, diagnostics: diagnostics)
    }

    /// Reads a prompt file's text.
    package static func parse(_ text: String, file: String) -> ParsedPromptFile {
        parse(Array(text.utf8), file: file)
    }
}

/// A prompt file on its way to its value.
private struct PromptFileReading {
    let bytes: [UInt8]
    let file: String
    var diagnostics: [Diagnostic] = []
    private var lines: [Substring] = []

    init(bytes: [UInt8], file: String) {
        self.bytes = bytes
        self.file = file
    }

    mutating func read() -> PromptFile? {
        guard bytes.count <= PromptFile.sizeLimit else {
            report(
                nil,
                "the file has \(bytes.count) bytes; at most \(PromptFile.sizeLimit) are allowed",
                hint: "split it"
            )
            return nil
        }
        let text = String(decoding: bytes, as: UTF8.self)
        let same = zip(text.utf8, bytes).prefix { $0 == $1 }.count
        guard same == bytes.count, same == text.utf8.count else {
            let place = SourceText(bytes).place(ofByte: min(same, bytes.count - 1))
            report(place, "here are bytes that aren't UTF-8", hint: "save the file as UTF-8")
            return nil
        }
        let hasMark = bytes.starts(with: [0xEF, 0xBB, 0xBF])
        lines = Lines.split(hasMark ? String(text.unicodeScalars.dropFirst()) : text)
        guard let frontMatterLength = frontMatterLength() else { return nil }
        var result = PromptFile(
            hasByteOrderMark: hasMark,
            frontMatter: FrontMatter(text: lines[..<frontMatterLength].joined()),
            preamble: "",
            prompts: [],
            namedPhases: nil
        )
        let places = readSections(from: frontMatterLength, into: &result)
        guard !result.prompts.isEmpty else {
            if !diagnostics.contains(where: { $0.severity == .error }) {
                report(
                    nil,
                    "the file holds no prompt",
                    hint: "add a section with the heading '## Prompt 1: FRE-61 What to do'"
                )
            }
            return nil
        }
        var reader = PhaseReader(file: file, prompts: places)
        result.namedPhases = reader.read(result.frontMatter)
        diagnostics += reader.diagnostics
        return result
    }

    /// How many lines the front matter takes, `nil` when it has no end.
    private mutating func frontMatterLength() -> Int? {
        guard let first = lines.first, FrontMatter.isDelimiter(first) else { return 0 }
        if let end = lines.dropFirst().firstIndex(where: FrontMatter.isDelimiter) { return end + 1 }
        report(
            SourcePlace(line: 1, column: 1, length: 3),
            "the front matter that begins here has no end",
            hint: "add a line '---' below it"
        )
        return nil
    }

    /// Reads the sections and the places of their headings.
    private mutating func readSections(
        from start: Int,
        into result: inout PromptFile
    ) -> [(number: Int, place: SourcePlace)] {
        var scanner = MarkdownScanner()
        var places: [(number: Int, place: SourcePlace)] = []
        var head: PromptFile.Prompt?
        var body = ""
        var opened = 0
        var marks = MarkerCheck()
        for index in lines.indices.dropFirst(start) {
            let line = lines[index]
            let wasOpen = scanner.open
            let kind = scanner.kind(of: line)
            if scanner.open != nil, wasOpen == nil { opened = index }
            marks.visit(kind, at: place(index))
            if case .heading(let level, let text) = kind,
                case .prompt(let number, let key, let title) = check(text, level, at: index)
            {
                diagnostics += marks.end(in: file)
                finish(&head, &body, &result)
                places.append((number, place(index)))
                head = PromptFile.Prompt(
                    number: number,
                    key: key,
                    title: title,
                    body: "",
                    heading: String(line)
                )
            } else {
                body += line
            }
        }
        diagnostics += marks.end(in: file)
        finish(&head, &body, &result)
        if scanner.open != nil { reportUnclosed(opened, isComment: scanner.open == .comment) }
        checkTwice(result.prompts, places)
        return places
    }

    private func finish(
        _ head: inout PromptFile.Prompt?,
        _ body: inout String,
        _ result: inout PromptFile
    ) {
        if var prompt = head {
            prompt.body = body
            result.prompts.append(prompt)
        } else {
            result.preamble = body
        }
        (head, body) = (nil, "")
    }

    private mutating func check(
        _ text: Substring,
        _ level: Int,
        at index: Int
    ) -> PromptHeading.Reading? {
        let form = "'## Prompt 3: FRE-61 What to do' or '## Prompt 3: What to do'"
        let reading = PromptHeading.read(text)
        switch reading {
        case .prompt where level == 2: return reading
        case .prompt where level < 4:
            report(
                place(index),
                "this heading has \(level == 1 ? "one '#'" : "three '#'") and is part of what stands above it",
                hint: "if it begins a prompt, write it with two",
                severity: .warning
            )
        case .malformed where level == 2:
            report(
                place(index),
                "\(ShownText.quoted(String(text))) isn't the heading of a prompt",
                hint: "write \(form), with a number from 1 to 999999"
            )
        case .unnumbered where level == 2:
            report(
                place(index),
                "\(ShownText.quoted(String(text))) has no number and is part of what stands above it",
                hint: "if it begins a prompt, write \(form)",
                severity: .warning
            )
        case .prompt, .malformed, .unnumbered, .other: break
        }
        return nil
    }

    private mutating func reportUnclosed(_ opened: Int, isComment: Bool) {
        let swallowed = lines[opened...].filter { line in
            var scanner = MarkdownScanner()
            guard case .heading(2, let text) = scanner.kind(of: line),
                case .prompt = PromptHeading.read(text)
            else { return false }
            return true
        }
        let what = isComment ? "comment" : "code block"
        let loss =
            switch swallowed.count {
            case 0: ""
            case 1: ", so the prompt below is part of it"
            case let count: ", so the \(count) prompts below are part of it"
            }
        report(
            place(opened),
            "the \(what) that begins here has no end" + loss,
            hint: isComment ? "add '-->'" : "end it with a line of as many of the same characters",
            severity: swallowed.isEmpty ? .warning : .error
        )
    }

    private mutating func checkTwice(
        _ prompts: [PromptFile.Prompt],
        _ places: [(number: Int, place: SourcePlace)]
    ) {
        var byNumber: [Int: Int] = [:]
        var byKey: [TicketKey: Int] = [:]
        for (index, prompt) in prompts.enumerated() {
            defer {
                byNumber[prompt.number] = byNumber[prompt.number] ?? index
                if let key = prompt.key { byKey[key] = byKey[key] ?? index }
            }
            if let first = byNumber[prompt.number] {
                report(
                    places[index].place,
                    "there are two prompts \(prompt.number), the first one in line \(places[first].place.line)",
                    hint: "give one of them another number"
                )
            } else if let key = prompt.key, let first = byKey[key] {
                report(
                    places[index].place,
                    "\(key) has two prompts, \(prompts[first].number) and \(prompt.number)",
                    hint: "make one of them, or leave the ticket out of one heading"
                )
            }
        }
    }

    private func place(_ index: Int) -> SourcePlace {
        let line = lines[index].content
        let column = line.unicodeScalars.prefix { $0 == " " || $0 == "\t" }.count
        return SourcePlace(
            line: index + 1,
            column: column + 1,
            length: line.unicodeScalars.count - column
        )
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
