extension LinearWorld {
    /// Takes an `IssueCreateInput`; without a number the issue gets the team's next one.
    mutating func createIssue(
        _ input: JSONValue,
        number: Int? = nil,
        by actor: String
    ) throws(GraphQLError) -> Record {
        let team = try need("Team", input["teamId"])
        let latest =
            all("Issue").filter { $0["teamId"].text == team.id }
            .compactMap { $0["number"].double }.max() ?? 0
        let number = number ?? Int(latest) + 1
        let identifier = "\(team["key"].text ?? "")-\(number)"
        var values: [String: JSONValue] = [
            "teamId": .string(team.id), "creatorId": .string(actor), "title": "",
            "number": .integer(number), "identifier": .string(identifier), "priority": 0,
            "priorityLabel": .string(Self.priorities[0]), "labelIds": [], "previousIdentifiers": [],
            "sortOrder": .integer(-number * 100),
            "stateId": .string(try defaultState(of: team.id).id),
        ]
        for name in ["id", "createdAt"] {
            values[name] = input[name].flatMap { $0 == .null ? nil : $0 }
        }
        var draft = Record(type: "Issue", id: "", values: values)
        try apply(input, to: &draft)
        guard let title = draft["title"].text, !title.isEmpty else {
            throw .argument("title should not be empty", of: "title")
        }
        let slug = Self.slug(of: title)
        let handle = record("User", actor)?["displayName"].text ?? "linear"
        draft["url"] = .string("\(Self.origin)/issue/\(identifier)/\(slug)")
        draft["branchName"] = .string("\(handle)/\(identifier.lowercased())-\(slug)")
        let record = try insert("Issue", draft.values)
        register(identifier, for: record.id)
        return record
    }

    /// Takes an `IssueUpdateInput`.
    mutating func updateIssue(
        _ reference: JSONValue?,
        _ input: JSONValue
    ) throws(GraphQLError) -> Record {
        var issue = try need("Issue", reference)
        try apply(input, to: &issue)
        update(issue)
        return try need("Issue", .string(issue.id))
    }

    /// Archiving and trashing leave `updatedAt` as it was.
    mutating func archive(_ issue: Record, trashing: Bool) {
        var issue = issue
        issue["archivedAt"] = .string(now())
        if trashing { issue["trashed"] = true }
        update(issue, touching: false)
    }

    func defaultState(of team: String) throws(GraphQLError) -> Record {
        let states = all("WorkflowState").filter { $0["teamId"].text == team }
        guard let state = states.first(where: { $0["type"].text == "backlog" }) else {
            throw .notFound("WorkflowState")
        }
        return state
    }

    private func apply(_ input: JSONValue, to issue: inout Record) throws(GraphQLError) {
        for name in ["title", "description", "estimate", "sortOrder", "dueDate", "trashed"] {
            if let value = input[name] { issue[name] = value }
        }
        if let title = input["title"], (title.text ?? "").allSatisfy(\.isWhitespace) {
            throw .argument("title should not be empty", of: "title")
        }
        if let priority = input["priority"] {
            guard let value = priority == .null ? 0 : priority.double.map({ Int($0) }),
                Self.priorities.indices.contains(value)
            else { throw .argument("priority must not be greater than 4", of: "priority") }
            issue["priority"] = .integer(value)
            issue["priorityLabel"] = .string(Self.priorities[value])
        }
        let references = [
            "assigneeId": "User", "delegateId": "User", "projectId": "Project", "parentId": "Issue",
            "cycleId": "Cycle",
        ]
        for (name, type) in references {
            guard let value = input[name] else { continue }
            issue[name] = value == .null ? .null : .string(try need(type, value).id)
        }
        if let delegate = record("User", issue["delegateId"].text), delegate["app"] != true {
            throw GraphQLError(
                message: "Delegate must be an app user",
                kind: .input(),
                presentable: "An issue can only be delegated to an agent."
            )
        }
        try applyState(input["stateId"], to: &issue)
        try applyLabels(input, to: &issue)
    }

    private func applyState(_ id: JSONValue?, to issue: inout Record) throws(GraphQLError) {
        guard let id, id != .null else { return }
        let state = try need("WorkflowState", id)
        guard state["teamId"] == issue["teamId"] else {
            throw GraphQLError(
                message: "Discrepancy between issue state and team",
                kind: .input(),
                presentable: "The provided workflow state does not belong to the issue's team."
            )
        }
        guard issue["stateId"].text != state.id else { return }
        issue["stateId"] = .string(state.id)
        let type = state["type"].text ?? ""
        if issue["startedAt"] == .null, ["started", "completed"].contains(type) {
            issue["startedAt"] = .string(now())
        }
        issue["completedAt"] = type == "completed" ? .string(now()) : .null
        issue["canceledAt"] =
            ["canceled", "duplicate"].contains(type) ? .string(now()) : .null
    }

