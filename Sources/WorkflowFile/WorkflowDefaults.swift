internal import SystemPackage
internal import YAML

/// What a configuration holds under `defaults:` for all its workflows.
///
/// Mappings are laid over it key by key; lists and single values of a workflow take its place. Relative paths
/// are relative to the configuration.
package struct WorkflowDefaults: Sendable {
    /// The configuration as the user named it.
    let file: String
    /// The same, absolute.
    let path: FilePath
    let source: SourceText
    let node: YAMLNode

    /// The defaults without those that a workflow replaces together with a key of its own: another way to set
    /// the schedule, or what belongs to another kind of agent.
    func node(below root: YAMLNode) -> YAMLNode {
        var replaced: Set<String> = []
        if root["schedule"]?["cron"] != nil {
            replaced.formUnion(["schedule.every", "schedule.seconds"])
        }
        if root["schedule"]?["every"] != nil {
            replaced.formUnion(["schedule.cron", "schedule.seconds", "schedule.missed"])
        }
        if let kind = root["agent"]?["kind"]?.scalar, kind != node["agent"]?["kind"]?.scalar {
            let own = ["command", "arguments", "model", "permission_mode", "allowed_tools"]
            replaced.formUnion(own.map { "agent.\($0)" })
        }
        return node.removing(replaced)
    }
}

extension YAMLNode {
    /// The same mapping without some keys of its sections, `agent.command`.
    fileprivate func removing(_ names: Set<String>) -> YAMLNode {
        guard !names.isEmpty, case .mapping(let entries) = content else { return self }
        let kept = entries.map { section in
            guard case .mapping(let inner) = section.value.content else { return section }
            return YAMLEntry(
                key: section.key,
                keyPlace: section.keyPlace,
                value: YAMLNode(
                    content: .mapping(
                        inner.filter { !names.contains("\(section.key).\($0.key)") }
                    ),
                    place: section.value.place
                )
            )
        }
        return YAMLNode(content: .mapping(kept), place: place)
    }
}
