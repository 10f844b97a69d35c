extension LinearSchema {
    /// What every filter on issues can ask of an issue.
    private static let issueFields = """
        id: IssueIDComparator, createdAt: DateComparator, updatedAt: DateComparator
        number: NumberComparator, title: StringComparator, description: NullableStringComparator
        priority: NullableNumberComparator, estimate: EstimateComparator
        completedAt: NullableDateComparator, team: TeamFilter, state: WorkflowStateFilter
        project: NullableProjectFilter, cycle: NullableCycleFilter, assignee: NullableUserFilter
        delegate: NullableUserFilter
        creator: NullableUserFilter, labels: IssueLabelCollectionFilter, parent: NullableIssueFilter
        children: IssueCollectionFilter, hasBlockedByRelations: RelationExistsComparator
        hasBlockingRelations: RelationExistsComparator, hasRelatedRelations: RelationExistsComparator
        hasDuplicateRelations: RelationExistsComparator
        """

    /// What a client may send: filters, orders and the contents of mutations.
    static let inputs = """
        scalar UUID
        scalar DateTime
        scalar TimelessDate
        scalar JSONObject
        scalar DateTimeOrDuration
        enum PaginationOrderBy { createdAt updatedAt }
        enum IssueRelationType { blocks duplicate related similar }
        enum PaginationNulls { first last }
        enum PaginationSortOrder { Ascending Descending }
        input TeamFilter {
          and: [TeamFilter!], or: [TeamFilter!], id: IDComparator, createdAt: DateComparator
          updatedAt: DateComparator, key: StringComparator, name: StringComparator
          description: NullableStringComparator, private: BooleanComparator
        }
        input UserFilter {
          and: [UserFilter!], or: [UserFilter!], id: IDComparator, createdAt: DateComparator
          updatedAt: DateComparator, name: StringComparator, displayName: StringComparator
          email: StringComparator, active: BooleanComparator, admin: BooleanComparator
          app: BooleanComparator, isMe: BooleanComparator
        }
        input WorkflowStateFilter {
          and: [WorkflowStateFilter!], or: [WorkflowStateFilter!], id: IDComparator
          createdAt: DateComparator, updatedAt: DateComparator, name: StringComparator
          type: StringComparator, position: NumberComparator, team: TeamFilter
        }
        input IssueLabelFilter {
          and: [IssueLabelFilter!], or: [IssueLabelFilter!], id: IDComparator, createdAt: DateComparator
          updatedAt: DateComparator, name: StringComparator, isGroup: BooleanComparator
          team: NullableTeamFilter, parent: IssueLabelFilter
        }
        input ProjectFilter {
          and: [ProjectFilter!], or: [ProjectFilter!], id: IDComparator, createdAt: DateComparator
          updatedAt: DateComparator, name: StringComparator, slugId: StringComparator
          state: StringComparator
        }
        input CycleFilter {
          and: [CycleFilter!], or: [CycleFilter!], id: IDComparator, createdAt: DateComparator
          updatedAt: DateComparator, name: StringComparator, number: NumberComparator
          startsAt: DateComparator, endsAt: DateComparator, completedAt: DateComparator
          isActive: BooleanComparator, isFuture: BooleanComparator, isNext: BooleanComparator
          isPast: BooleanComparator, isPrevious: BooleanComparator, team: TeamFilter
        }
        input NullableCycleFilter {
          null: Boolean, and: [NullableCycleFilter!], or: [NullableCycleFilter!], id: IDComparator
          createdAt: DateComparator
          updatedAt: DateComparator, name: StringComparator, number: NumberComparator
          startsAt: DateComparator, endsAt: DateComparator, completedAt: DateComparator
          isActive: BooleanComparator, isFuture: BooleanComparator, isNext: BooleanComparator
          isPast: BooleanComparator, isPrevious: BooleanComparator, team: TeamFilter
        }
        input IssueFilter {
          and: [IssueFilter!], or: [IssueFilter!]
          \(issueFields)
        }
        input NullableIssueFilter {
          null: Boolean, and: [NullableIssueFilter!], or: [NullableIssueFilter!]
          \(issueFields)
        }
        input IssueCollectionFilter {
          some: IssueFilter, every: IssueFilter, length: NumberComparator
          and: [IssueCollectionFilter!], or: [IssueCollectionFilter!]
          \(issueFields)
        }
        input DocumentFilter {
          and: [DocumentFilter!], or: [DocumentFilter!], id: IDComparator, createdAt: DateComparator
          updatedAt: DateComparator, title: StringComparator, slugId: StringComparator
          issue: IssueFilter, creator: UserFilter
        }
        input CommentFilter {
          and: [CommentFilter!], or: [CommentFilter!], id: IDComparator, createdAt: DateComparator
          updatedAt: DateComparator, body: StringComparator, issue: NullableIssueFilter
          user: UserFilter
        }
        input AttachmentFilter {
          and: [AttachmentFilter!], or: [AttachmentFilter!], id: IDComparator, createdAt: DateComparator
          updatedAt: DateComparator, title: StringComparator, subtitle: NullableStringComparator
          url: StringComparator, creator: NullableUserFilter
        }
        input IssueSortInput {
          priority: PrioritySort, createdAt: CreatedAtSort, updatedAt: UpdatedAtSort, manual: ManualSort
        }
        input IssueCreateInput {
          id: String, title: String, description: String, teamId: String!, stateId: String
          labelIds: [String!], projectId: String, assigneeId: String, delegateId: String
          cycleId: String
          parentId: String, priority: Int, estimate: Int, sortOrder: Float, dueDate: TimelessDate
          createdAt: DateTime
        }
        input IssueUpdateInput {
          title: String, description: String, stateId: String, labelIds: [String!]
          addedLabelIds: [String!], removedLabelIds: [String!], projectId: String, assigneeId: String
          cycleId: String
          delegateId: String, parentId: String, priority: Int, estimate: Int, sortOrder: Float
          dueDate: TimelessDate, trashed: Boolean
        }
        input CommentCreateInput {
          id: String, body: String, issueId: String, parentId: String, createdAt: DateTime
        }
        input CommentUpdateInput { body: String }
        input AttachmentCreateInput {
          id: String, issueId: String!, title: String!, subtitle: String, url: String!
          metadata: JSONObject
        }
        input AttachmentUpdateInput { title: String!, subtitle: String, metadata: JSONObject }
        input IssueRelationCreateInput {
          id: String, issueId: String!, relatedIssueId: String!, type: IssueRelationType!
        }
        input IssueLabelCreateInput {
          id: String, name: String!, color: String, description: String, parentId: String
          teamId: String
        }
        input IDComparator { eq: ID, in: [ID!], neq: ID, nin: [ID!] }
        input DateComparator {
          eq: DateTimeOrDuration, gt: DateTimeOrDuration, gte: DateTimeOrDuration
          in: [DateTimeOrDuration!], lt: DateTimeOrDuration, lte: DateTimeOrDuration
          neq: DateTimeOrDuration, nin: [DateTimeOrDuration!]
        }
        input StringComparator {
          contains: String, containsIgnoreCase: String,
          endsWith: String, eq: String, eqIgnoreCase: String, in: [String!], neq: String
          neqIgnoreCase: String, nin: [String!], notContains: String, notContainsIgnoreCase: String
          notEndsWith: String, notStartsWith: String, startsWith: String, startsWithIgnoreCase: String
        }
        input NullableStringComparator {
          contains: String, containsIgnoreCase: String,
          endsWith: String, eq: String, eqIgnoreCase: String, in: [String!], neq: String
          neqIgnoreCase: String, nin: [String!], notContains: String, notContainsIgnoreCase: String
          notEndsWith: String, notStartsWith: String, null: Boolean, startsWith: String
          startsWithIgnoreCase: String
        }
        input BooleanComparator { eq: Boolean, neq: Boolean }
        input NumberComparator {
          eq: Float, gt: Float, gte: Float, in: [Float!], lt: Float, lte: Float, neq: Float
          nin: [Float!]
        }
        input NullableTeamFilter {
          null: Boolean, and: [NullableTeamFilter!], or: [NullableTeamFilter!], id: IDComparator
          createdAt: DateComparator, updatedAt: DateComparator, key: StringComparator
          name: StringComparator, description: NullableStringComparator, private: BooleanComparator
        }
        input IssueIDComparator { eq: ID, in: [ID!], neq: ID, nin: [ID!] }
        input NullableNumberComparator {
          eq: Float, gt: Float, gte: Float, in: [Float!], lt: Float, lte: Float, neq: Float
          nin: [Float!], null: Boolean
        }
        input EstimateComparator {
          and: [NullableNumberComparator!], eq: Float, gt: Float, gte: Float, in: [Float!], lt: Float
          lte: Float, neq: Float, nin: [Float!], null: Boolean, or: [NullableNumberComparator!]
        }
        input NullableDateComparator {
          eq: DateTimeOrDuration, gt: DateTimeOrDuration, gte: DateTimeOrDuration
          in: [DateTimeOrDuration!], lt: DateTimeOrDuration, lte: DateTimeOrDuration
          neq: DateTimeOrDuration, nin: [DateTimeOrDuration!], null: Boolean
        }
        input NullableProjectFilter {
          null: Boolean, and: [NullableProjectFilter!], or: [NullableProjectFilter!], id: IDComparator
          createdAt: DateComparator, updatedAt: DateComparator, name: StringComparator
          slugId: StringComparator, state: StringComparator
        }
        input NullableUserFilter {
          null: Boolean, and: [NullableUserFilter!], or: [NullableUserFilter!], id: IDComparator
          createdAt: DateComparator, updatedAt: DateComparator, name: StringComparator
          displayName: StringComparator, email: StringComparator, active: BooleanComparator
          admin: BooleanComparator, app: BooleanComparator, isMe: BooleanComparator
        }
        input IssueLabelCollectionFilter {
          some: IssueLabelFilter, every: IssueLabelFilter, length: NumberComparator, null: Boolean
          and: [IssueLabelCollectionFilter!], or: [IssueLabelCollectionFilter!], id: IDComparator
          createdAt: DateComparator, updatedAt: DateComparator, name: StringComparator
          isGroup: BooleanComparator, team: NullableTeamFilter, parent: IssueLabelFilter
        }
        input RelationExistsComparator { eq: Boolean, neq: Boolean }
        input PrioritySort { nulls: PaginationNulls, order: PaginationSortOrder }
        input CreatedAtSort { nulls: PaginationNulls, order: PaginationSortOrder }
        input UpdatedAtSort { nulls: PaginationNulls, order: PaginationSortOrder }
        input ManualSort { nulls: PaginationNulls, order: PaginationSortOrder }
        """
}