    private func applyLabels(_ input: JSONValue, to issue: inout Record) throws(GraphQLError) {
        var labels = issue["labelIds"].items
        if let whole = input["labelIds"], whole != .null { labels = whole.items }
        labels += input["addedLabelIds"]?.items.filter { !labels.contains($0) } ?? []
        let removed = input["removedLabelIds"]?.items ?? []
        labels.removeAll { removed.contains($0) }
        for label in labels { _ = try need("IssueLabel", label) }
        issue["labelIds"] = .array(labels)
    }

    private static func slug(of title: String) -> String {
        let words = title.lowercased().utf8.split { byte in
            !(UInt8(ascii: "a")...UInt8(ascii: "z") ~= byte
                || UInt8(ascii: "0")...UInt8(ascii: "9") ~= byte)
        }
        return words.map { String(decoding: $0, as: UTF8.self) }.joined(separator: "-")
            .prefix(60).description
    }

    // MARK: What hangs on an issue

    mutating func comment(
        _ input: JSONValue,
        by actor: String
    ) throws(GraphQLError) -> Record {
        guard let reference = input["issueId"], reference != .null else {
            throw .argument(
                "issueId must be defined; the sandbox knows no other place",
                of: "issueId"
            )
        }
        let issue = try need("Issue", reference)
        try Self.checkBody(input)
        var values: [String: JSONValue] = [
            "issueId": .string(issue.id), "userId": .string(actor),
            "body": input["body"] ?? .null,
        ]
        if let parent = input["parentId"], parent != .null {
            values["parentId"] = .string(try need("Comment", parent).id)
        }
        for name in ["id", "createdAt"] {
            values[name] = input[name].flatMap { $0 == .null ? nil : $0 }
        }
        var comment = try insert("Comment", values)
        comment["url"] = .string("\(issue["url"].text ?? "")#comment-\(comment.id.prefix(8))")
        update(comment, touching: false)
        return comment
    }

    mutating func updateComment(
        _ reference: JSONValue?,
        _ input: JSONValue
    ) throws(GraphQLError) -> Record {
        var comment = try need("Comment", reference)
        guard let body = input["body"] else { return comment }
        try Self.checkBody(input)
        guard comment["body"] != body else { return comment }
        comment["body"] = body
        comment["editedAt"] = .string(now())
        update(comment)
        return comment
    }

    private static func checkBody(_ input: JSONValue) throws(GraphQLError) {
        if (input["body"]?.text ?? "").allSatisfy(\.isWhitespace) {
            throw .argument("body should not be empty", of: "body")
        }
    }

    /// Makes an attachment, or updates the one with the same URL on the same issue.
    mutating func attach(
        _ input: JSONValue,
        source: String,
        by actor: String
    ) throws(GraphQLError) -> Record {
        let issue = try need("Issue", input["issueId"])
        guard let url = input["url"]?.text, url.contains("://") else {
            throw .argument("url must be a URL address", of: "url")
        }
        var values: [String: JSONValue] = [:]
        for name in ["subtitle", "metadata"] {
            if let value = input[name], value != .null { values[name] = value }
        }
        let title = input["title"].flatMap { $0 == .null ? nil : $0 }
        let known = all("Attachment").first {
            $0["issueId"].text == issue.id && $0["url"].text == url
        }
        if var known {
            values["title"] = title ?? .string(url)
            known.values.merge(values) { $1 }
            update(known)
            return known
        }
        if let id = input["id"], id != .null { values["id"] = id }
        values.merge(
            [
                "issueId": .string(issue.id), "url": .string(url), "title": title ?? .string(url),
                "sourceType": .string(source), "creatorId": .string(actor),
                "metadata": values["metadata"] ?? [:],
            ]
        ) { $1 }
        return try insert("Attachment", values)
    }

    /// Says that the first issue blocks the second, or whatever `type` is.
    ///
    /// Linear keeps one relation for an ordered pair.
    @discardableResult
    mutating func relate(
        _ issue: Record,
        _ related: Record,
        as type: String,
        id: JSONValue? = nil
    ) throws(GraphQLError) -> Record {
        guard issue.id != related.id else {
            throw GraphQLError(
                message: "Issue cannot be related to itself",
                kind: .input(),
                presentable: "An issue cannot be related to itself."
            )
        }
        let known = all("IssueRelation").first {
            $0["issueId"].text == issue.id && $0["relatedIssueId"].text == related.id
        }
        if var known {
            known["type"] = .string(type)
            update(known)
            return known
        }
        var values: [String: JSONValue] = [
            "issueId": .string(issue.id), "relatedIssueId": .string(related.id),
            "type": .string(type),
        ]
        if let id, id != .null { values["id"] = id }
        return try insert("IssueRelation", values)
    }
}
