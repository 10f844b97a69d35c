import Agent
import Domain
import ProcessTree
import SystemPackage
import WorkflowFile

extension Doctor {
    /// An agent's program as a workflow calls it.
    private struct Call: Hashable {
        var workflow: String
        var kind: AgentSettings.Kind
        var command: String
        var environment: [String]
    }

    /// One check for each program of each workflow, those of overrides among them.
    var agents: [Check] {
        var seen: Set<Call> = []
        return workflows.flatMap { workflow in
            let base = workflow.agent
            let own = Call(
                workflow: workflow.name,
                kind: base.kind,
                command: base.command,
                environment: base.environment
            )
            let others = base.overrides.map { override in
                var call = own
                if override.keys.contains(.kind) { call.kind = override.settings.kind }
                if override.keys.contains(.kind) || override.keys.contains(.command) {
                    call.command = override.settings.command
                }
                if override.keys.contains(.environment) {
                    call.environment = override.settings.environment
                }
                return call
            }
            return ([own] + others).filter { seen.insert($0).inserted }
        }.map { call in
            Check(name: "agent", workflow: call.workflow) { try await findings(call) }
        }
    }

    private func findings(_ call: Call) async throws -> [Finding] {
        let environment = AgentEnvironment.allowed(
            of: installation.attemptEnvironment,
            naming: call.environment
        )
        var findings: [Finding] = []
        do {
            findings.append(try await program(call, environment))
        } catch let error as ProcessTreeError {
            var why = "\(error)"
            if case .programNotFound(let name, let searched) = error {
                // All of PATH would hide what matters.
                why = searched.isEmpty ? "no file '\(name)'" : "no program '\(name)' along PATH"
            }
            return [
                Finding(
                    "agent",
                    call.workflow,
                    problem: "\(call.kind.rawValue): \(why)",
                    "install it for this user, or set agent.command to its path"
                )
            ]
        }
        let unset = call.environment.filter { (environment[$0] ?? "").isEmpty }
        if !unset.isEmpty {
            findings.append(
                Finding(
                    "agent",
                    call.workflow,
                    warning:
                        "agent.environment names what isn't set here: \(unset.joined(separator: ", "))",
                    "set it where the service is started, or take it out"
                )
            )
        }
        return findings + [login(call, environment)].compactMap(\.self)
    }

    private func program(_ call: Call, _ environment: [String: String]) async throws -> Finding {
        switch call.kind {
        case .claudeCode, .codex:
            let (program, said) = try await version(of: call.command, environment)
            return Finding("agent", call.workflow, ok: "\(call.kind.rawValue) \(said) (\(program))")
        case .command:
            // What a program of the team's does when it's called isn't known.
            let program = try ProcessRequest(
                command: [call.command],
                environment: environment,
                directory: installation.context.currentFolder
            ).resolved().program
            guard Installation.exists(program) else {
                throw ProcessTreeError.programNotFound(program.string, searched: [])
            }
            return Finding("agent", call.workflow, ok: "\(program)")
        }
    }

    /// Whether its login can be seen; asking it would cost money, or time.
    private func login(_ call: Call, _ environment: [String: String]) -> Finding? {
        let home = FilePath(environment["HOME"] ?? "/")
        let variables: [String]
        let file: FilePath
        let way: String
        switch call.kind {
        case .claudeCode:
            variables = [
                "ANTHROPIC_API_KEY", "ANTHROPIC_AUTH_TOKEN", "CLAUDE_CODE_OAUTH_TOKEN",
                "CLAUDE_CODE_USE_BEDROCK", "CLAUDE_CODE_USE_VERTEX",
            ]
            let folder =
                environment["CLAUDE_CONFIG_DIR"].map { FilePath($0) } ?? home.appending(".claude")
            file = folder.appending(".credentials.json")
            way = "call '\(call.command)' once by hand and log in"
        case .codex:
            variables = ["OPENAI_API_KEY", "CODEX_API_KEY"]
            let folder = environment["CODEX_HOME"].map { FilePath($0) } ?? home.appending(".codex")
            file = folder.appending("auth.json")
            way = "call '\(call.command) login' once by hand"
        case .command: return nil
        }
        if let name = variables.first(where: { !(environment[$0] ?? "").isEmpty }) {
            return Finding("login", call.workflow, ok: "\(call.kind.rawValue) by $\(name)")
        }
        if Installation.exists(file) {
            return Finding("login", call.workflow, ok: "\(call.kind.rawValue) by \(file)")
        }
        #if canImport(Darwin)
        if call.kind == .claudeCode {
            return Finding(
                "login",
                call.workflow,
                ok: "if any, in the keychain, which isn't opened"
            )
        }
        #endif
        return Finding(
            "login",
            call.workflow,
            warning:
                "\(call.kind.rawValue): no login in \(file), and none of its variables is passed on",
            "\(way), or set \(variables[0]) and name it in agent.environment"
        )
    }
}
