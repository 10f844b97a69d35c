/// What has to be known of a language to find its definitions.
struct DefinitionSyntax: Sendable {
    /// How it marks where a definition ends.
    enum Shape: Sendable {
        case braces
        case indentation
        /// By the word `end` at the same indentation.
        case end
    }
    /// What its strings and comments look like.
    struct Marks: OptionSet, Sendable {
        let rawValue: Int
        static let slashComments = Marks(rawValue: 1 << 0)
        static let nestedComments = Marks(rawValue: 1 << 1)
        /// `#` where a word may begin.
        static let hashComments = Marks(rawValue: 1 << 2)
        static let dashComments = Marks(rawValue: 1 << 3)
        /// `'…'` is a string, not a character.
        static let singleQuotes = Marks(rawValue: 1 << 4)
        /// Plain strings may go on over line ends.
        static let openStrings = Marks(rawValue: 1 << 5)
        static let tripleQuotes = Marks(rawValue: 1 << 6)
        static let templates = Marks(rawValue: 1 << 7)
        static let rawBackticks = Marks(rawValue: 1 << 8)
        /// `#"…"#` of Swift.
        static let hashedStrings = Marks(rawValue: 1 << 9)
        /// `r#"…"#` of Rust.
        static let rawStrings = Marks(rawValue: 1 << 10)
        /// `R"mark(…)mark"` of C++.
        static let markedStrings = Marks(rawValue: 1 << 11)
        /// `@"…"` of C#.
        static let verbatimStrings = Marks(rawValue: 1 << 12)
        /// `\(…)` in strings.
        static let swiftInsertions = Marks(rawValue: 1 << 13)
        /// `${…}` in strings.
        static let dollarInsertions = Marks(rawValue: 1 << 14)
        /// `$(…)` and `${…}` in strings and outside of them.
        static let shellInsertions = Marks(rawValue: 1 << 15)
        static let rubyInsertions = Marks(rawValue: 1 << 16)
        static let regexes = Marks(rawValue: 1 << 17)
        static let heredocs = Marks(rawValue: 1 << 18)
        static let preprocessor = Marks(rawValue: 1 << 19)
        /// Code stands between `<?` and `?>`.
        static let islands = Marks(rawValue: 1 << 20)
    }
    /// How it declares things.
    struct Words: Sendable {
        var types: Set<String> = []
        var functions: Set<String> = []
        var values: Set<String> = []
        /// `name(…) {` is a function.
        var hasBareFunctions = false
        /// `Type name = …` is a value, `struct a *b(…) {` a function.
        var hasTypesFirst = false
    }
    var shape = Shape.braces
    var marks: Marks
    var words = Words()
    /// A statement ends with its line when nothing is open in it.
    var endsAtLineEnd = false
    /// And does so whatever the next line begins with.
    var ignoresNextLine = false
}

extension DefinitionSyntax {
    /// By a file's extension; `nil` where the language isn't known.
    static func of(_ path: String) -> DefinitionSyntax? {
        let name = path.split(separator: "/").last ?? ""
        guard let dot = name.lastIndex(of: ".") else { return nil }
        return byExtension[name[dot...].dropFirst().lowercased()]
    }

    private static let byExtension: [String: DefinitionSyntax] = {
        let languages: [(String, DefinitionSyntax)] = [
            ("swift", swift), ("js jsx mjs cjs ts tsx mts cts", javaScript), ("py pyi", python),
            ("go", go), ("rs", rust), ("java", java), ("kt kts", kotlin),
            ("c h cc hh cpp cxx hpp hxx m mm", cFamily), ("cs", cSharp), ("php", php),
            ("rb rake", ruby), ("sh bash zsh", shell), ("dart", dart), ("scala", scala),
            ("proto", proto), ("zig", zig), ("lua", lua), ("ex exs", elixir),
            ("css scss less vue svelte", page),
        ]
        var table: [String: DefinitionSyntax] = [:]
        for (endings, language) in languages {
            for ending in endings.split(separator: " ") { table[String(ending)] = language }
        }
        return table
    }()

