/// A place in a template's text: how many characters come before it.
typealias TemplateOffset = Int

/// A part of a parsed template.
indirect enum TemplateNode: Equatable, Sendable {
    case text(String)
    case output(TemplateExpression, at: TemplateOffset)
    /// The first branch whose condition is true; the last one may have none.
    case choice([TemplateBranch])
    case loop(variable: String, list: TemplateExpression, body: [TemplateNode], at: TemplateOffset)
    case include(TemplateInclusion)
}

/// Another file in the place of an `{% include %}` tag.
struct TemplateInclusion: Equatable, Sendable {
    /// Which file the nodes' offsets count in.
    var source: TemplateSource
    var nodes: [TemplateNode]
    /// Whether the tag took the end of its line with it; then the file's text ends with one, else without.
    var ownsLine: Bool
}

struct TemplateBranch: Equatable, Sendable {
    var condition: TemplateExpression?
    var body: [TemplateNode]
}

indirect enum TemplateExpression: Equatable, Sendable {
    enum Comparison: String {
        case equal = "=="
        case unequal = "!="
        case less = "<"
        case lessOrEqual = "<="
        case greater = ">"
        case greaterOrEqual = ">="
        case isIn = "in"
    }
    case literal(TemplateValue)
    /// `ticket.title`: the parts, and where the first one stands.
    case name([String], at: TemplateOffset)
    case filtered(TemplateExpression, TemplateFilter, TemplateExpression?, at: TemplateOffset)
    case not(TemplateExpression)
    case and(TemplateExpression, TemplateExpression)
    case or(TemplateExpression, TemplateExpression)
    case compared(TemplateExpression, Comparison, TemplateExpression, at: TemplateOffset)
}

/// The word of `candidates` that was probably meant.
func nearest(to word: String, among candidates: some Sequence<String>) -> String? {
    let scored = candidates.map { (distance: editDistance(word.lowercased(), $0), word: $0) }
    guard let best = scored.min(by: { $0 < $1 }), best.distance <= max(1, word.count / 3) else {
        return nil
    }
    return best.word
}

/// How many letters must be added, left out, changed or swapped with their neighbour.
private func editDistance(_ left: String, _ right: String) -> Int {
    // A name is short; a long word isn't a mistyped one.
    guard left.count <= 64 else { return .max }
    let left = Array(left)
    let right = Array(right)
    var rows = [Array(0...right.count)]
    for (line, character) in left.enumerated() {
        var row = [line + 1]
        for (column, other) in right.enumerated() {
            var least = min(rows[line][column + 1], row[column]) + 1
            least = min(least, rows[line][column] + (character == other ? 0 : 1))
            if line > 0, column > 0, character == right[column - 1], left[line - 1] == other {
                least = min(least, rows[line - 1][column - 1] + 1)
            }
            row.append(least)
        }
        rows.append(row)
    }
    return rows[left.count][right.count]
}

/// The end of a message about a name that doesn't exist.
func advice(for word: String, among names: some Collection<String>, scope: String = "") -> String {
    let all = Set(names).sorted().map { scope + $0 }.joined(separator: ", ")
    guard let meant = nearest(to: word, among: names.sorted()) else { return "there are: \(all)" }
    return "did you mean '\(scope)\(meant)'? There are: \(all)"
}
