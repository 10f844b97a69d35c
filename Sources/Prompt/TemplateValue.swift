/// What a template may ask for: data, never template, whatever stands in it.
package indirect enum TemplateValue: Equatable, Sendable {
    /// Known, but empty for this ticket; prints as nothing and counts as false.
    case none
    case text(String)
    case number(Double)
    case truth(Bool)
    case list([TemplateValue])
    /// Named values; `text` is what the record itself prints as, if it does.
    case record([String: TemplateValue], text: String? = nil)

    package static func number(_ number: Int) -> TemplateValue { .number(Double(number)) }

    package static func text(_ text: String?) -> TemplateValue {
        guard let text else { return .none }
        return .text(text)
    }

    /// Whether `{% if %}` takes it for true: everything but nothing, empty, zero and false.
    var isTrue: Bool {
        switch self {
        case .none: false
        case .text(let text): !text.isEmpty
        case .number(let number): number != 0
        case .truth(let truth): truth
        case .list(let items): !items.isEmpty
        case .record: true
        }
    }

    /// What it prints as; `nil` for a list, and for a record that has no text of its own.
    var printed: String? {
        switch self {
        case .none: ""
        case .text(let text): text
        case .number(let number): Self.digits(of: number)
        case .truth(let truth): truth ? "true" : "false"
        case .list: nil
        case .record(_, let text): text
        }
    }

    private static func digits(of number: Double) -> String {
        if let whole = Int(exactly: number) { return String(whole) }
        return "\(number)"
    }
}

/// The names that a template may use and what is behind them, to check it before there are values.
package indirect enum TemplateNames: Equatable, Sendable {
    case text
    case number
    case truth
    case list(of: TemplateNames)
    case record([String: TemplateNames], isPrintable: Bool = false)

    /// For a message: what a template found where it wanted something else.
    var word: String {
        switch self {
        case .text: "a text"
        case .number: "a number"
        case .truth: "true or false"
        case .list: "a list"
        case .record: "a group of names"
        }
    }

    var isPrintable: Bool {
        switch self {
        case .text, .number, .truth: true
        case .list: false
        case .record(_, let isPrintable): isPrintable
        }
    }
}
