/// Looks for mistakes in a template that shows which names are used how.
struct TemplateCheck {
    private let names: TemplateNames
    private(set) var problems: TemplateProblems
    private var variables: [(name: String, names: TemplateNames)] = []

    init(names: TemplateNames, problems: TemplateProblems) {
        self.names = names
        self.problems = problems
    }

    mutating func visit(_ nodes: [TemplateNode]) {
        for node in nodes {
            switch node {
            case .text: break
            case .output(let expression, let offset):
                guard let kind = kind(of: expression), !kind.isPrintable else { continue }
                problems.add("this is \(kind.word); \(advice(for: kind))", at: offset)
            case .choice(let branches):
                for branch in branches {
                    if let condition = branch.condition { _ = kind(of: condition) }
                    visit(branch.body)
                }
            case .loop(let variable, let list, let body, let offset):
                visit(loopOver: list, variable: variable, body: body, at: offset)
            case .include(let inclusion):
                problems.enter(inclusion.source)
                visit(inclusion.nodes)
                problems.leave()
            }
        }
    }

    private mutating func visit(
        loopOver list: TemplateExpression,
        variable: String,
        body: [TemplateNode],
        at offset: TemplateOffset
    ) {
        var item: TemplateNames?
        switch kind(of: list) {
        case .list(let element): item = element
        case nil: break
        case let other?:
            problems.add("for needs a list, and this is \(other.word)", at: offset)
        }
        // Without knowing what the variable is, what is done with it can't be judged.
        guard let item else { return }
        let loop = TemplateNames.record([
            "index": .number, "first": .truth, "last": .truth, "length": .number,
        ])
        variables += [("loop", loop), (variable, item)]
        visit(body)
        variables.removeLast(2)
    }

    private func advice(for kind: TemplateNames) -> String {
        guard case .record(let fields, _) = kind else {
            return "write it with {% for … %} or with join"
        }
        return "name one of it: " + fields.keys.sorted().joined(separator: ", ")
    }

    /// What an expression gives; `nil` when that can't be told, for a mistake that was noted or a value
    /// that is nothing.
    private mutating func kind(of expression: TemplateExpression) -> TemplateNames? {
        switch expression {
        case .literal(let value):
            switch value {
            case .text: return .text
            case .number: return .number
            case .truth: return .truth
            case .none, .list, .record: return nil
            }
        case .name(let parts, let offset): return kind(of: parts, at: offset)
        case .filtered(let inner, let filter, let argument, let offset):
            let input = kind(of: inner)
            let given = argument.flatMap { kind(of: $0) }
            return kind(after: filter, of: input, given, at: offset)
        case .not(let inner):
            _ = kind(of: inner)
            return .truth
        case .and(let left, let right), .or(let left, let right):
            let first = kind(of: left)
            let second = kind(of: right)
            return first == second ? first : nil
        case .compared(let left, let comparison, let right, let offset):
            let first = kind(of: left)
            let second = kind(of: right)
            check(comparison, first, second, at: offset)
            return .truth
        }
    }

    private mutating func kind(
        of parts: [String],
        at offset: TemplateOffset
    ) -> TemplateNames? {
        var kind = names
        var known = variables.reversed().map(\.name)
        for (index, part) in parts.enumerated() {
            if index == 0, let variable = variables.last(where: { $0.name == part }) {
                kind = variable.names
                continue
            }
            guard case .record(let fields, _) = kind else {
                let whole = parts[..<index].joined(separator: ".")
                problems.add("'\(whole)' is \(kind.word) and has no '\(part)' in it", at: offset)
                return nil
            }
            guard let field = fields[part] else {
                let scope = parts[..<index].map { $0 + "." }.joined()
                known = index == 0 ? known + fields.keys : Array(fields.keys)
                problems.add(
                    "no name '\(scope)\(part)' here; "
                        + Prompt.advice(for: part, among: known, scope: scope),
                    at: offset
                )
                return nil
            }
            kind = field
        }
        return kind
    }

    private mutating func kind(
        after filter: TemplateFilter,
        of input: TemplateNames?,
        _ argument: TemplateNames?,
        at offset: TemplateOffset
    ) -> TemplateNames? {
        switch filter {
        case .default:
            guard let input, let argument, input.isPrintable, argument.isPrintable else {
                return input
            }
            return input == argument ? input : .text
        case .json: return .text
        case .join:
            switch input {
            case nil: break
            case .list(let element) where element.isPrintable: break
            case let other?:
                problems.add("join needs a list of texts, and this is \(other.word)", at: offset)
            }
            return .text
        case .fence, .firstLine, .indent, .lower, .quote, .slug, .trim, .truncate, .upper:
            if let input, !input.isPrintable {
                problems.add(
                    "\(filter.rawValue) needs a text, and this is \(input.word)",
                    at: offset
                )
            }
            return .text
        }
    }

    private mutating func check(
        _ comparison: TemplateExpression.Comparison,
        _ left: TemplateNames?,
        _ right: TemplateNames?,
        at offset: TemplateOffset
    ) {
        switch comparison {
        case .equal, .unequal:
            guard let left, let right, left != right else { return }
            problems.add("\(left.word) is never the same as \(right.word)", at: offset)
        case .less, .lessOrEqual, .greater, .greaterOrEqual:
            for kind in [left, right] {
                guard let kind, kind != .number else { continue }
                problems.add(
                    "\(comparison.rawValue) needs numbers, and this is \(kind.word)",
                    at: offset
                )
            }
        case .isIn:
            switch right {
            case nil, .list, .text: break
            case let other?:
                problems.add("in needs a list or a text, and this is \(other.word)", at: offset)
            }
        }
    }
}
