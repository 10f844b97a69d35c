/// One file of a template, for saying where in it something stands.
struct TemplateSource: Equatable, Sendable {
    /// For messages.
    let file: String
    private let characters: [Character]
    /// Where each line begins.
    private let lineStarts: [TemplateOffset]

    init(file: String, characters: [Character]) {
        self.file = file
        self.characters = characters
        lineStarts = TemplateScanner.lineStarts(of: characters)
    }

    /// Line and column from 1; a column is one Unicode scalar, as editors and `SourcePlace` count.
    func place(of offset: TemplateOffset) -> (line: Int, column: Int) {
        let line = lineStarts.lastIndex { $0 <= offset } ?? 0
        let before = characters[lineStarts[line]..<min(offset, characters.count)]
        return (line + 1, before.reduce(1) { $0 + $1.unicodeScalars.count })
    }
}

/// Collects problems by their places in a template and the files that it includes.
struct TemplateProblems {
    private struct Found: Hashable {
        /// Which of `files` it is in.
        var file: Int
        var offset: TemplateOffset
        var problem: TemplateError.Problem
    }

    /// The files from the template itself to the one that is being looked at.
    private var chain: [TemplateSource]
    /// The template itself, then the others in the order in which problems were met in them.
    private var files: [String]
    private var found: Set<Found> = []
    /// A hopeless text shall not make an endless message.
    private static let limit = 50

    init(_ source: TemplateSource) {
        chain = [source]
        files = [source.file]
    }

    mutating func add(_ message: String, at offset: TemplateOffset) {
        guard let source = chain.last, found.count < Self.limit else { return }
        if !files.contains(source.file) { files.append(source.file) }
        let (line, column) = source.place(of: offset)
        let problem = TemplateError.Problem(
            file: source.file,
            line: line,
            column: column,
            message: message
        )
        // A file that is included twice has its mistakes once.
        found.insert(
            Found(
                file: files.firstIndex(of: source.file) ?? 0,
                offset: offset,
                problem: problem
            )
        )
    }

    /// Problems are in an included file from now on, until `leave`.
    mutating func enter(_ source: TemplateSource) { chain.append(source) }

    mutating func leave() { chain.removeLast() }

    var isEmpty: Bool { found.isEmpty }

    /// The error that says it all, file by file, in the order of their texts.
    var error: TemplateError {
        TemplateError(
            problems: found.sorted {
                ($0.file, $0.offset, $0.problem.message) < ($1.file, $1.offset, $1.problem.message)
            }.map(\.problem)
        )
    }
}
