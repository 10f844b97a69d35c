import Disk
import Domain
import PromptFile
import RunStore
import SystemPackage
import YAML

/// A prompt file on disk, and what was generated for it last time.
struct PromptDocument {
    let path: FilePath
    private let store: RunStore
    private let disk = LocalFileSystem()

    /// - Parameters:
    ///   - name: As a person gave it, relative to `folder`.
    ///   - folder: The current one.
    ///   - store: Keeps what was generated.
    init(_ name: String, in folder: FilePath, store: RunStore) {
        path = folder.pushing(FilePath(name)).lexicallyNormalized()
        self.store = store
    }

    var name: String { path.lastComponent?.string ?? "prompts.md" }

    /// Reads the file as a person left it.
    ///
    /// - Returns: `nil` when there is none.
    /// - Throws: `ExitCode` 2 after its mistakes were printed, or `UsageError`.
    func read() throws -> PromptFile? {
        let bytes: [UInt8]?
        do { bytes = try disk.read(path) } catch { throw UsageError("\(error)") }
        guard let bytes else { return nil }
        let parsed = PromptFile.parse(bytes, file: name)
        Installation.show(parsed.diagnostics)
        guard let file = parsed.file else { throw Exit.usage }
        return file
    }

    /// Reads a file that has to be there.
    func required() throws -> PromptFile {
        guard let file = try read() else {
            throw UsageError("\(path): no such file; 'linecook prompts' writes one")
        }
        return file
    }

    func write(_ file: PromptFile) throws {
        do { try disk.write(Array(file.text.utf8), to: path) } catch {
            throw UsageError("\(error)")
        }
    }

    /// What was generated last time; `nil` when that isn't known.
    var base: PromptFile? {
        get throws {
            guard let bytes = try store.bytes(at: basePath) else { return nil }
            return PromptFile.parse(bytes, file: name).file
        }
    }

    func writeBase(_ file: PromptFile) throws {
        try store.makeFolder(basePath.removingLastComponent())
        try disk.write(Array(file.text.utf8), to: basePath)
    }

    private var basePath: FilePath {
        store.layout.root.appending("prompts").appending("\(name).\(path.string.fingerprint)")
    }

    /// The prompts that an option such as `3,5` names; all of them without it.
    ///
    /// - Throws: `UsageError` for one that isn't there.
    static func numbers(_ option: String?, in file: PromptFile, named name: String) throws -> Set<
        Int
    > {
        guard let option else { return Set(file.prompts.map(\.number)) }
        var wanted: Set<Int> = []
        for word in option.split(separator: ",") {
            guard let number = Int(word.filter { $0 != " " }), file.prompt(number) != nil else {
                throw UsageError(
                    "\(name): no prompt '\(word.inOneLine(limit: 40))'; write numbers such as 3,5"
                )
            }
            wanted.insert(number)
        }
        return wanted
    }
}
