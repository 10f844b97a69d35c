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
        store.layout.root.appending("prompts").appending("\(name).\(Self.digest(path.string))")
    }

    /// FNV-1a, 64 bits: tells files of the same name in different folders apart.
    private static func digest(_ text: String) -> String {
        var hash: UInt64 = 0xCBF2_9CE4_8422_2325
        for byte in text.utf8 { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01B3 }
        return String(hash, radix: 16)
    }
}
