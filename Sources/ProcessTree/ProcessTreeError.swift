package import SystemPackage

/// Why a process was not started, or lost.
package enum ProcessTreeError: Error, Equatable, Sendable, CustomStringConvertible {
    /// `ProcessRequest.command` has no element.
    case emptyCommand
    /// A text that cannot be handed to a process, named.
    case invalidText(String)
    /// No such program along the search path.
    case programNotFound(String, searched: [String])
    /// A view of its own was asked for, and bubblewrap isn't there.
    case noConfinement
    /// The system refused to run the program.
    case programRefused(String, Errno)
    /// The folder to start in is named by a relative path, which means another one elsewhere.
    case folderNotAbsolute(FilePath)
    /// The folder to start in can't be entered.
    case folderRefused(FilePath, Errno)
    /// The input or log file can't be opened.
    case fileRefused(FilePath, Errno)
    /// No further process could be started, such as at the limit of processes.
    case noProcess(Errno)
    /// The end of a process can't be waited for.
    case notWatched(ProcessIdentity, Errno)
    /// The supervisor was killed; what it held was ended, `swept` processes by their marker.
    case supervisorLost(swept: Int)

    package var description: String {
        switch self {
        case .emptyCommand: "the command is empty; name a program"
        case .invalidText(let what):
            "\(what) holds a character that no process can be given (NUL, or '=' in a name);"
                + " remove it"
        case .programNotFound(let name, let searched):
            "no program '\(name)' in \(searched.joined(separator: ":"));"
                + " install it, or give its absolute path"
        case .noConfinement:
            "no program 'bwrap' along PATH; install bubblewrap (Linux only), or set 'sandbox: none'"
        case .programRefused(let program, .noSuchFileOrDirectory):
            "\(program): there is no such program, or the interpreter in its first line is missing;"
                + " install it, or correct the path"
        case .programRefused(let program, .permissionDenied):
            "\(program): is not executable; chmod +x it, or name another program"
        case .programRefused(let program, .execFormatError):
            "\(program): is not a program of this machine; a script needs a first line"
                + " such as #!/bin/sh"
        case .programRefused(let program, .argListTooLong):
            "\(program): arguments and environment are too long for this system; hand over"
                + " long texts in files"
        case .programRefused(let program, let error): "\(program): can't be run: \(error)"
        case .folderNotAbsolute(let folder):
            "'\(folder)': is not an absolute path to start a process in; write it from / on"
        case .folderRefused(let folder, let error):
            "\(folder): can't be entered to start a process: \(error); create it, or correct the path"
        case .fileRefused(let file, let error):
            "\(file): can't be opened for a process: \(error); correct the path or its rights"
        case .noProcess(let error):
            "no process could be started: \(error); look at the limits of this user (ulimit -a)"
        case .notWatched(let process, let error):
            "\(process): its end can't be waited for: \(error); raise the limit of open files (ulimit -n)"
        case .supervisorLost(let swept):
            "the supervisor of a process was killed from outside; \(swept) processes that it left"
                + " were ended; start again"
        }
    }
}
