/// A search for issues as one part of a request, under a name of its own, read page by page.
struct IssuePages: Sendable {
    private enum State {
        case pending(cursor: String?)  // then pending, or done
        case done
    }
    private let alias: String
    private let filter: GraphQLValue
    private let fields: String
    private var state: State

    /// Asks for `fields` of the issues that pass `filter`, an `IssueFilter`; for nothing unless wanted.
    init(_ alias: String, _ filter: GraphQLValue, _ fields: String, isWanted: Bool = true) {
        self.alias = alias
        self.filter = filter
        self.fields = fields
        state = isWanted ? .pending(cursor: nil) : .done
    }

    /// Adds the next page to a request, if there is one.
    func ask(for size: Int, in draft: inout QueryDraft) {
        guard case .pending(let cursor) = state else { return }
        draft.parameters.append("$\(alias): IssueFilter, $\(alias)After: String")
        draft.fields.append(
            """
            \(alias): issues(filter: $\(alias), first: \(size), after: $\(alias)After) \
            { nodes { \(fields) } pageInfo { hasNextPage endCursor } }
            """
        )
        draft.variables[alias] = filter
        if let cursor { draft.variables["\(alias)After"] = .string(cursor) }
    }

    /// The nodes of the answer to the page before; none when it wasn't asked for.
    mutating func take<Node>(_ page: Page<Node>?) throws(LinearError) -> [Node] {
        guard case .pending(let cursor) = state else { return [] }
        guard let page, let info = page.pageInfo else {
            throw .malformedAnswer(what: "'\(alias)' is null")
        }
        if info.hasNextPage {
            guard let next = info.endCursor, next != cursor else {
                throw .malformedAnswer(what: "'\(alias)' has a next page without a cursor")
            }
            state = .pending(cursor: next)
        } else {
            state = .done
        }
        return page.nodes
    }
}

/// A query that is put together from parts.
struct QueryDraft {
    var parameters: [String] = []
    var fields: [String] = []
    var variables: [String: GraphQLValue] = [:]

    /// - Precondition: there is a parameter and a field.
    func request(named name: String) -> GraphQLRequest {
        GraphQLRequest(
            operationName: name,
            query: "query \(name)(\(parameters.joined(separator: ", "))) "
                + "{ \(fields.joined(separator: "\n")) }",
            variables: variables
        )
    }
}
