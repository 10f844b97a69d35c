package import Disk
package import Domain
package import SystemPackage

#if canImport(FoundationEssentials)
package import FoundationEssentials
#else
package import Foundation
#endif

/// Pull requests as records in a folder, for a team without GitHub and for the demo.
///
/// The daemon and the command line are different processes on the same files: changes are made under a lock
/// on the folder, each file is written whole, and nothing is kept in memory. A record only tells of a
/// decision; the merge itself is the caller's, done before it is recorded.
package struct LocalForge: Forge {
    /// What a folder holds.
    package struct Listing: Equatable, Sendable {
        /// By number.
        package var pulls: [LocalPullRequest]
        /// The files that can't be read, and why.
        package var problems: [ForgeError]
    }

    private let folder: FilePath
    private let files: any FileSystem
    private let time: any TimeSource

    /// - Parameters:
    ///   - folder: `forge/pulls` of the state folder; made when it's missing.
    ///   - files: the disk.
    ///   - time: for what the records say about when.
    package init(folder: FilePath, files: any FileSystem, time: any TimeSource) {
        self.folder = folder
        self.files = files
        self.time = time
    }

    package func open(
        _ proposal: PullRequestProposal
    ) async throws(ForgeError) -> OpenedPullRequest {
        try changing { () throws(ForgeError) in
            let listing = try list()
            for problem in listing.problems where try mayBelong(problem, to: proposal) {
                throw problem
            }
            if let found = Self.match(proposal, in: listing.pulls) {
                if found.state == .open {
                    let record = found.updated(with: proposal, at: time.now().wall)
                    if record != found { try write(record) }
                }
                return OpenedPullRequest(pullRequest: found.pullRequest, wasFound: true)
            }
            let record = LocalPullRequest(
                proposal,
                number: try nextNumber(),
                at: time.now().wall
            )
            try write(record)
            return OpenedPullRequest(pullRequest: record.pullRequest, wasFound: false)
        }
    }

    package func retarget(
        _ number: Int,
        to base: String
    ) async throws(ForgeError) -> PullRequest {
        try changing { () throws(ForgeError) in
            var record = try record(number)
            guard record.state == .open, record.base != base else { return record.pullRequest }
            record.base = base
            record.updated = time.now().wall
            try write(record)
            return record.pullRequest
        }
    }

    package func state(of number: Int) async throws(ForgeError) -> PullRequest {
        try record(number).pullRequest
    }

    package func states(of numbers: [Int]) async throws(ForgeError) -> [Int: PullRequest] {
        var states: [Int: PullRequest] = [:]
        for number in numbers {
            states[number] = try read(number)?.pullRequest
        }
        return states
    }

    /// All records by number; one that can't be read is named and doesn't keep the others from view.
    package func list() throws(ForgeError) -> Listing {
        var listing = Listing(pulls: [], problems: [])
        for number in try numbers() {
            do {
                if let record = try read(number) { listing.pulls.append(record) }
            } catch {
                listing.problems.append(error)
            }
        }
        return listing
    }

    /// One record, whole.
    package func record(_ number: Int) throws(ForgeError) -> LocalPullRequest {
        guard let record = try read(number) else {
            throw .noPullRequest(number, place: folder.string)
        }
        return record
    }

    /// Records that the branch is in the base; once more for the same commit is fine.
    ///
    /// - Throws: `ForgeError.alreadyDecided` for one that was closed, or merged as another commit.
    @discardableResult
    package func markMerged(
        _ number: Int,
        commit: String,
        at date: Date,
        by person: String
    ) throws(ForgeError) -> LocalPullRequest {
        try changing { () throws(ForgeError) in
            var record = try record(number)
            switch record.state {
            case .open:
                record.state = .merged
                record.draft = false
                record.merged = LocalPullRequest.Merge(at: date, commit: commit, by: person)
                record.updated = date
                try write(record)
            case .merged where record.merged?.commit == commit: break
            case .merged, .closed: throw .alreadyDecided(number, record.state)
            }
            return record
        }
    }

    /// Records that a person turned it down; once more is fine.
    ///
    /// - Throws: `ForgeError.alreadyDecided` for one that was merged.
    @discardableResult
    package func markClosed(
        _ number: Int,
        at date: Date
    ) throws(ForgeError) -> LocalPullRequest {
        try changing { () throws(ForgeError) in
            var record = try record(number)
            switch record.state {
            case .open:
                record.state = .closed
                record.closed = date
                record.updated = date
                try write(record)
            case .closed: break
            case .merged: throw .alreadyDecided(number, record.state)
            }
            return record
        }
    }

    /// The branch's open one, else the newest that was decided upon at this very commit.
    private static func match(
        _ proposal: PullRequestProposal,
        in pulls: [LocalPullRequest]
    ) -> LocalPullRequest? {
        let ours = pulls.filter { $0.head == proposal.head }
        return ours.last { $0.state == .open }
            ?? ours.last { $0.headCommit == proposal.headCommit }
    }

    /// Whether a file that can't be read may be the branch's record: then nothing new is opened beside it.
    private func mayBelong(
        _ problem: ForgeError,
        to proposal: PullRequestProposal
    ) throws(ForgeError) -> Bool {
        switch problem {
        case .brokenRecord(let path, _), .newerRecord(let path, _):
            let bytes = try onDisk { () throws(DiskError) in try files.read(path) } ?? []
            return bytes.isEmpty
                || String(decoding: bytes, as: UTF8.self).contains("\"\(proposal.head)\"")
        default: return true
        }
    }

    private func changing<Value>(
        _ work: () throws(ForgeError) -> Value
    ) throws(ForgeError) -> Value {
        try onDisk { () throws(DiskError) in try files.makeFolder(folder) }
        return try FolderLock.withLock(on: folder, work)
    }

    private func path(_ number: Int) -> FilePath { folder.appending("\(number).json") }

    /// Of all files whose name is a number, whatever is in them.
    private func numbers() throws(ForgeError) -> [Int] {
        try names().compactMap { name in
            name.hasSuffix(".json") ? Int(name.dropLast(5)) : nil
        }.sorted()
    }

    /// One more than any file has ever been named after, set-aside ones (`3.json.broken-…`) included.
    private func nextNumber() throws(ForgeError) -> Int {
        let taken = try names().compactMap { Int($0.prefix { $0 != "." }) }
        return (taken.max() ?? 0) + 1
    }

    private func names() throws(ForgeError) -> [String] {
        try onDisk { () throws(DiskError) in try files.list(folder) }
    }

    private func read(_ number: Int) throws(ForgeError) -> LocalPullRequest? {
        let path = path(number)
        guard let bytes = try onDisk({ () throws(DiskError) in try files.read(path) }) else {
            return nil
        }
        let record: LocalPullRequest
        do {
            let version = try RecordDecoder.value(Version.self, from: bytes).schema
            guard version <= LocalPullRequest.schema else {
                throw ForgeError.newerRecord(path, schema: version)
            }
            record = try RecordDecoder.value(LocalPullRequest.self, from: bytes)
        } catch let error as ForgeError {
            throw error
        } catch {
            throw .brokenRecord(path, why: RecordDecoder.explanation(of: error))
        }
        guard record.number == number else {
            throw .brokenRecord(path, why: "it says that its number is \(record.number)")
        }
        return record
    }

    private func write(_ record: LocalPullRequest) throws(ForgeError) {
        let path = path(record.number)
        let text: String
        do {
            text = try RecordEncoder.prettyText(of: record)
        } catch {
            throw .brokenRecord(path, why: "\(error)")
        }
        try onDisk { () throws(DiskError) in try files.write(Array(text.utf8), to: path) }
    }

    private func onDisk<Value>(
        _ work: () throws(DiskError) -> Value
    ) throws(ForgeError) -> Value {
        do {
            return try work()
        } catch {
            throw .disk(error)
        }
    }

    private struct Version: Decodable {
        var schema: Int
    }
}