    /// Code whose blocks between blank lines are as good as definitions.
    private static let page = DefinitionSyntax(marks: .slashComments)
    private static let swift = DefinitionSyntax(
        marks: [.slashComments, .nestedComments, .tripleQuotes, .hashedStrings, .swiftInsertions],
        words: Words(
            types: ["class", "struct", "enum", "protocol", "extension", "actor"],
            functions: ["func", "init", "deinit", "subscript", "macro"],
            values: ["let", "var", "typealias"]
        ),
        endsAtLineEnd: true
    )
    private static let javaScript = DefinitionSyntax(
        marks: [.slashComments, .singleQuotes, .templates, .regexes],
        words: Words(
            types: ["class", "interface", "enum", "namespace", "module"],
            functions: ["function"],
            values: ["const", "let", "var", "type"],
            hasBareFunctions: true
        ),
        endsAtLineEnd: true
    )
    private static let python = DefinitionSyntax(
        shape: .indentation,
        marks: [.hashComments, .singleQuotes, .tripleQuotes]
    )
    private static let go = DefinitionSyntax(
        marks: [.slashComments, .rawBackticks],
        words: Words(types: ["type"], functions: ["func"], values: ["const", "var"]),
        endsAtLineEnd: true,
        ignoresNextLine: true
    )
    private static let rust = DefinitionSyntax(
        marks: [.slashComments, .nestedComments, .openStrings, .rawStrings],
        words: Words(
            types: ["struct", "enum", "trait", "impl", "mod", "union"],
            functions: ["fn", "macro_rules"],
            values: ["const", "static", "type"]
        )
    )
    private static let java = DefinitionSyntax(
        marks: [.slashComments, .tripleQuotes],
        words: Words(
            types: ["class", "interface", "enum", "record"],
            hasBareFunctions: true,
            hasTypesFirst: true
        )
    )
    private static let kotlin = DefinitionSyntax(
        marks: [.slashComments, .nestedComments, .tripleQuotes, .dollarInsertions],
        words: Words(
            types: ["class", "interface", "object"],
            functions: ["fun", "constructor", "init"],
            values: ["val", "var", "typealias"]
        ),
        endsAtLineEnd: true
    )
    private static let cFamily = DefinitionSyntax(
        marks: [.slashComments, .markedStrings, .preprocessor],
        words: Words(
            types: ["struct", "class", "enum", "union", "namespace"],
            values: ["typedef", "using"],
            hasBareFunctions: true,
            hasTypesFirst: true
        )
    )
    private static let cSharp = DefinitionSyntax(
        marks: [.slashComments, .tripleQuotes, .verbatimStrings, .preprocessor],
        words: Words(
            types: ["class", "interface", "struct", "enum", "record", "namespace"],
            hasBareFunctions: true,
            hasTypesFirst: true
        )
    )
    private static let php = DefinitionSyntax(
        marks: [
            .slashComments, .hashComments, .singleQuotes, .openStrings, .heredocs, .islands,
        ],
        words: Words(
            types: ["class", "interface", "trait", "enum"],
            functions: ["function"],
            values: ["const"]
        )
    )
    private static let shell = DefinitionSyntax(
        marks: [.hashComments, .singleQuotes, .openStrings, .shellInsertions, .heredocs],
        words: Words(functions: ["function"], hasBareFunctions: true),
        endsAtLineEnd: true
    )
    private static let dart = DefinitionSyntax(
        marks: [
            .slashComments, .nestedComments, .singleQuotes, .tripleQuotes, .dollarInsertions,
        ],
        words: Words(
            types: ["class", "enum", "mixin", "extension"],
            values: ["typedef"],
            hasBareFunctions: true,
            hasTypesFirst: true
        )
    )
    private static let scala = DefinitionSyntax(
        marks: [.slashComments, .nestedComments, .tripleQuotes],
        words: Words(
            types: ["class", "trait", "object", "enum"],
            functions: ["def"],
            values: ["val", "var", "type"]
        ),
        endsAtLineEnd: true
    )
    private static let proto = DefinitionSyntax(
        marks: [.slashComments, .singleQuotes],
        words: Words(types: ["message", "service", "enum"], functions: ["rpc"])
    )
    private static let zig = DefinitionSyntax(
        marks: [.slashComments],
        words: Words(functions: ["fn"], values: ["const", "var"])
    )
    private static let ruby = DefinitionSyntax(
        shape: .end,
        marks: [.hashComments, .singleQuotes, .openStrings, .rubyInsertions, .heredocs],
        words: Words(types: ["class", "module"], functions: ["def"])
    )
    private static let lua = DefinitionSyntax(
        shape: .end,
        marks: [.dashComments, .singleQuotes],
        words: Words(functions: ["function"])
    )
    private static let elixir = DefinitionSyntax(
        shape: .end,
        marks: [.hashComments, .tripleQuotes, .openStrings, .rubyInsertions],
        words: Words(
            types: ["defmodule", "defprotocol", "defimpl"],
            functions: ["def", "defp", "defmacro"]
        )
    )
}
