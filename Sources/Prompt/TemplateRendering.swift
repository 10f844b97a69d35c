import Domain

/// Writes the nodes of a template with values.
struct TemplateRendering {
    /// The first problem was noted; the text is of no use.
    struct Stop: Error {}

    private let values: TemplateValue
    private(set) var problems: TemplateProblems
    private(set) var text = ""
    /// The variables of the loops around, the innermost last.
    private var variables: [(name: String, value: TemplateValue)] = []

    init(values: TemplateValue, problems: TemplateProblems) {
        self.values = values
        self.problems = problems
    }

    mutating func write(_ nodes: [TemplateNode]) throws(Stop) {
        for node in nodes {
            switch node {
            case .text(let part): text += part
            case .output(let expression, let offset):
                guard let printed = try value(of: expression).printed else {
                    throw stop("this can't be printed; write it with {% for %} or join", at: offset)
                }
                text += printed
            case .choice(let branches): try write(branches)
            case .loop(let variable, let list, let body, let offset):
                try write(loopOver: try value(of: list), variable: variable, body: body, at: offset)
            case .include(let inclusion): try write(inclusion)
            }
        }
    }

    private mutating func write(_ inclusion: TemplateInclusion) throws(Stop) {
        problems.enter(inclusion.source)
        let start = text.utf8.count
        try write(inclusion.nodes)
        // An editor ends the last line of a file; whether the text goes on there is up to the tag's own line.
        if text.utf8.count > start {
            if inclusion.ownsLine {
                if text.last != "\n" { text += "\n" }
            } else if text.last == "\n" {
                text.removeLast()
            }
        }
        problems.leave()
    }

    private mutating func write(_ branches: [TemplateBranch]) throws(Stop) {
        for branch in branches {
            if let condition = branch.condition {
                guard try value(of: condition).isTrue else { continue }
            }
            try write(branch.body)
            return
        }
    }

    private mutating func write(
        loopOver list: TemplateValue,
        variable: String,
        body: [TemplateNode],
        at offset: TemplateOffset
    ) throws(Stop) {
        let items: [TemplateValue]
        switch list {
        case .list(let all): items = all
        case .none: items = []
        case .text, .number, .truth, .record: throw stop("this isn't a list", at: offset)
        }
        for (index, item) in items.enumerated() {
            let loop = TemplateValue.record([
                "index": .number(index + 1), "first": .truth(index == 0),
                "last": .truth(index == items.count - 1), "length": .number(items.count),
            ])
            variables += [("loop", loop), (variable, item)]
            try write(body)
            variables.removeLast(2)
        }
    }

    private mutating func value(of expression: TemplateExpression) throws(Stop) -> TemplateValue {
        switch expression {
        case .literal(let value): return value
        case .name(let parts, let offset): return try value(of: parts, at: offset)
        case .filtered(let inner, let filter, let argument, let offset):
            let input = try value(of: inner)
            var given: TemplateValue?
            if let argument { given = try value(of: argument) }
            guard let output = filter.apply(to: input, given) else {
                throw stop("\(filter.rawValue) can't take this value", at: offset)
            }
            return output
        case .not(let inner): return .truth(!(try value(of: inner).isTrue))
        case .and(let left, let right):
            let first = try value(of: left)
            return first.isTrue ? try value(of: right) : first
        case .or(let left, let right):
            let first = try value(of: left)
            return first.isTrue ? first : try value(of: right)
        case .compared(let left, let comparison, let right, let offset):
            return .truth(
                try compare(try value(of: left), comparison, try value(of: right), at: offset)
            )
        }
    }

    private mutating func value(
        of parts: [String],
        at offset: TemplateOffset
    ) throws(Stop) -> TemplateValue {
        var value = values
        var rest = parts[...]
        if let first = rest.first, let variable = variables.last(where: { $0.name == first }) {
            value = variable.value
            rest.removeFirst()
        }
        for part in rest {
            guard case .record(let fields, _) = value, let field = fields[part] else {
                throw stop("no name '\(parts.joined(separator: "."))' here", at: offset)
            }
            value = field
        }
        return value
    }

    private mutating func compare(
        _ left: TemplateValue,
        _ comparison: TemplateExpression.Comparison,
        _ right: TemplateValue,
        at offset: TemplateOffset
    ) throws(Stop) -> Bool {
        switch (left, comparison, right) {
        case (_, .equal, _): return left == right
        case (_, .unequal, _): return left != right
        case (_, .isIn, .list(let items)): return items.contains(left)
        case (.text(let part), .isIn, .text(let whole)): return whole.contains(part)
        case (_, .isIn, .none): return false
        case (.number(let first), .less, .number(let second)): return first < second
        case (.number(let first), .lessOrEqual, .number(let second)): return first <= second
        case (.number(let first), .greater, .number(let second)): return first > second
        case (.number(let first), .greaterOrEqual, .number(let second)): return first >= second
        // What a ticket doesn't have is neither more nor less than anything.
        case (.none, _, _), (_, _, .none): return false
        default:
            throw stop("\(comparison.rawValue) can't compare these values", at: offset)
        }
    }

    private mutating func stop(_ message: String, at offset: TemplateOffset) -> Stop {
        problems.add(message, at: offset)
        return Stop()
    }
}
