package import Cron
package import SystemPackage
internal import YAML

/// What the reading of a file may look at beside the file's own bytes; nothing else is touched.
package struct ReadingContext: Sendable {
    /// Variables that paths may name as `$NAME`.
    package var environment: [String: String]
    /// What `~` stands for; without it `~` is an error.
    package var home: FilePath?
    /// The absolute folder that relative names on the command line start from.
    package var currentFolder: FilePath
    /// Where time zones are looked up.
    package var zones: ZoneFiles
    /// The time, for warnings that say when a schedule comes next; they don't without it.
    package var now: UnixSeconds?
    /// Reads a whole file by its absolute path.
    package var read: @Sendable (FilePath) throws(FileReadError) -> [UInt8]
    /// Where an absolute path leads when every symbolic link in it is followed.
    package var resolve: @Sendable (FilePath) throws(FileReadError) -> FilePath

    package init(
        environment: [String: String],
        home: FilePath?,
        currentFolder: FilePath,
        zones: ZoneFiles,
        now: UnixSeconds? = nil,
        read: @escaping @Sendable (FilePath) throws(FileReadError) -> [UInt8],
        resolve: @escaping @Sendable (FilePath) throws(FileReadError) -> FilePath
    ) {
        self.environment = environment
        self.home = home
        self.currentFolder = currentFolder
        self.zones = zones
        self.now = now
        self.read = read
        self.resolve = resolve
    }
}

/// A file on its way to a typed value: what was found wrong, and where each key stands.
struct Reading {
    let file: String
    /// The folder of the file, absolute.
    let folder: FilePath
    let context: ReadingContext
    private(set) var source: SourceText
    private var hidden: [SourcePlace] = []
    private(set) var diagnostics: [Diagnostic] = []
    /// Other files that the value was made from.
    private(set) var otherFiles: [FilePath] = []
    /// The names of the mappings around the value that is being read.
    private(set) var path: [String] = []
    /// Keys that no table has, to be explained once the whole file is known.
    var unknownKeys: [UnknownKey] = []
    /// The keys by their names with the sections around them.
    private(set) var sites: [String: KeySite] = [:]
    /// What the file has from the configuration's defaults.
    var inherited: InheritedKeys?
    /// Whether keys that must be there may be missing, because the mapping is a part of something.
    private(set) var isPartial = false

    init(file: String, folder: FilePath, context: ReadingContext, source: SourceText) {
        self.file = file
        self.folder = folder
        self.context = context
        self.source = source
    }

    /// The key that is being read with the mappings around it, `agent.timeout`.
    var name: String { path.joined(separator: ".") }

    /// Runs `body` one level deeper and remembers where the value stands.
    mutating func descend(into entry: YAMLEntry, body: (inout Reading) -> Void) {
        path.append(entry.key)
        sites[name] = KeySite(node: entry.value, keyPlace: entry.keyPlace)
        body(&self)
        path.removeLast()
    }

    /// Runs `body` one level deeper, for a section that the file doesn't have.
    mutating func descend(intoMissing key: String, body: (inout Reading) -> Void) {
        path.append(key)
        body(&self)
        path.removeLast()
    }

    /// Runs `body` for a mapping in which nothing has to be there.
    mutating func withNothingRequired(_ body: (inout Reading) -> Void) {
        let before = isPartial
        isPartial = true
        body(&self)
        isPartial = before
    }

    /// Runs `body` for a mapping that is whole by itself, an item of a list: it inherits nothing.
    mutating func standingAlone<Result>(_ body: (inout Reading) -> Result) -> Result {
        let before = (isPartial, inherited)
        (isPartial, inherited) = (false, nil)
        defer { (isPartial, inherited) = before }
        return body(&self)
    }

    /// A key by its name with the sections around it; `nil` when neither the file nor the defaults have it.
    func site(of name: String) -> KeySite? { sites[name] ?? inherited?.sites[name] }

    /// Where the value of a key stands; `nil` when neither the file nor the defaults have the key.
    func place(of name: String) -> FilePlace? { site(of: name)?.value }

    /// Where a key itself stands.
    func place(ofKey name: String) -> FilePlace? { site(of: name)?.key }

    /// The file that a key stands in, as the user named it.
    func file(of site: KeySite) -> String {
        site.isInherited ? inherited?.file ?? file : file
    }

