package import Domain

extension Batch {
    /// The batch in Graphviz's DOT: a cluster for each phase, an arrow from each ticket to those that wait
    /// for it, a dotted line between those that name the same files.
    package var graphviz: String {
        var lines = ["digraph \(Self.quoted(name)) {", "    rankdir=LR;", "    node [shape=box];"]
        for group in drawnPhases {
            lines.append("    subgraph \"cluster_\(group.id)\" {")
            lines.append("        label=\(Self.quoted(group.title));")
            for member in group.members {
                let label = "\(member.ticket) \(member.title.inOneLine(limit: Self.titleLimit))"
                lines.append("        \(Self.node(member.ticket)) [label=\(Self.quoted(label))];")
            }
            lines.append("    }")
        }
        for arrow in drawnArrows {
            let ends = "\(Self.node(arrow.on)) -> \(Self.node(arrow.ticket))"
            lines.append("    \(ends) [label=\(Self.quoted(arrow.label))];")
        }
        for line in drawnOverlaps {
            let ends = "\(Self.node(line.first)) -> \(Self.node(line.second))"
            lines.append(
                "    \(ends) [dir=none, style=dotted, constraint=false, label=\(Self.quoted(line.label))];"
            )
        }
        return lines.joined(separator: "\n") + "\n}\n"
    }

    /// A quoted string whose escapes and entities Graphviz leaves alone.
    private static func quoted(_ text: String) -> String {
        var result = "\""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"": result += "\\\""
            case "\\": result += "\\\\"
            case "&": result += "&amp;"
            case "\n", "\r", "\t": result += " "
            default: result.unicodeScalars.append(scalar)
            }
        }
        return result + "\""
    }
}
