import YAML

/// A comment of ours that takes a line of its own.
enum Marker: Equatable {
    case contextStart(digest: String)
    case contextEnd
    case changeStart
    case changeEnd

    /// - Parameter comment: What the comment says.
    init?(_ comment: Substring) {
        let words = comment.split(separator: " ")
        switch words.first {
        case "linecook:context":
            self = .contextStart(digest: words.dropFirst().first.map(String.init) ?? "")
        case "/linecook:context": self = .contextEnd
        case "linecook:changed": self = .changeStart
        case "/linecook:changed": self = .changeEnd
        default: return nil
        }
    }

    /// The line, without its end.
    var line: String {
        switch self {
        case .contextStart(let digest): "<!-- linecook:context \(digest) -->"
        case .contextEnd: "<!-- /linecook:context -->"
        case .changeStart:
            "<!-- linecook:changed what is new in Linear, where you edited the text above: "
                + "keep what holds, then delete these two lines -->"
        case .changeEnd: "<!-- /linecook:changed -->"
        }
    }

    /// The marker that a line is, if it is one.
    init?(_ kind: MarkdownScanner.Kind) {
        guard case .comment(let comment) = kind, let marker = Marker(comment) else { return nil }
        self = marker
    }
}

/// Looks for markers that a person should see to.
struct MarkerCheck {
    private var contextStart: SourcePlace?
    private var found: [(place: SourcePlace, message: String, hint: String)] = []

    mutating func visit(_ kind: MarkdownScanner.Kind, at place: SourcePlace) {
        switch Marker(kind) {
        case .contextStart:
            leaveContext()
            contextStart = place
        case .contextEnd where contextStart == nil:
            found.append((place, "this ends no block of context", "delete the line"))
        case .contextEnd: contextStart = nil
        case .changeStart:
            found.append(
                (
                    place, "here is a change from Linear that nobody has decided on",
                    "keep what holds, then delete both marker lines"
                )
            )
        case .changeEnd, nil: break
        }
    }

    /// What there is to say at the end of a section.
    mutating func end(in file: String) -> [Diagnostic] {
        leaveContext()
        defer { found = [] }
        return found.map {
            Diagnostic(
                file: file,
                place: $0.place,
                severity: .warning,
                message: $0.message,
                hint: $0.hint
            )
        }
    }

    private mutating func leaveContext() {
        guard let place = contextStart else { return }
        contextStart = nil
        found.append(
            (
                place, "the context that begins here has no end, so it isn't replaced",
                "add a line '\(Marker.contextEnd.line)' below it, or delete this one"
            )
        )
    }
}
