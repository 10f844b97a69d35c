/// The part of Linear's schema that the sandbox answers.
///
/// Taken over word for word from `packages/sdk/src/schema.graphql` of github.com/linear/linear at `8335e09`
/// (MIT licence), without what the sandbox doesn't know: a document that asks for the rest is refused as
/// Linear refuses a field that doesn't exist.
enum LinearSchema {
    static func make() throws(GraphQLError) -> GraphQLSchema {
        try GraphQLSchema(parsing: types + inputs)
    }

    private static let page = """
        after: String, before: String, first: Int, includeArchived: Boolean, last: Int, \
        orderBy: PaginationOrderBy
        """

    private static let types = """
        type Query {
          viewer: User!, organization: Organization!, team(id: String!): Team!
          teams(filter: TeamFilter, \(page)): TeamConnection!
          user(id: String!): User!
          users(filter: UserFilter, \(page)): UserConnection!
          workflowState(id: String!): WorkflowState!
          workflowStates(filter: WorkflowStateFilter, \(page)): WorkflowStateConnection!
          issueLabel(id: String!): IssueLabel!
          issueLabels(filter: IssueLabelFilter, \(page)): IssueLabelConnection!
          project(id: String!): Project!
          projects(filter: ProjectFilter, \(page)): ProjectConnection!
          issue(id: String!): Issue!
          issues(filter: IssueFilter, \(page), sort: [IssueSortInput!]): IssueConnection!
          comments(filter: CommentFilter, \(page)): CommentConnection!
          comment(id: String): Comment!, attachment(id: String!): Attachment!
          attachmentsForURL(\(page), url: String!): AttachmentConnection!
        }
        type Mutation {
          issueCreate(input: IssueCreateInput!): IssuePayload!
          issueUpdate(id: String!, input: IssueUpdateInput!): IssuePayload!
          issueBatchUpdate(ids: [UUID!]!, input: IssueUpdateInput!): IssueBatchPayload!
          issueArchive(id: String!, trash: Boolean): IssueArchivePayload!
          issueUnarchive(id: String!): IssueArchivePayload!
          issueDelete(id: String!, permanentlyDelete: Boolean): IssueArchivePayload!
          issueAddLabel(id: String!, labelId: String!): IssuePayload!
          issueRemoveLabel(id: String!, labelId: String!): IssuePayload!
          commentCreate(input: CommentCreateInput!): CommentPayload!
          commentUpdate(id: String!, input: CommentUpdateInput!): CommentPayload!
          commentDelete(id: String!): DeletePayload!
          attachmentCreate(input: AttachmentCreateInput!): AttachmentPayload!
          attachmentUpdate(id: String!, input: AttachmentUpdateInput!): AttachmentPayload!
          attachmentLinkURL(id: String, issueId: String!, title: String, url: String!): AttachmentPayload!
          attachmentLinkGitHubPR(id: String, issueId: String!, title: String, url: String!): AttachmentPayload!
          attachmentDelete(id: String!): DeletePayload!
          issueRelationCreate(input: IssueRelationCreateInput!): IssueRelationPayload!
          issueRelationDelete(id: String!): DeletePayload!
          issueLabelCreate(input: IssueLabelCreateInput!): IssueLabelPayload!
        }
        type User {
          id: ID!, createdAt: DateTime!, updatedAt: DateTime!, archivedAt: DateTime, name: String!
          displayName: String!, email: String!, active: Boolean!, admin: Boolean!, app: Boolean!
          guest: Boolean!, url: String!, isMe: Boolean!, organization: Organization!
        }
        type Organization {
          id: ID!, createdAt: DateTime!, updatedAt: DateTime!, archivedAt: DateTime, name: String!
          urlKey: String!
          teams(filter: TeamFilter, \(page)): TeamConnection!
          users(\(page)): UserConnection!
          labels(filter: IssueLabelFilter, \(page)): IssueLabelConnection!
        }
        type Team {
          id: ID!, createdAt: DateTime!, updatedAt: DateTime!, archivedAt: DateTime, key: String!
          name: String!, displayName: String!, description: String, private: Boolean!, timezone: String!
          states(filter: WorkflowStateFilter, \(page)): WorkflowStateConnection!
          labels(filter: IssueLabelFilter, \(page)): IssueLabelConnection!
          issues(filter: IssueFilter, \(page)): IssueConnection!
          projects(filter: ProjectFilter, \(page)): ProjectConnection!
          members(filter: UserFilter, \(page)): UserConnection!
          organization: Organization!, defaultIssueState: WorkflowState
        }
        type TeamConnection { nodes: [Team!]!, edges: [TeamEdge!]!, pageInfo: PageInfo! }
        type UserConnection { nodes: [User!]!, edges: [UserEdge!]!, pageInfo: PageInfo! }
        type WorkflowState {
          id: ID!, createdAt: DateTime!, updatedAt: DateTime!, archivedAt: DateTime, name: String!
          type: String!, position: Float!, color: String!, description: String, team: Team!
          issues(filter: IssueFilter, \(page)): IssueConnection!
        }
        type WorkflowStateConnection {
          nodes: [WorkflowState!]!, edges: [WorkflowStateEdge!]!, pageInfo: PageInfo!
        }
        type IssueLabel {
          id: ID!, createdAt: DateTime!, updatedAt: DateTime!, archivedAt: DateTime, name: String!
          color: String!, description: String, isGroup: Boolean!, team: Team, parent: IssueLabel
          children(filter: IssueLabelFilter, \(page)): IssueLabelConnection!
          issues(filter: IssueFilter, \(page)): IssueConnection!
        }
        type IssueLabelConnection {
          nodes: [IssueLabel!]!, edges: [IssueLabelEdge!]!, pageInfo: PageInfo!
        }
        type Project {
          id: ID!, createdAt: DateTime!, updatedAt: DateTime!, archivedAt: DateTime, name: String!
          description: String!, slugId: String!, url: String!, color: String!, state: String!
          teams(filter: TeamFilter, \(page)): TeamConnection!
          issues(filter: IssueFilter, \(page)): IssueConnection!
        }
        type ProjectConnection { nodes: [Project!]!, edges: [ProjectEdge!]!, pageInfo: PageInfo! }
        type Cycle {
          id: ID!, createdAt: DateTime!, updatedAt: DateTime!, archivedAt: DateTime, number: Float!
          name: String, startsAt: DateTime!, endsAt: DateTime!, completedAt: DateTime
          isActive: Boolean!, isFuture: Boolean!, isNext: Boolean!, isPast: Boolean!
          isPrevious: Boolean!, team: Team!
          issues(filter: IssueFilter, \(page)): IssueConnection!
        }
        type Issue {
          id: ID!, createdAt: DateTime!, updatedAt: DateTime!, archivedAt: DateTime, identifier: String!
          number: Float!, title: String!, description: String, url: String!, branchName: String!
          priority: Float!, priorityLabel: String!, estimate: Float, sortOrder: Float!
          dueDate: TimelessDate, startedAt: DateTime, completedAt: DateTime, canceledAt: DateTime
          trashed: Boolean, labelIds: [String!]!, previousIdentifiers: [String!]!, team: Team!
          state: WorkflowState!, project: Project, cycle: Cycle, assignee: User, delegate: User, creator: User
          parent: Issue
          children(filter: IssueFilter, \(page)): IssueConnection!
          labels(filter: IssueLabelFilter, \(page)): IssueLabelConnection!
          comments(\(page)): CommentConnection!
          attachments(filter: AttachmentFilter, \(page)): AttachmentConnection!
          documents(filter: DocumentFilter, \(page)): DocumentConnection!
          relations(\(page)): IssueRelationConnection!
          inverseRelations(\(page)): IssueRelationConnection!
        }
        type IssueConnection { nodes: [Issue!]!, edges: [IssueEdge!]!, pageInfo: PageInfo! }
        type Comment {
          id: ID!, createdAt: DateTime!, updatedAt: DateTime!, archivedAt: DateTime, body: String!
          url: String!, editedAt: DateTime, resolvedAt: DateTime, issueId: String, parentId: String
          issue: Issue, user: User, parent: Comment, botActor: ActorBot
          children(\(page)): CommentConnection!
        }
        type ActorBot { id: ID, name: String, type: String! }
        type Attachment {
          id: ID!, createdAt: DateTime!, updatedAt: DateTime!, archivedAt: DateTime, title: String!
          subtitle: String, url: String!, metadata: JSONObject!, sourceType: String, issue: Issue!
          creator: User
        }
        type AttachmentConnection {
          nodes: [Attachment!]!, edges: [AttachmentEdge!]!, pageInfo: PageInfo!
        }
        type Document {
          id: ID!, createdAt: DateTime!, updatedAt: DateTime!, archivedAt: DateTime, title: String!
          content: String, slugId: String!, url: String!, trashed: Boolean, issue: Issue, creator: User
        }
        type DocumentConnection {
          nodes: [Document!]!, edges: [DocumentEdge!]!, pageInfo: PageInfo!
        }
        type IssuePayload { success: Boolean!, lastSyncId: Float!, issue: Issue }
        type IssueBatchPayload { success: Boolean!, lastSyncId: Float!, issues: [Issue!]! }
        type IssueArchivePayload { success: Boolean!, lastSyncId: Float!, entity: Issue }
        type CommentPayload { success: Boolean!, lastSyncId: Float!, comment: Comment! }
        type DeletePayload { success: Boolean!, lastSyncId: Float!, entityId: String! }
        type AttachmentPayload { success: Boolean!, lastSyncId: Float!, attachment: Attachment! }
        type IssueRelationPayload {
          success: Boolean!, lastSyncId: Float!, issueRelation: IssueRelation!
        }
        type IssueLabelPayload { success: Boolean!, lastSyncId: Float!, issueLabel: IssueLabel! }
        type TeamEdge { node: Team!, cursor: String! }
        type PageInfo {
          hasNextPage: Boolean!, hasPreviousPage: Boolean!, startCursor: String, endCursor: String
        }
        type UserEdge { node: User!, cursor: String! }
        type WorkflowStateEdge { node: WorkflowState!, cursor: String! }
        type IssueLabelEdge { node: IssueLabel!, cursor: String! }
        type ProjectEdge { node: Project!, cursor: String! }
        type CommentConnection { nodes: [Comment!]!, edges: [CommentEdge!]!, pageInfo: PageInfo! }
        type IssueRelationConnection {
          nodes: [IssueRelation!]!, edges: [IssueRelationEdge!]!, pageInfo: PageInfo!
        }
        type IssueEdge { node: Issue!, cursor: String! }
        type DocumentEdge { node: Document!, cursor: String! }
        type AttachmentEdge { node: Attachment!, cursor: String! }
        type IssueRelation {
          id: ID!, createdAt: DateTime!, updatedAt: DateTime!, archivedAt: DateTime, type: String!
          issue: Issue!, relatedIssue: Issue!
        }
        type CommentEdge { node: Comment!, cursor: String! }
        type IssueRelationEdge { node: IssueRelation!, cursor: String! }

        """
}
