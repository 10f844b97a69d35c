#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// A write on its way: its place among the caller's writes, and the mutation that it has become.
struct WriteStep: Equatable, Sendable {
    enum Action: Equatable, Sendable {
        case move(ticket: String, state: String, team: String, isFetching: Bool)
        /// Becomes a change when the comment is there already.
        case makeComment(id: String, ticket: String, body: String, isSecondTry: Bool)
        /// Becomes a making when the comment isn't there (any more).
        case changeComment(id: String, ticket: String, body: String, isSecondTry: Bool)
        case attach(ticket: String, url: String, title: String, subtitle: String?)
    }
    var index: Int
    var action: Action
    /// How often this write alone has failed on a fault that passes.
    private var faults = 0

    init(index: Int, action: Action) {
        self.index = index
        self.action = action
    }

    /// So that a request stays small (a fetched ticket costs about 6 points) and a failure cheap.
    static let batchLimit = 20

    static func alias(_ position: Int) -> String { "w\(position)" }

    /// The mutation that stands in for this one after `error`; at most once.
    func alternative(to error: LinearError) -> WriteStep? {
        var step = self
        switch (action, error) {
        case (.makeComment(let id, let ticket, let body, false), .conflict):
            step.action = .changeComment(id: id, ticket: ticket, body: body, isSecondTry: true)
        case (.changeComment(let id, let ticket, let body, false), .notFound("Comment")):
            step.action = .makeComment(id: id, ticket: ticket, body: body, isSecondTry: true)
        default: return nil
        }
        return step
    }

    /// The same once more, when Linear had a fault of its own with this write; at most twice.
    func retry(after error: LinearError) -> WriteStep? {
        guard error.isRetryable, faults < 2 else { return nil }
        var step = self
        step.faults += 1
        return step
    }

    /// All steps as one mutation; Linear carries them out in this order.
    static func request(for batch: [WriteStep]) -> GraphQLRequest {
        var parameters: [String] = []
        var fields: [String] = []
        var variables: [String: GraphQLValue] = [:]
        for (position, step) in batch.enumerated() {
            let mutation = step.mutation
            parameters.append("$input\(position): \(mutation.inputType)!")
            variables["input\(position)"] = mutation.input
            var arguments = "input: $input\(position)"
            if let target = mutation.target {
                parameters.append("$id\(position): String!")
                variables["id\(position)"] = .string(target)
                arguments = "id: $id\(position), " + arguments
            }
            let alias = alias(position)
            fields.append("\(alias): \(mutation.name)(\(arguments)) { \(mutation.result) }")
        }
        return GraphQLRequest(
            operationName: "Write",
            query: "mutation Write(\(parameters.joined(separator: ", "))) "
                + "{ \(fields.joined(separator: "\n")) }",
            variables: variables
        )
    }

    private struct Mutation {
        var name: String
        var inputType: String
        var input: GraphQLValue
        var target: String?
        var result = "success"
        /// Of a comment: when it got its text, by Linear's clock.
        static let dated = "success comment { updatedAt }"
    }

    private var mutation: Mutation {
        switch action {
        case .move(let ticket, let state, _, let isFetching):
            return Mutation(
                name: "issueUpdate",
                inputType: "IssueUpdateInput",
                input: ["stateId": .string(state)],
                target: ticket,
                result: isFetching
                    ? "success issue { \(IssueRecord.wholeFields) }" : "success"
            )
        case .makeComment(let id, let ticket, let body, _):
            return Mutation(
                name: "commentCreate",
                inputType: "CommentCreateInput",
                input: ["id": .string(id), "issueId": .string(ticket), "body": .string(body)],
                result: Mutation.dated
            )
        case .changeComment(let id, _, let body, _):
            return Mutation(
                name: "commentUpdate",
                inputType: "CommentUpdateInput",
                input: ["body": .string(body)],
                target: id,
                result: Mutation.dated
            )
        case .attach(let ticket, let url, let title, let subtitle):
            var input: [String: GraphQLValue] = [
                "issueId": .string(ticket), "url": .string(url), "title": .string(title),
            ]
            if let subtitle { input["subtitle"] = .string(subtitle) }
            return Mutation(
                name: "attachmentCreate",
                inputType: "AttachmentCreateInput",
                input: .object(input)
            )
        }
    }
}

/// What a mutation gives back.
struct WriteRecord: Decodable, Sendable {
    var success: Bool
    var issue: Readable<IssueRecord>?
    var comment: Readable<CommentRecord>?

    struct CommentRecord: Decodable, Sendable {
        var updatedAt: Date
    }
}
