package import Disk
import Domain
import SystemPackage

/// Records that an older program wrote have fewer settings than this one knows.
///
/// A run that was begun before an upgrade goes on under its own settings; what there wasn't then is as it is for
/// those who don't set it.
package enum OlderRecord {
    /// A record of the type with all of today's members; an empty one where a type has had no additions that can't
    /// be left out.
    static func today<Value>(of type: Value.Type) throws -> JSONNode {
        if type is Workflow.Type { return try settings() }
        if type is AttemptJob.Type { return try job() }
        return .object([])
    }

    /// What an attempt's job is completed from.
    package static func job() throws -> JSONNode {
        .object([("workflow", try settings())])
    }

    /// The settings that may be missing: not those that say which tickets, where and by whom.
    private static func settings() throws -> JSONNode {
        var node = try RecordEncoder.node(of: workflow)
        for path in [
            ["name"], ["tickets", "team"], ["tickets", "states"], ["repository", "path"],
            ["agent", "kind"], ["agent", "command"], ["prompt", "file"], ["prompt", "text"],
        ] {
            node.remove(path[...])
        }
        return node
    }

    private static var workflow: Workflow {
        Workflow(
            name: "",
            tickets: TicketSelection(team: ""),
            repository: RepositorySettings(path: ""),
            agent: AgentSettings(),
            prompt: PromptSettings(file: "", text: ""),
            // There have always been steps: this one only says what a step has today.
            verify: VerificationSettings(steps: [.init(name: "", run: "")])
        )
    }
}

extension JSONNode {
    fileprivate mutating func remove(_ path: ArraySlice<String>) {
        guard case .object(var members) = self, let name = path.first,
            let index = members.firstIndex(where: { $0.name == name })
        else { return }
        if path.count == 1 {
            members.remove(at: index)
        } else {
            members[index].value.remove(path.dropFirst())
        }
        self = .object(members)
    }
}
