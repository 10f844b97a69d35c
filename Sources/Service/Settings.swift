package import Domain
package import SystemPackage
package import WorkflowFile

#if canImport(FoundationEssentials)
package import FoundationEssentials
#else
package import Foundation
#endif

/// The configuration and the workflows of a running service: what their files say, and what of it is in force.
///
/// It looks at nothing and reads nothing: it's told what looks and readings brought, and says what to look at and
/// to read. A file counts once it's at rest (`FileWatch`), and what came of reading it counts when all that was
/// read for it was at rest before and after. A broken file leaves its last good version in force, or nothing
/// when there was none. A file that is gone from a folder of workflows is no longer in force; one that the
/// configuration names itself, and a whole folder that is gone, stay in force and are a problem.
package struct Settings: Sendable {
    /// What is to be read.
    package enum Need: Equatable, Sendable {
        case configuration
        case workflow(FilePath)
    }

    /// A workflow in force, and when this version of it was read.
    private struct InForce: Sendable {
        var workflow: LoadedWorkflow
        var readAt: Date
    }

    private let start: ServiceConfiguration
    private let folder: FilePath
    private var watch = FileWatch()
    private var configuration: WatchedFile<ServiceConfiguration>
    /// The paths that the configuration names, with the workflow files of each.
    private var places: [(path: FilePath, files: [FilePath])] = []
    private var workflows: [FilePath: WatchedFile<LoadedWorkflow>] = [:]
    private var inForce: [FilePath: InForce] = [:]
    /// What was said last.
    private var said: SettingsUpdate

    /// The settings that the service is started with.
    ///
    /// All files are read once more, so that a change between the start's reading and the first look isn't
    /// missed.
    ///
    /// - Parameters:
    ///   - configuration: As it was read.
    ///   - configurationFiles: Where it is looked for, absolute, in this order; not empty.
    ///   - workflows: As they were read, with the paths of their files.
    ///   - folder: Where the service was started; files are named as seen from there.
    ///   - now: When they were read.
    package init(
        _ configuration: ServiceConfiguration,
        from configurationFiles: [FilePath],
        workflows: [LoadedWorkflow],
        in folder: FilePath,
        at now: Date
    ) {
        start = configuration
        self.folder = folder
        self.configuration = WatchedFile(
            configuration,
            of: configurationFiles.first ?? folder,
            readAt: now,
            files: configurationFiles
        )
        said = SettingsUpdate(
            configuration: configuration,
            workflows: workflows,
            problems: [],
            news: []
        )
        for workflow in workflows {
            guard let file = workflow.files.first else { continue }
            self.workflows[file] = WatchedFile(
                workflow,
                of: file,
                readAt: now,
                files: workflow.files
            )
            inForce[file] = InForce(workflow: workflow, readAt: now)
        }
        let files = workflows.compactMap(\.files.first)
        places = configuration.workflows.map { path in
            (path, files.filter { $0 == path || $0.removingLastComponent() == path })
        }
    }

    /// What to look at in each round.
    package var paths: Set<FilePath> {
        var paths = configuration.files.union(live.configuration.workflows)
        for workflow in workflows.values { paths.formUnion(workflow.files) }
        return paths
    }

    /// When to look next, in uptime.
    package func nextLook(after uptime: Duration) -> Duration { watch.nextLook(after: uptime) }

    /// How each of `paths` looks, when all of them are at rest and read; otherwise nothing.
    package var restingLooks: [(path: FilePath, look: FileLook)] {
        let paths = paths
        guard nextToRead == nil, isAtRest(paths) else { return [] }
        return paths.compactMap { path in watch[path].map { (path, $0) } }
    }

    /// Takes a round of looks at `paths`, and at the workflow files of the folders among them.
    package mutating func handle(_ looks: [FilePath: FileLook], at uptime: Duration) {
        watch.keep(only: Set(looks.keys))
        note(looks, at: uptime)
        placeWorkflows()
    }

    /// What to read next, and to tell of with `take`; `nil` when nothing is to be read before the next look.
    package var nextToRead: Need? {
        if configuration.isDue, isAtRest(configuration.files) { return .configuration }
        return order.first { file in
            workflows[file].map { $0.isDue && isAtRest($0.files) } ?? false
        }.map { .workflow($0) }
    }

    /// Takes what came of reading the configuration.
    ///
    /// - Parameters:
    ///   - reading: What came of it.
    ///   - looks: What the files that it was read from look like since.
    ///   - now: When they were looked at.
    package mutating func take(
        _ reading: SettingsReading<ServiceConfiguration>,
        looks: [FilePath: FileLook],
        at now: Moment
    ) {
        note(looks, at: now.uptime)
        let isWhole = isWhole(reading.files, looks)
        configuration.take(reading, isWhole: isWhole, at: now.wall)
        placeWorkflows()
    }

    /// Takes what came of reading a workflow.
    package mutating func take(
        _ reading: SettingsReading<LoadedWorkflow>,
        of file: FilePath,
        looks: [FilePath: FileLook],
        at now: Moment
    ) {
        note(looks, at: now.uptime)
        let isWhole = isWhole(reading.files, looks)
        workflows[file]?.take(reading, isWhole: isWhole, at: now.wall)
    }

    /// What holds now; `nil` when that was said before.
    package mutating func update(at now: Date) -> SettingsUpdate? {
        let files = order
        let (wished, losers) = NameChoice.settle(
            files.map { file in
                .init(
                    file: file,
                    wish: workflows[file]?.value,
                    present: inForce[file]?.workflow
                )
            }
        )
        var new: [FilePath: InForce] = [:]
        for (file, workflow) in wished {
            let isNewest = losers[file] == nil
            guard let readAt = isNewest ? workflows[file]?.readAt : inForce[file]?.readAt else {
                continue
            }
            new[file] = InForce(workflow: workflow, readAt: readAt)
        }
        inForce = new
        var update = SettingsUpdate(
            configuration: live.configuration,
            workflows: files.compactMap { new[$0]?.workflow },
            problems: problems(files, losers, at: now),
            news: []
        )
        update.news = news(of: update)
        let isSame =
            update.configuration == said.configuration && update.workflows == said.workflows
            && update.problems == said.problems
        said = update
        return isSame ? nil : update
    }

    /// The workflow files in the order of the configuration, each once.
    private var order: [FilePath] {
        var seen: Set<FilePath> = []
        return places.flatMap(\.files).filter { seen.insert($0).inserted }
    }

    private var live: (configuration: ServiceConfiguration, waiting: [String]) {
        (configuration.value ?? start).live(since: start)
    }

    private func isAtRest(_ files: Set<FilePath>) -> Bool { files.allSatisfy(watch.isAtRest) }

    /// Whether files look as they did when they were at rest before they were read.
    private func isWhole(_ files: [FilePath], _ looks: [FilePath: FileLook]) -> Bool {
        files.allSatisfy { watch.isAtRest($0) && watch[$0] == looks[$0] }
    }

    private mutating func note(_ looks: [FilePath: FileLook], at uptime: Duration) {
        let changed = watch.handle(looks, at: uptime)
        guard !changed.isEmpty else { return }
        if !configuration.files.isDisjoint(with: changed) { configuration.isDue = true }
        for file in workflows.keys where workflows[file]?.files.isDisjoint(with: changed) == false {
            workflows[file]?.isDue = true
        }
    }

    /// Finds the workflow files of the paths that the configuration names, once all of them are at rest.
    private mutating func placeWorkflows() {
        let paths = live.configuration.workflows
        guard paths.allSatisfy({ watch[$0] != nil }) else { return }
        places = paths.map { path in
            switch watch[path] {
            case .folder(let names)?: (path, names.map { path.appending($0) })
            case .file?: (path, [path])
            case .absent?, nil:
                (path, places.first { $0.path == path && !$0.files.isEmpty }?.files ?? [path])
            }
        }
        let files = Set(order)
        workflows = workflows.filter { files.contains($0.key) }
        for file in files where workflows[file] == nil { workflows[file] = WatchedFile(file) }
    }
}

