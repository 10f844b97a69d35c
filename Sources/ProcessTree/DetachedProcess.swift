import CProcess
package import SystemPackage

/// Starts processes that live on after the one that started them.
package enum DetachedProcess {
    /// This program's own file, also after an upgrade has replaced it on disk.
    package static var ownExecutable: FilePath {
        var buffer = [CChar](repeating: 0, count: 4096)
        guard unsafe linecook_own_executable(&buffer, buffer.count) == 0 else {
            return FilePath(CommandLine.arguments.first ?? "")
        }
        let bytes = buffer.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }
        return FilePath(String(decoding: bytes, as: UTF8.self))
    }

    /// Starts a program in a session of its own, with its streams on `/dev/null` and no descriptor
    /// of ours, and does not wait for it.
    ///
    /// Once it has ended, `ProcessIdentity.waitForExit()` or `reap()` collects it.
    ///
    /// - Parameters:
    ///   - executable: The program's file; not looked for along `PATH`.
    ///   - name: What the process list shows; the file's name when `nil`.
    ///   - arguments: Without the program's name.
    ///   - environment: All of it: nothing is inherited.
    ///   - directory: Where the process starts; an absolute path.
    ///   - standardError: A file that what it writes there is appended to.
    /// - Returns: The process, to be kept in a record.
    /// - Throws: `ProcessTreeError`.
    package static func start(
        executable: FilePath,
        name: String? = nil,
        arguments: [String],
        environment: [String: String],
        directory: FilePath,
        standardError: FilePath? = nil
    ) throws -> ProcessIdentity {
        let request = ProcessRequest(
            command: [name ?? executable.lastComponent?.string ?? executable.string] + arguments,
            environment: environment,
            directory: directory
        )
        guard directory.isAbsolute else { throw ProcessTreeError.folderNotAbsolute(directory) }
        let null = try File.open("/dev/null", .readWrite)
        defer { null.close() }
        let errors = try standardError.map { try File.openForAppending($0) }
        defer { errors?.close() }
        let pid: Int32
        do {
            pid = try Spawn(
                executable: executable,
                arguments: request.command,
                environment: try request.environmentEntries,
                directory: directory
            ).run(input: null, output: null, errors: errors ?? null)
        } catch let error as Errno {
            // The call can't say which of the two it was about.
            if let folder = File.problem(withFolder: directory) {
                throw ProcessTreeError.folderRefused(directory, folder)
            }
            throw ProcessTreeError.programRefused(executable.string, error)
        }
        // Not collected yet, so that it has its pid even when it has ended already.
        guard let identity = ProcessIdentity.of(pid: pid) else {
            throw ProcessTreeError.programRefused(executable.string, .noSuchProcess)
        }
        return identity
    }
}

/// One call of the system to start a program.
struct Spawn {
    var executable: FilePath
    var arguments: [String]
    var environment: [String]
    var directory: FilePath?
    var handsOnLoaderPath = false

    /// - Returns: the pid of the new child.
    /// - Throws: `Errno`, or `ProcessTreeError.invalidText`.
    func run(input: File, output: File, errors: File, control: File? = nil) throws -> Int32 {
        var strings = StringBlock()
        try strings.append(arguments: arguments, environment: environment)
        var pid: Int32 = 0
        let directory = directory.map { Array($0.string.utf8CString) }
        let error = unsafe executable.withPlatformString { path in
            unsafe strings.bytes.withUnsafeBytes { strings in
                unsafe withOptionalPointer(to: directory) { directory in
                    var request = unsafe linecook_spawn(
                        path: path,
                        strings: strings.baseAddress?.assumingMemoryBound(to: CChar.self),
                        argc: arguments.count,
                        envc: environment.count,
                        directory: directory,
                        input: input.number,
                        output: output.number,
                        errors: errors.number,
                        control: control?.number ?? -1,
                        loader_path: handsOnLoaderPath
                    )
                    return unsafe linecook_spawn(&request, &pid)
                }
            }
        }
        guard error == 0 else { throw Errno(rawValue: error) }
        return pid
    }

    private func withOptionalPointer<Result>(
        to text: [CChar]?,
        _ body: (UnsafePointer<CChar>?) -> Result
    ) -> Result {
        guard let text else { return body(nil) }
        return unsafe text.withUnsafeBufferPointer { unsafe body($0.baseAddress) }
    }
}
