/// What a tool of Claude Code's says that it changed, in `tool_use_result`.
///
/// Editing tools give one file with its hunks, a new file its content alone; a shell command that wrote files gives
/// several.
struct ClaudeCodeEdit: Decodable {
    struct Hunk: Decodable {
        var oldStart: Int
        var oldLines: Int
        var newStart: Int
        var newLines: Int
        var lines: [String]

        var text: String {
            (["@@ -\(oldStart),\(oldLines) +\(newStart),\(newLines) @@"] + lines)
                .joined(separator: "\n")
        }
    }
    struct File: Decodable {
        var filePath: String
        var hunks: [Hunk]
    }
    private struct ShellEdit: Decodable {
        var files: [File]
    }
    var files: [File]

    private enum CodingKeys: CodingKey {
        case filePath
        case structuredPatch
        case type
        case content
        case bashEditDiff
    }

    init(from decoder: any Decoder) throws {
        let fields = try decoder.container(keyedBy: CodingKeys.self)
        if let shell = try? fields.decode(ShellEdit.self, forKey: .bashEditDiff) {
            files = shell.files
            return
        }
        // A reading tool's result has neither of them.
        var hunks = try fields.decode([Hunk].self, forKey: .structuredPatch)
        if hunks.isEmpty, let content = try? fields.decode(String.self, forKey: .content) {
            var lines = content.split(separator: "\n", omittingEmptySubsequences: false)
            if lines.last == "" { lines.removeLast() }
            hunks = [
                Hunk(
                    oldStart: 0,
                    oldLines: 0,
                    newStart: 1,
                    newLines: lines.count,
                    lines: lines.map { "+\($0)" }
                )
            ]
        }
        files = [File(filePath: try fields.decode(String.self, forKey: .filePath), hunks: hunks)]
    }

    var events: [AgentEvent] {
        // A command may have changed thousands.
        files.prefix(20).filter { !$0.hunks.isEmpty }.map { file in
            .edited(
                path: file.filePath.cut(toBytes: 4096),
                diff: file.hunks.map(\.text).joined(separator: "\n").cut(
                    toBytes: AgentEvent.textLimit
                )
            )
        }
    }
}
