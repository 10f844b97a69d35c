import Domain
import SystemPackage
import WorkflowFile

/// The settings of a service, and the files that they come from.
package struct SettingsWatch: Sendable {
    package let settings: Settings
    package let source: any SettingsSource

    package init(settings: Settings, source: any SettingsSource) {
        self.settings = settings
        self.source = source
    }

    /// Looks at the files again and again, reads what has changed, and says what holds; until it's cancelled.
    func run(_ time: any TimeSource, say: (SettingsUpdate) -> Void) async {
        var settings = settings
        // How all looked when all was at rest: while nothing changes, a round is these looks and no more.
        var rested: [(path: FilePath, look: FileLook)] = []
        while true {
            let next = settings.nextLook(after: time.now().uptime)
            // A cancelled wait belongs to a service that has ended.
            guard (try? await time.sleep(untilUptime: next)) != nil else { return }
            if !rested.isEmpty, rested.allSatisfy({ source.look(at: $0.path) == $0.look }) {
                continue
            }
            let update = await look(for: &settings, at: time.now())
            rested = settings.restingLooks
            guard let update else { continue }
            source.apply(update.configuration)
            say(update)
        }
    }

    /// One round: looks at all, reads what has come to rest.
    ///
    /// - Returns: What holds now, when that is something new.
    func look(for settings: inout Settings, at now: Moment) async -> SettingsUpdate? {
        settings.handle(looks(at: settings.paths), at: now.uptime)
        while let need = settings.nextToRead {
            switch need {
            case .configuration:
                let reading = source.configuration()
                settings.take(reading, looks: looks(at: Set(reading.files)), at: now)
                // What it names for the first time needn't wait for the next round.
                settings.handle(looks(at: settings.paths), at: now.uptime)
            case .workflow(let file):
                let reading = await source.workflow(file)
                settings.take(reading, of: file, looks: looks(at: Set(reading.files)), at: now)
            }
        }
        return settings.update(at: now.wall)
    }

    /// Looks at paths, and at the workflow files of the folders among them.
    private func looks(at paths: Set<FilePath>) -> [FilePath: FileLook] {
        var looks: [FilePath: FileLook] = [:]
        for path in paths where looks[path] == nil {
            let look = source.look(at: path)
            looks[path] = look
            guard case .folder(let names) = look else { continue }
            for name in names {
                let file = path.appending(name)
                if looks[file] == nil { looks[file] = source.look(at: file) }
            }
        }
        return looks
    }
}
