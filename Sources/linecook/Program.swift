import ArgumentParser

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

/// The exit codes of every command.
enum Exit {
    static let done = ExitCode(0)
    /// The work failed: a run failed, a check found something.
    static let failed = ExitCode(1)
    /// The command line or the configuration is wrong.
    static let usage = ExitCode(2)
    /// The service isn't running.
    static let notRunning = ExitCode(3)
    static let interrupted = ExitCode(130)
}

/// What is wrong with the command line or the configuration, for the person who typed it.
struct UsageError: Error, CustomStringConvertible {
    var description: String

    init(_ description: String) { self.description = description }
}

@main
enum Program {
    static func main() async {
        do {
            var command = try Linecook.parseAsRoot()
            if var asynchronous = command as? any AsyncParsableCommand {
                try await asynchronous.run()
            } else {
                try command.run()
            }
        } catch let code as ExitCode {
            exit(code.rawValue)
        } catch {
            let code = Linecook.exitCode(for: error)
            if code == .success {
                print(Linecook.fullMessage(for: error))
                exit(0)
            }
            let isUsage = code == .validationFailure || error is UsageError
            let text =
                isUsage && !(error is UsageError)
                ? Linecook.fullMessage(for: error) : "linecook: \(error)"
            Console.error(text)
            exit(isUsage ? Exit.usage.rawValue : Exit.failed.rawValue)
        }
    }
}
