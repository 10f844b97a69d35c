package import Domain

extension Batch {
    /// The batch as a Mermaid flowchart: a box for each phase, an arrow from each ticket to those that wait
    /// for it, a dotted line between those that name the same files.
    package var mermaid: String {
        var lines = ["flowchart LR"]
        for group in drawnPhases {
            lines.append("    subgraph \(group.id)[\"\(group.title)\"]")
            for member in group.members {
                let title = Self.mermaidText(member.title.inOneLine(limit: Self.titleLimit))
                lines.append("        \(Self.node(member.ticket))[\"\(member.ticket) \(title)\"]")
            }
            lines.append("    end")
        }
        for arrow in drawnArrows {
            let causes = Self.mermaidText(arrow.label)
            lines.append(
                "    \(Self.node(arrow.on)) -->|\"\(causes)\"| \(Self.node(arrow.ticket))"
            )
        }
        for line in drawnOverlaps {
            let paths = Self.mermaidText(line.label)
            lines.append(
                "    \(Self.node(line.first)) -.-|\"\(paths)\"| \(Self.node(line.second))"
            )
        }
        return lines.joined(separator: "\n") + "\n"
    }

    /// Everything that could be read as Mermaid, Markdown or HTML as the entity that Mermaid has for it.
    private static func mermaidText(_ text: String) -> String {
        var result = ""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "a"..."z", "A"..."Z", "0"..."9", " ", ".", ",", "/", "-", "\u{A0}"...:
                result.unicodeScalars.append(scalar)
            default: result += "#\(scalar.value);"
            }
        }
        return result
    }
}
