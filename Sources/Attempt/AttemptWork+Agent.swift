import Agent
import Disk
import Domain
import Git
import ProcessTree
import RunStore
import SystemPackage
import Verification

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

extension AttemptWork {
    /// Runs the agent under its limits, keeps its streams, and judges its end.
    func runAgent(
        on worktree: Worktree,
        prompt: FilePath,
        session: AgentContext.Session,
        before: AgentUsage,
        in confinement: Confinement?,
        _ events: inout EventLog
    ) async throws -> AgentVerdict {
        let launch = AgentLaunch(
            settings: job.workflow.agent,
            context: AgentContext(
                job: job,
                session: session,
                promptFile: prompt,
                prompt: try argument(of: prompt)
            ),
            parent: environment
        )
        let request = request(for: launch, in: confinement)
        try writeRerun(launch, request)
        var output = try BoundedLog(
            folder.appending(AttemptFile.agentOutput),
            limitInBytes: job.workflow.limits.output
        )
        var cover = SecretCover(of: launch.environment)
        var errors = try BoundedLog(
            folder.appending(AttemptFile.agentErrors),
            limitInBytes: job.workflow.limits.output,
            cover: cover
        )
        let idle = job.workflow.agent.idleWork.map {
            IdleWork(limit: $0, time: time) { [worktree] in
                try await worktree.workState(after: $0)
            }
        }
        var stream = AgentStream(kind: job.workflow.agent.kind, before: before)
        var excess: String?
        let termination: AgentTermination
        do {
            try checkCancelled()
            CrashPoint.beforeAgent.reach()
            let tree = try await withProcessTree(request) { tree in
                try write(ProcessRecord(attempt: .current, agent: tree.leader))
                try await withThrowingTaskGroup(of: Void.self) { group in
                    if let idle {
                        group.addTask { if await idle.waitUntilOver() { tree.stop() } }
                    }
                    defer { group.cancelAll() }
                    for await chunk in tree.output {
                        switch chunk.stream {
                        case .standardOutput:
                            let bytes = cover.take(chunk.bytes)
                            try output.append(bytes)
                            for event in stream.read(bytes) {
                                idle?.saw(event)
                                log(event, &events)
                            }
                            // One that has said how it went ends by itself.
                            if excess == nil, stream.summary.ending == nil {
                                excess = stream.summary.excess(over: job.workflow.agent)
                                if excess != nil { tree.stop() }
                            }
                        case .standardError:
                            try errors.append(chunk.bytes)
                        }
                    }
                }
            }
            CrashPoint.afterAgent.reach()
            lostTime.add(tree.end.lostTime)
            termination = AgentTermination(
                tree.end,
                job.workflow.agent,
                wasIdle: idle?.isOver == true && !Task.isCancelled,
                excess: excess
            )
        } catch let error as ProcessTreeError {
            termination = AgentTermination(.notStarted("\(error)"))
        } catch is CancellationError {
            termination = AgentTermination(.notStarted("cancelled"), endedFor: .cancel)
        }
        let rest = cover.finish()
        try output.append(rest)
        for event in stream.read(rest) + stream.finish() { log(event, &events) }
        let errorEnd = errors.end
        try output.close()
        try errors.close()
        return AgentVerdict(stream.summary, end: termination, standardError: errorEnd)
    }

    private func confined(_ request: ProcessRequest) -> [String]? {
        request.confinement == nil ? nil : try? request.resolved().command
    }

    /// The longest prompt that can be an argument, in bytes: Linux allows 128 KB, with a zero at the end.
    private static let argumentLimit = 131_071

