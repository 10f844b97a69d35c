/// A change that a client asked for.
package struct LinearMutation: Equatable, Sendable {
    /// The name of the client's operation.
    package var operation: String?
    /// Such as `issueUpdate`.
    package var field: String
    /// As sent, with the variables filled in.
    package var arguments: [String: JSONValue]
    /// Why it wasn't done; `nil` when it was.
    package var error: String?
}

extension LinearResolver {
    mutating func mutate(
        _ field: String,
        _ arguments: [String: JSONValue]
    ) throws(GraphQLError) -> GraphQLAnswer {
        let input = arguments["input"] ?? [:]
        let id = arguments["id"]
        switch field {
        case "issueCreate": return payload("issue", try world.createIssue(input, by: actor))
        case "issueUpdate": return payload("issue", try world.updateIssue(id, input))
        case "issueBatchUpdate":
            var issues: [GraphQLAnswer] = []
            for id in arguments["ids"]?.items ?? [] {
                issues.append(Self.answer(try world.updateIssue(id, input)))
            }
            return payload("issues", .list(issues))
        case "issueAddLabel", "issueRemoveLabel":
            let label = try world.need("IssueLabel", arguments["labelId"])
            let ids = JSONValue.array([.string(label.id)])
            let change: JSONValue =
                field == "issueAddLabel" ? ["addedLabelIds": ids] : ["removedLabelIds": ids]
            return payload("issue", try world.updateIssue(id, change))
        case "issueArchive", "issueUnarchive", "issueDelete":
            return try archive(field, arguments)
        case "commentCreate": return payload("comment", try world.comment(input, by: actor))
        case "commentUpdate": return payload("comment", try world.updateComment(id, input))
        case "commentDelete": return try remove("Comment", id)
        case "attachmentCreate":
            return payload("attachment", try world.attach(input, source: "api", by: actor))
        case "attachmentLinkURL", "attachmentLinkGitHubPR":
            return payload("attachment", try link(field, arguments))
        case "attachmentUpdate":
            var attachment = try world.need("Attachment", id)
            for member in input.members { attachment[member.name] = member.value }
            world.update(attachment)
            return payload("attachment", attachment)
        case "attachmentDelete": return try remove("Attachment", id)
        case "issueRelationCreate":
            let relation = try world.relate(
                try world.need("Issue", input["issueId"]),
                try world.need("Issue", input["relatedIssueId"]),
                as: input["type"]?.text ?? "related",
                id: input["id"]
            )
            return payload("issueRelation", relation)
        case "issueRelationDelete": return try remove("IssueRelation", id)
        case "issueLabelCreate": return payload("issueLabel", try createLabel(input))
        default: throw GraphQLError(message: "Mutation.\(field) isn't simulated", kind: .input())
        }
    }

    private mutating func archive(
        _ field: String,
        _ arguments: [String: JSONValue]
    ) throws(GraphQLError) -> GraphQLAnswer {
        var issue = try world.need("Issue", arguments["id"])
        if field == "issueUnarchive" {
            issue["archivedAt"] = .null
            issue["trashed"] = .null
            world.update(issue, touching: false)
        } else if field == "issueDelete", arguments["permanentlyDelete"] == true {
            world.remove(issue)
        } else {
            world.archive(
                issue,
                trashing: field == "issueDelete" || arguments["trash"] == true
            )
        }
        return payload("entity", issue)
    }

    private mutating func link(
        _ field: String,
        _ arguments: [String: JSONValue]
    ) throws(GraphQLError) -> LinearWorld.Record {
        let isGitHub = field == "attachmentLinkGitHubPR"
        if isGitHub, arguments["url"]?.text?.contains("/pull/") != true {
            throw GraphQLError(
                message: "Invalid GitHub pull request URL",
                kind: .input(),
                presentable: "The URL isn't a GitHub pull request."
            )
        }
        let input = JSONValue.object(arguments.map { .init(name: $0.key, value: $0.value) })
        return try world.attach(input, source: isGitHub ? "github" : "url", by: actor)
    }

    private mutating func createLabel(
        _ input: JSONValue
    ) throws(GraphQLError) -> LinearWorld.Record {
        let name = input["name"]?.text ?? ""
        let isTaken = world.all("IssueLabel").contains {
            $0["name"].text?.lowercased() == name.lowercased()
        }
        guard !isTaken else {
            throw GraphQLError(
                message: "duplicate label name",
                kind: .input(),
                presentable: "Label with name \"\(name)\" already exists."
            )
        }
        var values: [String: JSONValue] = ["color": "#95a2b3", "isGroup": false]
        for member in input.members where member.value != .null {
            values[member.name] = member.value
        }
        return try world.insert("IssueLabel", values)
    }

    private mutating func remove(
        _ type: String,
        _ id: JSONValue?
    ) throws(GraphQLError) -> GraphQLAnswer {
        let record = try world.need(type, id)
        world.remove(record)
        return payload("entityId", .leaf(.string(record.id)))
    }

    private func payload(_ name: String, _ record: LinearWorld.Record) -> GraphQLAnswer {
        payload(name, Self.answer(record))
    }

    private func payload(_ name: String, _ answer: GraphQLAnswer) -> GraphQLAnswer {
        .object(
            .ready([
                "success": .leaf(true), "lastSyncId": .leaf(.integer(world.syncID)), name: answer,
            ])
        )
    }
}
