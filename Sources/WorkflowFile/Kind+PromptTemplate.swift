internal import Domain
internal import Prompt
internal import SystemPackage
internal import YAML

extension Kind where Value == PromptTemplateFile {
    /// The template's file, which is read and checked at once with all that it includes.
    static var promptTemplate: Kind {
        let path = Kind<FilePath>.path("the path of a file")
        let json = { (template: PromptTemplateFile) in JSONValue.string(template.file.string) }
        return Kind(expected: path.expected, schema: path.schema, json: json) {
            node,
            example,
            reading in
            guard let path = path.read(node, example, &reading) else { return nil }
            reading.note(otherFile: path)
            do throws(FileReadError) {
                let bytes = try reading.context.read(path)
                guard let text = TemplateFiles.text(of: bytes) else {
                    reading.report(
                        node.place,
                        "the template \(ShownText.quoted(path.string)) isn't text in UTF-8",
                        hint: "save it as UTF-8"
                    )
                    return nil
                }
                guard text.contains(where: { !$0.isWhitespace }) else {
                    reading.report(
                        node.place,
                        "the template \(ShownText.quoted(path.string)) is empty",
                        hint: "write what the agent is to do"
                    )
                    return nil
                }
                return TemplateFiles(reading, of: path).checked(path, text, &reading)
            } catch {
                reading.report(
                    node.place,
                    "the template \(ShownText.quoted(path.string, limit: 200)) can't be used: \(error)",
                    hint: "a path is relative to the file that it stands in"
                )
                return nil
            }
        }
    }
}

/// The files of one template, inside the folder of the file that names it, or beside a template that lies elsewhere.
private final class TemplateFiles {
    private let context: ReadingContext
    /// The folder that includes may not leave.
    private let folder: FilePath
    /// What was included so far, in the order of the templates.
    private var includes: [IncludedFile] = []
    /// What was looked at, to be looked at again when it changes.
    private var asked: [FilePath] = []

    init(_ reading: Reading, of template: FilePath) {
        context = reading.context
        // The configuration, which names one for all workflows, lies in a folder of its own.
        let isElsewhere = reading.isPartial && !template.starts(with: reading.folder)
        folder = isElsewhere ? template.removingLastComponent() : reading.folder
    }

    /// The template with what it includes; `nil` after its mistakes were reported, each in its own file.
    func checked(
        _ path: FilePath,
        _ text: String,
        _ reading: inout Reading
    ) -> PromptTemplateFile? {
        let file = shown(path)
        defer { for path in asked { reading.note(otherFile: path) } }
        do throws(TemplateError) {
            let template = try Template(text, file: file) { self.load($0) }
            try template.check(against: PromptValues.names)
            return PromptTemplateFile(file: path, text: text, includes: includes)
        } catch {
            for problem in error.problems {
                let source =
                    problem.file == file
                    ? text : includes.first { shown($0.file) == problem.file }?.text
                let found = Diagnostic(
                    file: problem.file,
                    place: SourcePlace(line: problem.line, column: problem.column),
                    message: problem.message
                )
                reading.report(found.showing(SourceText(Array((source ?? "").utf8))))
            }
            return nil
        }
    }

    /// The text of an included file; `path` is absolute, or relative to the current folder.
    private func load(_ path: FilePath) -> IncludedText {
        let path = context.currentFolder.pushing(path).lexicallyNormalized()
        if let known = includes.first(where: { $0.file == path }) { return .text(known.text) }
        let outside = IncludedText.refused(
            "it lies outside \(ShownText.quoted(folder.string, limit: 200)), the folder of the workflow "
                + "file; move it there"
        )
        guard path.starts(with: folder) else { return outside }
        if !asked.contains(path) { asked.append(path) }
        do throws(FileReadError) {
            // What a link leads to is what is read, so that none leads out of the folder.
            let real = try context.resolve(path)
            guard real.starts(with: try context.resolve(folder)) else { return outside }
            guard let text = Self.text(of: try context.read(real)) else {
                return .refused("it isn't text in UTF-8; save it as UTF-8")
            }
            includes.append(IncludedFile(file: path, text: text))
            return .text(text)
        } catch .absent {
            return .refused("there is no such file; the path is relative to this file")
        } catch {
            return .refused(error.description)
        }
    }

    /// A path as messages name it: from the current folder, where it lies below that.
    private func shown(_ path: FilePath) -> String {
        var relative = path
        return relative.removePrefix(context.currentFolder) && !relative.isEmpty
            ? relative.string : path.string
    }

    /// The text of a template's file, without a byte order mark; `nil` for what isn't text.
    static func text(of bytes: [UInt8]) -> String? {
        let mark: [UInt8] = [0xEF, 0xBB, 0xBF]
        let content = bytes.starts(with: mark) ? bytes.dropFirst(3) : bytes[...]
        guard let text = String(validating: content, as: UTF8.self), !text.utf8.contains(0) else {
            return nil
        }
        return text
    }
}
