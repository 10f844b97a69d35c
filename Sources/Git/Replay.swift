/// Puts commits on another base in memory: only objects are written.
struct Replay {
    let repository: Repository
    let oldBase: String
    let newBase: String

    enum Result {
        case clean(String)
        case conflict([String])
    }

    /// Replays what `tip` holds and neither base does.
    ///
    /// A merge on the way isn't made again. What only it holds, such as how a conflict was solved,
    /// must not get lost: when the commits by themselves don't come to the same as merging the
    /// whole, all of it becomes one commit.
    func run(_ tip: String) async throws -> Result {
        let range = [tip, "^\(oldBase)", "^\(newBase)", "--"]
        let own = try await repository.call(
            ["rev-list", "--reverse", "--topo-order", "--no-merges"] + range
        ).text.split(separator: "\n").map(String.init)
        let merges = try await repository.call(["rev-list", "--merges", "--max-count=1"] + range)
        let committer = try await committer()
        let replayed = try await replay(own, committer: committer)
        if merges.line.isEmpty { return replayed }
        // As if the old base had been merged into the new one.
        let upstream = try await stand(on: [oldBase, newBase], tree: "\(newBase)^{tree}")
        let tree: String
        switch try await repository.mergedTree(of: upstream, and: tip) {
        case .clean(let merged): tree = merged
        case .conflict(let files): return .conflict(files)
        }
        if case .clean(let commit) = replayed, try await self.tree(of: commit) == tree {
            return replayed
        }
        guard try await self.tree(of: newBase) != tree else { return .clean(newBase) }
        // All of it may be what the newest merge holds.
        var whole = try RawCommit(try await read(own.last ?? merges.line))
        if own.count > 1 {
            let subjects = try await repository.call(
                ["log", "--no-walk=unsorted", "--format=%s"] + own + ["--"]
            ).bytes
            whole.message = Array("\(own.count) commits put together\n\n".utf8) + subjects
            whole.encoding = nil
        }
        return .clean(try await write(whole, tree: tree, on: newBase, committer: committer))
    }

    private func replay(_ commits: [String], committer: String) async throws -> Result {
        var head = newBase
        var headTree = try await tree(of: newBase)
        for commit in commits {
            let raw = try RawCommit(try await read(commit))
            // A commit beside the one that is picked, with the files as they are so far: merging
            // the two, whose base is their parent, is what picking means.
            let beside = try await stand(on: raw.parent.map { [$0] } ?? [], tree: headTree)
            switch try await repository.mergedTree(of: beside, and: commit, unrelated: true) {
            case .clean(headTree): continue
            case .clean(let tree):
                head = try await write(raw, tree: tree, on: head, committer: committer)
                headTree = tree
            case .conflict(let files): return .conflict(files)
            }
        }
        return .clean(head)
    }

    private func tree(of commit: String) async throws -> String {
        try await repository.call(["rev-parse", "--verify", "\(commit)^{tree}"]).line
    }

    private func stand(on parents: [String], tree: String) async throws -> String {
        try await repository.call(
            OwnIdentity.settings + ["commit-tree", tree] + parents.flatMap { ["-p", $0] }
                + ["-m", "Replay"]
        )
        .line
    }

    private func read(_ commit: String) async throws -> [UInt8] {
        try await repository.call(["cat-file", "commit", commit]).bytes
    }

    private func write(
        _ raw: RawCommit,
        tree: String,
        on parent: String,
        committer: String
    ) async throws -> String {
        let command = ["hash-object", "-t", "commit", "-w", "--stdin"]
        let output = try await repository.attempt(
            command,
            in: repository.place(),
            input: raw.bytes(tree: tree, parent: parent, committer: committer)
        )
        return try repository.expectSuccess(output, of: command, in: repository.path).line
    }

    /// `Name <address> seconds zone`, as it stands in a commit.
    private func committer() async throws -> String {
        let command = ["var", "GIT_COMMITTER_IDENT"]
        let output = try await repository.attemptSigned(command, in: repository.place())
        return try repository.expectSuccess(output, of: command, in: repository.path).line
    }
}

/// A commit as git stores it, the parts that a replay keeps, byte for byte.
///
/// https://git-scm.com/docs/git-commit-tree: header lines up to an empty one, then the message. A
/// signature is for the whole and goes.
struct RawCommit {
    /// The first one.
    var parent: String?
    /// The whole line.
    var author: [UInt8]
    /// The whole line, for a message that isn't UTF-8.
    var encoding: [UInt8]?
    var message: [UInt8]

    init(_ bytes: [UInt8]) throws {
        var rest = bytes[...]
        var lines: [(key: String, line: [UInt8])] = []
        while let end = rest.firstIndex(of: UInt8(ascii: "\n")), end > rest.startIndex {
            let line = Array(rest[..<end])
            let key = String(decoding: line.prefix { $0 != UInt8(ascii: " ") }, as: UTF8.self)
            lines.append((key, line))
            rest = rest[(end + 1)...]
        }
        func value(_ key: String) -> String? {
            lines.first { $0.key == key }
                .map { String(decoding: $0.line.dropFirst(key.utf8.count + 1), as: UTF8.self) }
        }
        parent = value("parent")
        author = lines.first { $0.key == "author" }?.line ?? []
        encoding = lines.first { $0.key == "encoding" }?.line
        message = Array(rest.dropFirst())
    }

    func bytes(tree: String, parent: String, committer: String) -> [UInt8] {
        var bytes = Array("tree \(tree)\nparent \(parent)\n".utf8) + author
        bytes += "\ncommitter \(committer)\n".utf8
        if let encoding { bytes += encoding + [UInt8(ascii: "\n")] }
        return bytes + [UInt8(ascii: "\n")] + message
    }
}
