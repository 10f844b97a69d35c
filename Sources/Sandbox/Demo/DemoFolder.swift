package import SystemPackage

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// Everything that the demo works with, in one folder: `portfolio`, `portfolio.git`, `agent.sh` and
/// `workflows/demo.yml` with its prompt.
package struct DemoFolder: Equatable, Sendable {
    package let repository: SampleRepository
    package let agent: FilePath
    /// A copy of `workflows/demo.yml`, whose relative paths are right here.
    package let workflow: FilePath

    /// - Parameter folder: an absolute folder that is there and empty.
    /// - Returns: Where the parts lie.
    /// - Throws: `SampleRepositoryError`, or what the file system says.
    package static func make(at folder: FilePath) async throws -> Self {
        let repository = try await SampleRepository.make(at: folder)
        let made = Self(
            repository: repository,
            agent: folder.appending("agent.sh"),
            workflow: folder.appending("workflows").appending("demo.yml")
        )
        try write(DemoAgent.script, to: made.agent, isProgram: true)
        try write(DemoWorkflow.text, to: made.workflow)
        try write(
            DemoWorkflow.prompt,
            to: folder.appending("workflows").appending("prompts").appending("demo.md")
        )
        return made
    }

    static func write(_ text: String, to path: FilePath, isProgram: Bool = false) throws {
        let files = FileManager.default
        try files.createDirectory(
            atPath: path.removingLastComponent().string,
            withIntermediateDirectories: true
        )
        try Data(text.utf8).write(to: URL(filePath: path.string))
        if isProgram {
            try files.setAttributes([.posixPermissions: 0o755], ofItemAtPath: path.string)
        }
    }
}
