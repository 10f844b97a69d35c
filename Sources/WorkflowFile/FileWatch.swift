package import SystemPackage

/// Decides when a change of files has come to rest; looks at nothing itself.
///
/// A save isn't one act: an editor empties the file and fills it, or moves it away and another one to its place.
/// So what a look shows counts only once another look shows the same, `rest` later or more. A file that is
/// still being written, or is gone for a moment, is neither read nor given up.
///
/// With looks at the times that `nextLook` names, a change counts at most `interval` and `rest` after it was
/// made: 0.95 s.
package struct FileWatch: Sendable {
    /// Between two looks while nothing changes.
    package static let interval = Duration.milliseconds(750)
    /// How long a path has to look the same.
    package static let rest = Duration.milliseconds(200)

    private struct Change: Sendable {
        var look: FileLook
        /// The uptime of the first look that showed it.
        var since: Duration
    }

    /// How each path looked when it last was at rest.
    private var settled: [FilePath: FileLook] = [:]
    /// Paths that look different from that or weren't known; then settled, or as before.
    private var changing: [FilePath: Change] = [:]

    package init() {}

    /// Takes a round of looks.
    ///
    /// - Parameters:
    ///   - looks: What the paths look like now; a path that was never looked at before counts as changed.
    ///   - uptime: When they were looked at.
    /// - Returns: The paths that came to rest and look different from when they last were at rest.
    package mutating func handle(
        _ looks: [FilePath: FileLook],
        at uptime: Duration
    ) -> Set<FilePath> {
        var changed: Set<FilePath> = []
        for (path, look) in looks {
            if settled[path] == look {
                changing[path] = nil
            } else if let change = changing[path], change.look == look {
                guard uptime - change.since >= Self.rest else { continue }
                settled[path] = look
                changing[path] = nil
                changed.insert(path)
            } else {
                changing[path] = Change(look: look, since: uptime)
            }
        }
        return changed
    }

    /// Forgets all other paths.
    package mutating func keep(only paths: Set<FilePath>) {
        settled = settled.filter { paths.contains($0.key) }
        changing = changing.filter { paths.contains($0.key) }
    }

    /// How the path looked when it last was at rest; `nil` before that.
    package subscript(path: FilePath) -> FileLook? { settled[path] }

    /// Whether the path was looked at, and hasn't looked different since it was at rest.
    package func isAtRest(_ path: FilePath) -> Bool {
        settled[path] != nil && changing[path] == nil
    }

    /// When to look next, in uptime.
    package func nextLook(after uptime: Duration) -> Duration {
        uptime + (changing.isEmpty ? Self.interval : Self.rest)
    }
}
