internal import Domain
internal import SystemPackage
internal import YAML

/// The keys that say in which order tickets are worked, and what their prompts hold of the repository.
extension WorkflowKeys {
    static var batch: Table<BatchSettings> {
        Table(
            "How many tickets are taken up together.",
            [
                .value(
                    "minimum",
                    \.minimum,
                    .integer(1...1000),
                    example: .integer(4),
                    "Fewer ready tickets than this are held back …"
                ),
                .value(
                    "wait",
                    \.wait,
                    .duration(.zero...(.seconds(7 * 86_400))),
                    example: .string("15m"),
                    "… but none for longer than this."
                ),
            ]
        )
    }

    static var plan: Table<PlanSettings> {
        Table(
            "In which order tickets are worked, and on top of what.",
            [
                .optional(
                    "phase_size",
                    \.phaseSize,
                    .integer(1...1000),
                    example: .integer(4),
                    "The most tickets in one phase; no bound when left out."
                ),
                .value(
                    "dependencies",
                    \.dependencies,
                    Kind<PlanSettings.Source>.list(
                        of: .choice,
                        "a list of relations, parents, mentions and files"
                    ),
                    example: .array([.string("relations"), .string("files")]),
                    "Where dependencies are looked for: Linear's relations, sub-issues, what the text says, files named twice."
                ),
                .value(
                    "base",
                    \.base,
                    .choice,
                    example: .string("stacked"),
                    "merged: a ticket waits until its blockers are merged; stacked: it starts on their verified branches."
                ),
                .value(
                    "barrier",
                    \.barrier,
                    .choice,
                    example: .string("phase"),
                    "ticket: a ticket waits for its own blockers only; phase: for all tickets of the phases before."
                ),
                .value(
                    "on_failed_blocker",
                    \.onFailedBlocker,
                    .choice,
                    example: .string("skip"),
                    "hold: dependants of a failed ticket wait; skip: they are left out of the batch."
                ),
            ]
        )
    }

    static var context: Table<ContextSettings> {
        Table(
            "Which of the repository's code and documents a prompt holds.",
            [
                .value(
                    "patterns",
                    \.patterns,
                    Kind<String>.list(of: .repositoryPath, "a list of paths inside the repository"),
                    example: .array([.string("src/app/articles/page.tsx:21-82")]),
                    "Code to be followed: path, path:21-82, path#symbol, or a glob."
                ),
                .value(
                    "documents",
                    \.documents,
                    Kind<String>.list(of: .repositoryPath, "a list of paths inside the repository"),
                    example: .array([.string("docs/contracts/*.md")]),
                    "Paths and globs of documents that hold for every ticket."
                ),
                .section("search", \.self, search),
            ]
        )
    }

    private static var search: Table<ContextSettings> {
        Table(
            "The code that is looked up by a ticket's words.",
            [
                .value(
                    "files",
                    \.searchFiles,
                    .integer(0...50),
                    example: .integer(5),
                    "How many files the search may add; 0 turns it off."
                ),
                .value(
                    "bytes",
                    \.bytes,
                    .size(1000...1_000_000),
                    example: .string("40KB"),
                    "The most that code and documents may take in a prompt."
                ),
            ]
        )
    }
}

extension PromptSettings {
    /// `prompt.template` alone, without what stands beside it.
    var template: PromptTemplateFile {
        get { PromptTemplateFile(file: file, text: text, includes: includes) }
        set { (file, text, includes) = (newValue.file, newValue.text, newValue.includes) }
    }
}

/// A template with the file that it was read from, and what it includes.
struct PromptTemplateFile {
    var file: FilePath
    var text: String
    var includes: [IncludedFile]
}