    /// The prompt where the agent takes it as an argument, otherwise nothing.
    private func argument(of prompt: FilePath) throws -> String {
        let agent = job.workflow.agent
        guard agent.kind == .command, agent.prompt == .argument else { return "" }
        let bytes = try disk.read(prompt) ?? []
        // One byte more where a line end has to stand before it.
        guard bytes.count < Self.argumentLimit, !bytes.contains(0) else {
            throw end(
                .misconfigured,
                "the prompt has \(bytes.count) bytes, and an argument at most"
                    + " \(Self.argumentLimit - 1) without NUL; set agent.prompt to file or stdin"
            )
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    private func request(for launch: AgentLaunch, in confinement: Confinement?) -> ProcessRequest {
        ProcessRequest(
            command: [launch.executable] + launch.arguments,
            environment: launch.environment,
            directory: launch.directory,
            input: .file(launch.input),
            timeout: remaining,
            silence: job.workflow.agent.stall,
            grace: job.workflow.agent.grace,
            memoryInBytes: job.workflow.agent.memory,
            marker: job.id,
            confinement: confinement
        )
    }

    private func log(_ event: AgentEvent, _ events: inout EventLog) {
        events.write(AttemptEvent(at: time.now().wall, agent: event))
    }

    private func write(_ record: ProcessRecord) throws {
        try disk.write(
            Array(try RecordEncoder.prettyText(of: record).utf8),
            to: folder.appending(AttemptFile.process)
        )
    }

    /// A script that repeats the agent's call by hand; values that came from the caller's environment, among
    /// them secrets, are taken from the environment of whoever runs it.
    private func writeRerun(_ launch: AgentLaunch, _ request: ProcessRequest) throws {
        var lines = ["#!/bin/sh", "# Repeats the agent's call of this attempt.", ""]
        lines.append("cd \(shellQuoted(launch.directory.string)) || exit 1")
        lines.append("exec env -i \\")
        for (name, value) in launch.environment.sorted(by: { $0.key < $1.key }) {
            let word: String
            if environment[name] != value {
                word = shellQuoted("\(name)=\(value)")
            } else if isShellName(name) {
                word = "${\(name)+\"\(name)=$\(name)\"}"
            } else {
                // A shell can't name it, and its value may be a secret.
                continue
            }
            lines.append("    \(word) \\")
        }
        // A program that isn't there ends the attempt with its reason; the script shows what was asked for.
        let resolved = confined(request) ?? request.command
        let command = resolved.map(shellQuoted)
        lines.append("    \(command.joined(separator: " ")) < \(shellQuoted(launch.input.string))")
        try disk.write(
            Array((lines.joined(separator: "\n") + "\n").utf8),
            to: folder.appending(AttemptFile.rerun)
        )
    }
}

extension AgentTermination {
    /// What the process room says, in the agent room's words.
    init(_ end: TreeEnd, _ settings: AgentSettings, wasIdle: Bool, excess: String?) {
        let status: Status
        switch end.termination {
        case .exited(let code): status = .exited(Int(code))
        case .signaled(let signal): status = .signaled(Int(signal))
        }
        switch end.cause {
        case .itself: self.init(status)
        case .stopped:
            let idle = wasIdle ? settings.idleWork : nil
            let cause = excess.map { Cause.spending($0) } ?? idle.map { .idle($0) }
            self.init(status, endedFor: cause ?? .cancel)
        case .stalled: self.init(status, endedFor: .stall(settings.stall))
        case .overMemory(let bytes):
            self.init(status, endedFor: .memory(held: bytes, limit: settings.memory ?? bytes))
        case .timedOut: self.init(status, endedFor: .timeout(settings.timeout))
        }
    }
}

/// Whether a POSIX shell takes it for the name of a variable.
private func isShellName(_ name: String) -> Bool {
    guard let first = name.utf8.first, !(UInt8(ascii: "0")...UInt8(ascii: "9")).contains(first)
    else { return false }
    return name.utf8.allSatisfy { byte in
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"):
            true
        default: false
        }
    }
}

/// The text as one word of a POSIX shell, whatever is in it.
func shellQuoted(_ text: String) -> String {
    let safe = text.utf8.allSatisfy { byte in
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "/"), UInt8(ascii: "."),
            UInt8(ascii: "_"), UInt8(ascii: "-"), UInt8(ascii: "="), UInt8(ascii: ","):
            true
        default: false
        }
    }
    if safe, !text.isEmpty { return text }
    return "'"
        + text.split(separator: "'", omittingEmptySubsequences: false).joined(separator: "'\\''")
        + "'"
}
