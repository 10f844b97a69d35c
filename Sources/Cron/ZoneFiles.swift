/// Where the zones of a machine are, and how to read them.
package struct ZoneFiles: Sendable {
    /// The folders to look in, in this order.
    package let folders: [String]
    private let read: @Sendable (_ path: String) -> [UInt8]?
    private let linkTarget: @Sendable (_ path: String) -> String?

    /// - Parameters:
    ///   - folders: absolute paths.
    ///   - read: a file's content, or `nil` where there is no such file.
    ///   - linkTarget: where a symbolic link points, or `nil` where there is no such link.
    package init(
        folders: [String],
        read: @escaping @Sendable (_ path: String) -> [UInt8]?,
        linkTarget: @escaping @Sendable (_ path: String) -> String?
    ) {
        self.folders = folders
        self.read = read
        self.linkTarget = linkTarget
    }

    /// `$TZDIR` first, then where Linux distributions and macOS keep them.
    package static func standardFolders(environment: [String: String]) -> [String] {
        let chosen = environment["TZDIR"].flatMap { $0.hasPrefix("/") ? [$0] : nil } ?? []
        return chosen + [
            "/usr/share/zoneinfo", "/usr/lib/zoneinfo", "/usr/share/lib/zoneinfo",
            "/etc/zoneinfo", "/var/db/timezone/zoneinfo",
        ]
    }

    fileprivate func content(_ path: String) -> [UInt8]? { read(path) }

    /// The zone name that a link such as `/etc/localtime` points to.
    fileprivate func name(behindLink path: String) -> String? {
        guard let target = linkTarget(path) else { return nil }
        let parts = target.split(separator: "/").map(String.init)
        guard let folder = parts.lastIndex(of: "zoneinfo") else { return nil }
        let name = parts[(folder + 1)...].drop { $0 == "posix" || $0 == "right" }
            .joined(separator: "/")
        return ZoneFiles.isName(name) ? name : nil
    }

    /// The name in the files' own list that `name` is most likely a slip of.
    fileprivate func nearestName(to name: String) -> String? {
        let names = folders.flatMap { self.names(inTable: "\($0)/zone.tab") }
        let lowercase = name.lowercased()
        let city = names.first { $0.lowercased().hasSuffix("/\(lowercase)") }
        return city ?? name.nearest(in: names + ["UTC"])
    }

    /// The third column of `zone.tab`.
    private func names(inTable path: String) -> [String] {
        guard let bytes = read(path) else { return [] }
        return bytes.split(separator: UInt8(ascii: "\n")).compactMap { line in
            let columns = line.split(separator: UInt8(ascii: "\t"))
            guard line.first != UInt8(ascii: "#"), columns.count >= 3 else { return nil }
            return String(decoding: columns[2], as: UTF8.self)
        }
    }

    /// Whether `text` can only name a file inside the folder: letters, digits and `+-_`, in parts
    /// between slashes.
    static func isName(_ text: String) -> Bool {
        guard (1...64).contains(text.utf8.count) else { return false }
        return text.utf8.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false)
            .allSatisfy { part in
                !part.isEmpty
                    && part.allSatisfy { byte in
                        switch byte {
                        case UInt8(ascii: "a")...UInt8(ascii: "z"),
                            UInt8(ascii: "A")...UInt8(ascii: "Z"),
                            UInt8(ascii: "0")...UInt8(ascii: "9"),
                            UInt8(ascii: "+"), UInt8(ascii: "-"), UInt8(ascii: "_"):
                            true
                        default: false
                        }
                    }
            }
    }
}

extension Zone {
    /// Names of UTC that need no file, so that a machine without zones still has one.
    private static let namesOfUTC: Set = ["UTC", "Etc/UTC", "GMT", "Etc/GMT", "Zulu"]

    /// The zone of that name, such as `Europe/Berlin`.
    ///
    /// - Throws: `ZoneError.badName` for a name that could leave the folders, `unknown` with the
    ///   name that is most likely meant, `noZoneFiles`, `malformed`.
    package static func load(_ name: String, from files: ZoneFiles) throws(ZoneError) -> Zone {
        guard ZoneFiles.isName(name) else { throw .badName(name) }
        for folder in files.folders {
            let path = "\(folder)/\(name)"
            if let bytes = files.content(path) {
                return try ZoneFile(bytes, path: path).zone(named: name)
            }
        }
        if namesOfUTC.contains(name) { return .utc }
        let hasZones = files.folders.contains { folder in
            ["UTC", "Etc/UTC", "zone.tab", "zone1970.tab"]
                .contains { files.content("\(folder)/\($0)") != nil }
        }
        guard hasZones else { throw .noZoneFiles(name, searched: files.folders) }
        throw .unknown(name, nearest: files.nearestName(to: name))
    }

    /// The machine's own zone: `TZ` where it is set, else `/etc/localtime`, else UTC.
    ///
    /// `TZ` may be a name, a path, or a POSIX rule such as `EST5EDT,M3.2.0,M11.1.0`, each with or
    /// without a colon in front; empty, it is UTC (as in glibc).
    /// - Throws: `ZoneError.badVariable`, or `malformed` for the file.
    package static func local(
        from files: ZoneFiles,
        environment: [String: String]
    ) throws(ZoneError) -> Zone {
        if let variable = environment["TZ"] { return try local(variable: variable, files) }
        let path = "/etc/localtime"
        guard let bytes = files.content(path) else { return .utc }
        let name = files.name(behindLink: path) ?? "local"
        return try ZoneFile(bytes, path: path).zone(named: name)
    }

    private static func local(variable: String, _ files: ZoneFiles) throws(ZoneError) -> Zone {
        let value = variable.hasPrefix(":") ? String(variable.dropFirst()) : variable
        if value.isEmpty { return .utc }
        if value.hasPrefix("/") {
            guard let bytes = files.content(value) else { throw .badVariable(variable) }
            let parts = value.components(after: "zoneinfo")
            let name = ZoneFiles.isName(parts) ? parts : "local"
            return try ZoneFile(bytes, path: value).zone(named: name)
        }
        do {
            return try load(value, from: files)
        } catch .malformed(let path, let reason) {
            throw .malformed(path: path, reason: reason)
        } catch {
            // A name wins over a rule, because EST5EDT is both and the file knows history.
            guard let rule = ZoneRule(Array(value.utf8)) else { throw .badVariable(variable) }
            return Zone(
                name: value,
                initialOffset: rule.standardOffset,
                transitions: [],
                rule: rule
            )
        }
    }
}

extension String {
    /// What stands behind the last part of a path that has this name.
    fileprivate func components(after part: String) -> String {
        let parts = split(separator: "/").map(String.init)
        guard let index = parts.lastIndex(of: part) else { return "" }
        return parts[(index + 1)...].joined(separator: "/")
    }
}
