package import SystemPackage

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#elseif canImport(Darwin)
import Darwin
#endif

/// A view of the machine for one tree of processes, made by bubblewrap: the system is read-only, some folders are
/// shown empty, `/tmp` is the tree's own, and other processes aren't to be seen.
///
/// The network stays: an agent needs its provider. A tree in it is ended by the first signal that its supervisor
/// sends, polite or not, since bubblewrap itself ends by it and takes everything with it.
package struct Confinement: Equatable, Sendable {
    /// bubblewrap's program, a path or a name to look up along `PATH`.
    package static let program = "bwrap"

    /// Folders that are shown empty, such as the home folder; absolute.
    package var hidden: [FilePath]
    /// What is shown nevertheless, as it is; what isn't there is left out.
    package var readable: [FilePath]
    /// What may be written; what isn't there is left out.
    package var writable: [FilePath]

    package init(hidden: [FilePath], readable: [FilePath] = [], writable: [FilePath] = []) {
        self.hidden = hidden
        self.readable = readable
        self.writable = writable
    }

    /// Where a socket would lead out of the view (the container engine's, the session bus's), and other people's
    /// leftovers.
    private static let alwaysHidden: [FilePath] = ["/run", "/tmp", "/var/tmp"]
    /// Where names are looked up on systems whose /etc/resolv.conf is a link into /run.
    private static let alwaysReadable: [FilePath] = [
        "/run/systemd/resolve", "/run/NetworkManager/resolv.conf", "/run/resolvconf",
    ]

    /// The words that start a program within the view.
    ///
    /// - Parameters:
    ///   - bubblewrap: bubblewrap's own program, absolute.
    ///   - program: The program, absolute; it's shown, wherever it lies.
    ///   - arguments: Its arguments, without its name.
    ///   - directory: Where it starts.
    /// - Returns: bubblewrap's name and arguments, then the program's.
    func command(
        bubblewrap: FilePath,
        program: FilePath,
        arguments: [String],
        directory: FilePath
    ) -> [String] {
        var words = [
            bubblewrap.string, "--die-with-parent", "--unshare-pid", "--unshare-ipc",
            "--unshare-uts",
            "--ro-bind", "/", "/", "--dev", "/dev", "--proc", "/proc",
        ]
        let empty = (Self.alwaysHidden + hidden).filter { !$0.components.isEmpty }
        for folder in empty { words += ["--tmpfs", folder.string] }
        let shown = Self.alwaysReadable + readable + folders(of: program, in: empty)
        let places =
            shown.map { (path: $0.lexicallyNormalized(), isWritable: false) }
            + writable.map { (path: $0.lexicallyNormalized(), isWritable: true) }
        // A folder before what lies in it, and what may be read before what may be written at the same place: the
        // last mount counts.
        for place in places.sorted(by: {
            ($0.path.components.count, $0.isWritable ? 1 : 0)
                < ($1.path.components.count, $1.isWritable ? 1 : 0)
        }) {
            let option = place.isWritable ? "--bind-try" : "--ro-bind-try"
            words += [option, place.path.string, place.path.string]
        }
        words += ["--chdir", directory.string, "--setenv", "TMPDIR", "/tmp", "--"]
        return words + [program.string] + arguments
    }

    /// The folders that a program needs to be found and to find its own parts, where they'd be hidden.
    private func folders(of program: FilePath, in hidden: [FilePath]) -> [FilePath] {
        let real = program.resolvingLinks ?? program
        return [program, real].compactMap { file in
            let folder = file.removingLastComponent()
            guard hidden.contains(where: { folder.starts(with: $0) }) else { return nil }
            // A program in the home folder itself doesn't open all of it.
            return hidden.contains(folder) ? file : folder
        }
    }
}

extension FilePath {
    /// The path without symbolic links; `nil` when there is no such file.
    fileprivate var resolvingLinks: FilePath? {
        unsafe withPlatformString { path in
            guard let real = unsafe realpath(path, nil) else { return nil }
            defer { unsafe free(real) }
            return unsafe FilePath(platformString: real)
        }
    }
}

extension Confinement {
    /// Whether views can be made here: starts a program that does nothing in one.
    ///
    /// - Parameter environment: For its `PATH`.
    /// - Returns: What stands in the way and how to mend it; `nil` when nothing does.
    package static func obstacle(environment: [String: String]) async -> String? {
        let request = ProcessRequest(
            command: ["/bin/sh", "-c", ":"],
            environment: environment,
            directory: "/",
            timeout: .seconds(20),
            confinement: Confinement(hidden: [])
        )
        do {
            var said: [UInt8] = []
            let (_, end) = try await withProcessTree(request) { tree in
                for await chunk in tree.output where said.count < 4096 { said += chunk.bytes }
            }
            if end.termination == .exited(code: 0) { return nil }
            let words = String(decoding: said.prefix { $0 != UInt8(ascii: "\n") }, as: UTF8.self)
            return "bubblewrap doesn't work here: \(words.isEmpty ? "it ended at once" : words);"
                + " allow user namespaces for this user, or set 'sandbox: none'"
        } catch {
            return "\(error)"
        }
    }
}
