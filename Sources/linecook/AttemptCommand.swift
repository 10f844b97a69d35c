import ArgumentParser
import Attempt
import Domain
import SystemPackage

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif
#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

struct AttemptCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "attempt",
        abstract: "Internal: executes one attempt from its folder.",
        discussion: """
            The daemon calls it. By hand it goes on with an attempt that was never started:
            linecook attempt .linecook/runs/FRE-69/1/attempt-1
            """
    )

    @Argument(help: "The attempt's folder, with job.json in it.")
    var folder: String

    func run() async throws {
        let here = FilePath(FileManager.default.currentDirectoryPath)
        let process = AttemptProcess(
            folder: here.pushing(FilePath(folder)).lexicallyNormalized(),
            environment: ProcessInfo.processInfo.environment,
            time: SystemTime(),
            makeSession: { UUID().uuidString.lowercased() }
        )
        // A hang-up of the terminal that the daemon was started from is none of an attempt's business.
        signal(SIGHUP, SIG_IGN)
        let (stops, feed) = AsyncStream<Void>.makeStream()
        let watch = SignalWatch([SIGTERM, SIGINT]) { _ in feed.yield() }
        let end = await process.run(stops: stops)
        withExtendedLifetime(watch) {}
        switch end {
        case .finished(let result):
            Console.error(
                result.outcome.words + (result.reason.map { ": \($0.inOneLine(limit: 500))" } ?? "")
            )
            if result.outcome != .succeeded { throw Exit.failed }
        case .notOurs: Console.error("\(folder): this attempt runs elsewhere or has ended before")
        case .unusable(let why): throw UsageError(why)
        }
    }
}