extension Settings {
    private func problems(
        _ files: [FilePath],
        _ losers: [FilePath: FilePath],
        at now: Date
    ) -> [FileProblem] {
        var problems: [FileProblem] = []
        func add(_ kind: FileProblem.Kind, _ file: FilePath, _ errors: [String], _ date: Date?) {
            let name = shown(file)
            let known = said.problems.first { $0.kind == kind && $0.file == name }
            problems.append(
                FileProblem(
                    kind: kind,
                    file: name,
                    since: known?.since ?? now,
                    errors: errors,
                    inForce: date
                )
            )
        }
        let own = configuration.file
        if !configuration.errors.isEmpty {
            add(.broken, own, configuration.errors, configuration.readAt)
        }
        let waiting = live.waiting.map {
            "\(shown(own)): '\($0)' was changed; that takes effect at the next start of the daemon"
        }
        if !waiting.isEmpty { add(.waitsForStart, own, waiting, nil) }
        for (path, files) in places where watch[path] == .absent && files != [path] {
            let error = "\(shown(path)): the folder can't be listed; its workflows stay in force"
            add(.empty, path, [error], nil)
        }
        for file in files {
            guard let workflow = workflows[file] else { continue }
            let date = inForce[file]?.readAt
            if !workflow.errors.isEmpty {
                add(.broken, file, workflow.errors, date)
            } else if let winner = losers[file], let name = workflow.value?.name {
                let error =
                    "\(shown(file)): error: the name '\(name)' is taken by \(shown(winner));"
                    + " give each workflow a name of its own"
                add(.nameTaken, file, [error], date)
            }
        }
        if files.isEmpty, let path = live.configuration.workflows.first {
            let places = live.configuration.workflows.map(shown).joined(separator: ", ")
            add(.empty, path, ["no workflow files in \(places); nothing new is taken up"], nil)
        }
        return problems
    }

    /// What is new in an update over what was said last.
    private func news(of update: SettingsUpdate) -> [SettingsUpdate.News] {
        var news: [SettingsUpdate.News] = []
        if update.configuration != said.configuration {
            news.append(.configurationChanged(file: shown(configuration.file)))
        }
        for problem in update.problems {
            let known = said.problems.first { $0.kind == problem.kind && $0.file == problem.file }
            if known?.errors != problem.errors { news.append(.problem(problem)) }
        }
        let files = Set(
            order.map(shown) + configuration.files.map(shown)
                + live.configuration.workflows.map(shown)
        )
        for problem in said.problems where files.contains(problem.file) {
            guard !update.problems.contains(where: { $0.file == problem.file }) else { continue }
            let mended = SettingsUpdate.News.mended(file: problem.file)
            if !news.contains(mended) { news.append(mended) }
        }
        for workflow in update.workflows {
            let known = said.workflows.first { $0.name == workflow.name }
            if known == nil {
                news.append(.workflowAdded(workflow.name, file: workflow.file))
            } else if known != workflow {
                news.append(.workflowChanged(workflow.name, file: workflow.file))
            }
        }
        for workflow in said.workflows
        where !update.workflows.contains(where: { $0.name == workflow.name }) {
            news.append(.workflowRemoved(workflow.name, file: workflow.file))
        }
        return news
    }

    private func shown(_ path: FilePath) -> String { path.shown(from: folder).string }
}
