internal import Domain
internal import Prompt
internal import YAML

/// What the reference says of one key.
struct ReferenceRow {
    /// With the mappings around it.
    var name: String
    /// What it takes.
    var expected: String
    /// What holds when it's left out; `nil` when nothing does or the words say it.
    var standard: JSONValue?
    var isRequired: Bool
    var doc: String

    /// The key's line of a Markdown table; `section` is left off its name.
    func line(in section: String) -> String {
        let own = name.hasPrefix(section + ".") ? String(name.dropFirst(section.count + 1)) : name
        let standard = isRequired ? "required" : standard.map { "`\($0.inline)`" } ?? "–"
        return "| `\(own)` | \(Self.cell(expected)) | \(Self.cell(standard)) | \(Self.cell(doc)) |"
    }

    /// A text that ends no cell and starts no element.
    private static func cell(_ text: String) -> String {
        text.replacing("|", with: "\\|").replacing("<", with: "\\<")
    }
}

extension WorkflowFile {
    /// Every key of a workflow file with what it takes, its default and its sentence, and what a prompt's
    /// template may hold: Markdown, made from the keys that the parser takes.
    ///
    /// - Returns: Markdown with a line end at its end.
    package static var reference: String {
        let table = WorkflowKeys.table
        let prototype = WorkflowKeys.prototype
        let head = "| key | takes | default | |\n| --- | --- | --- | --- |"
        var single: [String] = []
        var sections: [String] = []
        for key in table.keys {
            let rows = key.rows(prototype, "")
            if key.innerNames.isEmpty {
                single += rows.map { $0.line(in: "") }
            } else {
                let lines = (rows + rowsOfItems(in: key.name)).map { $0.line(in: key.name) }
                let doc: String? = key.schema(prototype, false).lazy.compactMap { name, value in
                    if name == "description", case .string(let text) = value { text } else { nil }
                }.first
                sections.append(
                    "**`\(key.name):`** \(doc ?? "")\n\n\(head)\n" + lines.joined(separator: "\n")
                )
            }
        }
        let top = "\(table.doc)\n\n\(head)\n" + single.joined(separator: "\n")
        return ([top] + sections + [Template.reference]).joined(separator: "\n\n") + "\n"
    }

    /// The keys of what stands in the lists of a section.
    private static func rowsOfItems(in section: String) -> [ReferenceRow] {
        switch section {
        case "verify":
            let step = VerificationSettings.Step(name: "", run: "")
            return WorkflowKeys.step.keys.flatMap { $0.rows(step, "steps[].") }
        case "agent":
            return WorkflowKeys.override.keys.filter { $0.name == "when" }
                .flatMap { $0.rows(AgentOverride(), "overrides[].") }
        case _: return []
        }
    }
}
