import Domain
import ProcessTree
import SystemPackage

/// The machine's `gzip`, for old logs.
struct Gzip {
    private let environment: [String: String]

    /// `nil` where there is no such program.
    ///
    /// - Parameter environment: For `PATH`.
    init?(_ environment: [String: String]) {
        self.environment = environment.filter { $0.key == "PATH" }
        let search = ExecutableSearch(environment: self.environment, directory: "/")
        // That it isn't there is the answer.
        guard (try? search.find("gzip")) != nil else { return nil }
    }

    /// Writes a file's content, compressed, into an open one.
    ///
    /// - Throws: `GzipError`, `ProcessTreeError`, `Errno`, and `CancellationError`.
    func compress(_ file: FilePath, into target: FileDescriptor) async throws {
        try await run(["gzip", "-c"], file) { try target.writeAll($0) }
    }

    /// Hands out what a compressed file holds, piece by piece.
    ///
    /// - Throws: `GzipError`, `ProcessTreeError`, and `CancellationError`.
    func read(_ file: FilePath, _ take: ([UInt8]) -> Void) async throws {
        try await run(["gzip", "-dc"], file, take)
    }

    private func run(
        _ command: [String],
        _ file: FilePath,
        _ take: ([UInt8]) throws -> Void
    ) async throws {
        let request = ProcessRequest(
            command: command,
            environment: environment,
            directory: "/",
            input: .file(file),
            timeout: .seconds(600)
        )
        var complaint: [UInt8] = []
        let end = try await runTree(request) { chunk in
            switch chunk.stream {
            case .standardOutput: try take(chunk.bytes)
            case .standardError: complaint += chunk.bytes.prefix(max(0, 1000 - complaint.count))
            }
        }
        try Task.checkCancellation()
        guard end.termination == .exited(code: 0) else {
            let words = String(decoding: complaint, as: UTF8.self).inOneLine(limit: 300)
            throw GzipError(file: file, words: words.isEmpty ? "\(end.termination)" : words)
        }
    }
}

/// What `gzip` said of a file that it couldn't work on.
struct GzipError: Error, CustomStringConvertible {
    var file: FilePath
    var words: String

    var description: String { "\(file): gzip: \(words)" }
}
