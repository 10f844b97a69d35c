import CProcess
import Dispatch
import SystemPackage

/// Starts a supervisor and waits for its word that the leader runs.
struct TreeLaunch: Sendable {
    /// Longer than any program takes to be loaded; a supervisor that says nothing is killed.
    private static let patience: Int64 = 60_000

    let request: ProcessRequest

    /// - Throws: `ProcessTreeError`.
    func start() async throws -> (leader: ProcessIdentity, channel: TreeChannel) {
        let started = await withCheckedContinuation { continuation in
            // Spawning blocks for some milliseconds, which the tasks' threads can't spare.
            DispatchQueue.global().async { @Sendable in
                continuation.resume(returning: Result { try startBlocking() })
            }
        }
        return try started.get()
    }

    private func startBlocking() throws -> (leader: ProcessIdentity, channel: TreeChannel) {
        let block = try requestBlock()
        var toClose: [File] = []
        defer { for file in toClose { file.close() } }
        func pair(
            _ make: (UnsafeMutablePointer<Int32>, UnsafeMutablePointer<Int32>) -> Int32
        ) throws -> (ours: File, theirs: File) {
            var ours: Int32 = -1
            var theirs: Int32 = -1
            let error = unsafe make(&ours, &theirs)
            guard error == 0 else { throw ProcessTreeError.noProcess(Errno(rawValue: error)) }
            toClose += [File(number: ours), File(number: theirs)]
            return (File(number: ours), File(number: theirs))
        }
        let input: File
        switch request.input {
        case .nothing: input = try File.open("/dev/null", .readOnly)
        case .file(let path): input = try File.open(path, .readOnly)
        }
        toClose.append(input)
        let output = unsafe try pair(linecook_pipe)
        let errors = unsafe try pair(linecook_pipe)
        let control = unsafe try pair(linecook_socketpair)
        let supervisor = try spawn(
            input: input,
            output: output.theirs,
            errors: errors.theirs,
            control: control.theirs
        )
        // From here on they belong to the tree; held here, they would keep its end from us.
        let ours = [control.ours, output.ours, errors.ours]
        for file in toClose where !ours.contains(file) { file.close() }
        toClose = ours
        let leader: ProcessIdentity
        do {
            leader = try handOver(block, to: control.ours)
        } catch {
            supervisor.signal(9)
            linecook_collect(supervisor.pid)
            throw error
        }
        toClose = []
        let channel = TreeChannel(
            supervisor: supervisor,
            control: control.ours,
            standardOutput: output.ours,
            standardError: errors.ours,
            request: request
        )
        return (leader, channel)
    }

    private func spawn(
        input: File,
        output: File,
        errors: File,
        control: File
    ) throws -> ProcessIdentity {
        let spawn = Spawn(
            executable: DetachedProcess.ownExecutable,
            arguments: ["linecook", LINECOOK_SUPERVISE],
            environment: request.marker.map { ["\(attemptVariable)=\($0)"] } ?? [],
            handsOnLoaderPath: true
        )
        do {
            let pid = try spawn.run(input: input, output: output, errors: errors, control: control)
            guard let supervisor = ProcessIdentity.of(pid: pid) else { throw Errno.noSuchProcess }
            return supervisor
        } catch let error as Errno {
            throw ProcessTreeError.noProcess(error)
        }
    }

    /// Says what to start, and listens whether it was.
    private func handOver(_ block: [UInt8], to control: File) throws -> ProcessIdentity {
        let error = unsafe linecook_send(control.number, block, block.count)
        guard error == 0 else { throw ProcessTreeError.noProcess(Errno(rawValue: error)) }
        var bytes: [UInt8] = []
        let size = MemoryLayout<linecook_report>.size
        while bytes.count < size {
            guard !File.readable([control], within: Self.patience).isEmpty else {
                throw ProcessTreeError.noProcess(.timedOut)
            }
            let part = try control.read(upTo: size - bytes.count)
            guard !part.isEmpty else { throw ProcessTreeError.supervisorLost(swept: 0) }
            bytes += part
        }
        let report = unsafe bytes.withUnsafeBytes {
            unsafe $0.loadUnaligned(as: linecook_report.self)
        }
        guard report.kind == LINECOOK_NOT_STARTED.rawValue else {
            return ProcessIdentity(
                pid: Int32(truncatingIfNeeded: report.pid),
                startTime: report.start,
                bootID: ProcessIdentity.currentBootID
            )
        }
        throw refusal(of: report)
    }

    private func refusal(of report: linecook_report) -> ProcessTreeError {
        let error = Errno(rawValue: report.error)
        switch linecook_step(UInt32(truncatingIfNeeded: report.step)) {
        case LINECOOK_STEP_FOLDER: return .folderRefused(request.directory, error)
        case LINECOOK_STEP_PROGRAM: return .programRefused(request.command[0], error)
        default: return .noProcess(error)
        }
    }

    /// The request as `read_request` in supervisor.c reads it: its size, then texts.
    private func requestBlock() throws -> [UInt8] {
        guard request.directory.isAbsolute else {
            throw ProcessTreeError.folderNotAbsolute(request.directory)
        }
        let (program, command) = try request.resolved()
        let environment = try request.environmentEntries
        let timeout = request.timeout?.milliseconds ?? -1
        var block = StringBlock()
        let numbers = [
            timeout, request.grace.milliseconds, Int64(request.memoryInBytes ?? -1),
            Int64(request.openFiles), Int64(command.count), Int64(environment.count),
        ]
        for number in numbers { try block.append(String(number), as: "a number") }
        try block.append(program.string, as: "the program's name")
        try block.append(request.directory.string, as: "the folder's name")
        try block.append(arguments: command, environment: environment)
        let size = unsafe withUnsafeBytes(of: UInt32(block.bytes.count)) { unsafe Array($0) }
        return size + block.bytes
    }
}
