import Domain
import SystemPackage

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// Any program: the prompt on its standard input, as a file or as its last argument (it's always in the file
/// that `LINECOOK_PROMPT` names), success by its exit code.
///
/// A line of its output that is a JSON object with `event` is an `AgentEvent`; any other is plain output.
/// `{"event":"usage","input_tokens":1200,"output_tokens":300,"cost_usd":0.02,"turns":3}` says what was used
/// since the start, `{"event":"outcome","outcome":"rate_limited","retry_at":"2026-11-23T20:00:00Z",
/// "reason":"…"}` how it went when an exit code can't; `retry_at` may be seconds since 1970 too.
struct CommandAgent: AgentAdapter {
    let saysHowItWent = false

    func launch(
        settings: AgentSettings,
        context: AgentContext,
        parent: [String: String]
    ) -> AgentLaunch {
        let allowed = AgentEnvironment.allowed(of: parent, naming: settings.environment)
        let own = AgentEnvironment.variables(of: context, settings: settings)
        var launch = AgentLaunch(
            executable: settings.command,
            arguments: settings.arguments,
            environment: allowed.merging(own) { _, own in own },
            input: context.promptFile,
            directory: context.worktree
        )
        switch settings.prompt {
        case .stdin: break
        case .file:
            launch.arguments.append(context.promptFile.string)
            launch.input = "/dev/null"
        case .argument:
            // What begins with a dash would be taken for an option.
            let prompt = context.prompt
            launch.arguments.append(prompt.hasPrefix("-") ? "\n" + prompt : prompt)
            launch.input = "/dev/null"
        }
        return launch
    }

    func makeReader() -> any AgentLineReader { Reader() }

    func ending(ofSilent exit: SilentExit) -> AgentEnding {
        let reason = "exit \(exit.code)" + (exit.lastError.isEmpty ? "" : ": \(exit.lastError)")
        // 126 and 127 are what a shell, and env(1), say of a program that can't be run or isn't there.
        guard exit.hadOutput || (exit.code != 126 && exit.code != 127) else {
            return AgentEnding(.misconfigured, reason: reason)
        }
        return AgentEnding(.agentFailed, reason: reason)
    }

    private struct Reader: AgentLineReader {
        private let decoder = JSONDecoder()

        mutating func events(in line: [UInt8]) -> [AgentEvent]? {
            // Most lines of most programs aren't JSON; telling so by a byte spares a parser.
            guard line.first(where: { $0 != UInt8(ascii: " ") }) == UInt8(ascii: "{") else {
                return nil
            }
            return (try? decoder.decode(AgentEvent.self, from: Data(line))).map { [$0] }
        }
    }
}
