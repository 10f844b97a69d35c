import ProcessTree
import SystemPackage
import Testing

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// The suite of this room, one test after the other: some count the descriptors of the process.
@Suite(.serialized, .timeLimit(.minutes(5))) struct ProcessTreeTests {}

/// A folder of a test's own.
struct TemporaryFolder: ~Copyable {
    let path: FilePath

    init() throws {
        let url = FileManager.default.temporaryDirectory
            .appending(path: "linecook-process-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
        path = FilePath(url.path)
    }

    deinit {
        // Nothing hangs on what is left in the system's folder for temporary files.
        try? FileManager.default.removeItem(atPath: path.string)
    }

    func write(_ text: String, to name: String) throws -> FilePath {
        try Data(text.utf8).write(to: URL(filePath: path.appending(name).string))
        return path.appending(name)
    }
}

/// The environment of the agents here, and nothing of who runs the tests.
let agentEnvironment = ["PATH": "/usr/local/bin:/usr/bin:/bin"]

/// Without a limit of time unless one is asked for: a busy machine may keep the test itself waiting, and the
/// suite's own limit ends a tree that hangs.
func shell(
    _ script: String,
    environment: [String: String] = agentEnvironment,
    directory: FilePath = "/",
    input: ProcessRequest.Input = .nothing,
    timeout: Duration? = nil,
    silence: Duration? = nil,
    grace: Duration = .milliseconds(200),
    memory: Int? = nil,
    marker: String? = nil
) -> ProcessRequest {
    ProcessRequest(
        command: ["sh", "-c", script],
        environment: environment,
        directory: directory,
        input: input,
        timeout: timeout,
        silence: silence,
        grace: grace,
        memoryInBytes: memory,
        marker: marker
    )
}

func python(_ script: String, memory: Int? = nil, marker: String? = nil) -> ProcessRequest {
    var request = shell("", memory: memory, marker: marker)
    request.command = ["python3", "-c", script]
    return request
}

enum Agent {
    /// Ignores the polite signal, as do its four descendants.
    ///
    /// Two are daemons that left its session by a double fork, one is a plain child, one leads a
    /// group. The first line names these, the leader and its parent.
    static let leaker =
        leakerWithoutEnd + """

            while True: signal.pause()
            """

    /// The same, but the leader ends and leaves the others behind.
    static let deserter = leakerWithoutEnd

    private static let leakerWithoutEnd = """
        import os, signal
        reading, writing = os.pipe()
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        def rest():
            signal.alarm(60)
            os.write(writing, b"%d\\n" % os.getpid())
            while True: signal.pause()
        def daemon():
            os.setsid()
            if os.fork() == 0: rest()
            os._exit(0)
        for start in [daemon, daemon, rest, lambda: (os.setpgid(0, 0), rest())]:
            if os.fork() == 0: start()
        signal.alarm(60)
        lines = os.fdopen(reading)
        others = [lines.readline().strip() for _ in range(4)]
        print(*others, os.getpid(), os.getppid(), flush=True)
        """
}

/// Who is named in the agent's first line; read once it is there.
func readLine(of tree: ProcessTree) async throws -> [ProcessIdentity] {
    var text = ""
    for await chunk in tree.output where chunk.stream == .standardOutput {
        text += String(decoding: chunk.bytes, as: UTF8.self)
        if text.hasSuffix("\n") { break }
    }
    return try identities(in: text)
}

func identities(in text: String) throws -> [ProcessIdentity] {
    try text.split { " \n".contains($0) }.map { word in
        let pid = try #require(Int32(word), "\(text)")
        return try #require(ProcessIdentity.of(pid: pid), "\(text)")
    }
}

func text(of chunks: [OutputChunk], _ stream: OutputChunk.Stream = .standardOutput) -> String {
    String(decoding: chunks.filter { $0.stream == stream }.flatMap(\.bytes), as: UTF8.self)
}

/// Runs a request, and keeps all that it puts out.
func collect(_ request: ProcessRequest) async throws -> (end: TreeEnd, chunks: [OutputChunk]) {
    var chunks: [OutputChunk] = []
    let end = try await runTree(request) { chunks.append($0) }
    return (end, chunks)
}