    mutating func report(
        _ place: FilePlace?,
        _ message: String,
        hint: String? = nil,
        severity: Diagnostic.Severity = .error
    ) {
        guard let place, place.isInherited, let inherited else {
            report(place?.place, message, hint: hint, severity: severity)
            return
        }
        diagnostics.append(
            Diagnostic(
                file: inherited.file,
                place: place.place,
                severity: severity,
                message: message,
                hint: hint
            )
        )
    }

    mutating func report(
        _ place: SourcePlace?,
        _ message: String,
        hint: String? = nil,
        severity: Diagnostic.Severity = .error
    ) {
        diagnostics.append(
            Diagnostic(file: file, place: place, severity: severity, message: message, hint: hint)
        )
    }

    /// Takes in what was found in another file, with the line that it stands in.
    mutating func report(_ found: Diagnostic) { diagnostics.append(found) }

    /// Covers a value wherever a line of the file is shown, and in messages from then on.
    mutating func hide(_ place: SourcePlace) {
        source.hide(place)
        hidden.append(place)
    }

    /// The diagnostic with its line out of the file that it is about.
    func showing(_ diagnostic: Diagnostic) -> Diagnostic {
        // Shown anew, without what was found to be secret meanwhile.
        if diagnostic.file == file { return diagnostic.showing(source) }
        guard let inherited, diagnostic.file == inherited.file else { return diagnostic }
        return diagnostic.showing(inherited.source)
    }

    /// The file's own diagnostics first, then those of the defaults, then those of templates as they were found.
    func isBefore(_ left: Diagnostic, _ right: Diagnostic) -> Bool {
        func rank(_ diagnostic: Diagnostic) -> Int {
            diagnostic.file == file ? 0 : diagnostic.file == inherited?.file ? 1 : 2
        }
        let (first, second) = (rank(left), rank(right))
        return first == second ? first < 2 && Diagnostic.isBefore(left, right) : first < second
    }

    mutating func note(otherFile path: FilePath) { otherFiles.append(path) }

    /// Says that a value is of the wrong type: what was found, what is allowed, and an example.
    mutating func refuse(_ node: YAMLNode, expected: String, example: String?) {
        let example = example.map { ", such as \($0)" } ?? ""
        report(
            node.place,
            "\(path.isEmpty ? "the file" : "'\(name)'") is \(described(node)); it takes \(expected)\(example)",
            hint: Self.mend(node, expected: expected)
        )
    }

    /// A value as messages speak of it: of a secret only that it's there.
    func described(_ node: YAMLNode) -> String {
        if isHidden(node.place) { return "a value that is not shown here" }
        switch node.content {
        case .sequence: return "a list"
        case .mapping: return "a mapping"
        case .scalar(let scalar):
            return switch scalar.value {
            case .null: "empty"
            case .boolean(let value): "the boolean \(value)"
            case .integer, .hugeInteger, .float: "the number \(ShownText.harmless(scalar.text))"
            case .string(let text): ShownText.quoted(text)
            }
        }
    }

    /// Whether something at a place must not be shown.
    func isHidden(_ place: SourcePlace) -> Bool {
        hidden.contains {
            $0.line == place.line && $0.column < place.column + place.length
                && place.column < $0.column + $0.length
        }
    }

    /// How to mend a value of the wrong type, where its type alone tells.
    static func mend(_ node: YAMLNode, expected: String) -> String? {
        guard case .scalar(let scalar) = node.content else { return nil }
        switch scalar.value {
        case .null: return "give it a value or remove the key"
        case .boolean, .integer, .hugeInteger, .float:
            return expected.contains("text") ? "put it in quotes" : nil
        case .string: return nil
        }
    }
}

/// Why a file couldn't be read.
package enum FileReadError: Error, Equatable, Sendable {
    case absent
    case isFolder
    case notPermitted
    /// More bytes than any file of ours may have.
    case tooLarge(limit: Int)
    /// Anything else, in the system's words.
    case other(String)
}

extension FileReadError: CustomStringConvertible {
    package var description: String {
        switch self {
        case .absent: "there is no such file"
        case .isFolder: "it is a folder"
        case .notPermitted: "it may not be read by this user"
        case .tooLarge(let limit): "it has more than \(limit) bytes"
        case .other(let reason): "it can't be read: \(reason)"
        }
    }
}
