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
    /// Reads a whole file by its absolute path.
    package var read: @Sendable (FilePath) throws(FileReadError) -> [UInt8]
    /// Where an absolute path leads when every symbolic link in it is followed.
    package var resolve: @Sendable (FilePath) throws(FileReadError) -> FilePath

    package init(
        environment: [String: String],
        home: FilePath?,
        currentFolder: FilePath,
        zones: ZoneFiles,
        read: @escaping @Sendable (FilePath) throws(FileReadError) -> [UInt8],
        resolve: @escaping @Sendable (FilePath) throws(FileReadError) -> FilePath
    ) {
        self.environment = environment
        self.home = home
        self.currentFolder = currentFolder
        self.zones = zones
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
    private(set) var diagnostics: [Diagnostic] = []
    /// Other files that the value was made from.
    private(set) var otherFiles: [FilePath] = []
    /// The names of the mappings around the value that is being read.
    private(set) var path: [String] = []
    /// Keys that no table has, to be explained once the whole file is known.
    var unknownKeys: [UnknownKey] = []
    private var places: [String: SourcePlace] = [:]
    private var keyPlaces: [String: SourcePlace] = [:]

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
        places[name] = entry.value.place
        keyPlaces[name] = entry.keyPlace
        body(&self)
        path.removeLast()
    }

    /// Where the value of a key stands; `nil` when the file doesn't have the key.
    func place(of name: String) -> SourcePlace? { places[name] }

    /// Where a key itself stands.
    func place(ofKey name: String) -> SourcePlace? { keyPlaces[name] }

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

    /// Covers a value wherever a line of the file is shown.
    mutating func hide(_ place: SourcePlace) { source.hide(place) }

    mutating func note(otherFile path: FilePath) { otherFiles.append(path) }

    /// Says that a value is of the wrong type: what was found, what is allowed, and an example.
    mutating func refuse(_ node: YAMLNode, expected: String, example: String?) {
        let example = example.map { ", such as \($0)" } ?? ""
        report(
            node.place,
            "\(path.isEmpty ? "the file" : "'\(name)'") is \(Self.described(node)); it takes \(expected)\(example)",
            hint: Self.mend(node, expected: expected)
        )
    }

    static func described(_ node: YAMLNode) -> String {
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

    private static func mend(_ node: YAMLNode, expected: String) -> String? {
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
