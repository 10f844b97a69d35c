/// A statement that is left behind from debugging, as it stands in code.
struct DebugStatement: Sendable {
    /// How a person would write it: `console.log`, `dbg!`, `import pdb`.
    let name: String
    let text: [UInt8]
    /// Whether a `(` follows.
    var isCall = true
    /// Whether it's also how a program talks to those who run it.
    var isPrint = false
    /// Whether it counts only where a statement may begin, and what follows is its argument.
    var isCommand = false
    /// Whether it counts only with a text behind it that says so, such as "DEBUG".
    var needsWord = false
    /// What makes it something else when it stands in the same line.
    var unless: [UInt8]?

    init(_ name: String) {
        self.name = name
        text = Array(name.utf8)
    }

    /// A statement of a workflow's own list.
    ///
    /// - Parameter written: With a `(` at its end when only calls are meant.
    init(written: String) {
        let bare = written.hasSuffix("(") ? String(written.dropLast()) : written
        self.init(bare)
        isCall = bare != written
    }
}

/// Which statements are left behind from debugging in one language.
struct DebugLanguage: Sendable {
    let statements: [DebugStatement]
    /// Whose prints are for the people who run the program.
    var programs = Programs()

    struct Programs: Sendable {
        var folders: Set<String> = [
            "bin", "cli", "script", "scripts", "cmd", "tool", "tools", "example", "examples",
            "bench", "benches", "benchmarks",
        ]
        var files: Set<String> = []
        /// Of names without their extension, in small letters.
        var endings: [String] = ["cli", "command"]
        /// What only a program's own file has in its code.
        var marks: [String] = []
    }

    /// By a file's extension; `nil` where nothing is known of the language.
    static func of(_ path: String) -> DebugLanguage? {
        let name = path.split(separator: "/").last ?? ""
        guard let dot = name.lastIndex(of: ".") else { return nil }
        return byExtension[name[dot...].dropFirst().lowercased()]
    }

    /// Whether what a file prints is for the people who run it.
    ///
    /// - Parameters:
    ///   - path: The file's.
    ///   - bytes: All of it.
    ///   - code: The same, without strings and comments.
    /// - Returns: By its folders and name, a first line `#!…`, or a mark of a program's main file.
    func talks(_ path: String, _ bytes: [UInt8], code: [UInt8]) -> Bool {
        if bytes.starts(with: "#!".utf8) { return true }
        let parts = path.split(separator: "/")
        guard let name = parts.last else { return false }
        if parts.dropLast().contains(where: { programs.folders.contains($0.lowercased()) }) {
            return true
        }
        let stem = name.prefix { $0 != "." }.lowercased()
        return programs.files.contains(String(name))
            || programs.endings.contains(where: stem.hasSuffix)
            || programs.marks.contains { code.holds(Array($0.utf8)) }
    }

    private static let byExtension: [String: DebugLanguage] = {
        let languages: [(String, DebugLanguage)] = [
            ("js jsx mjs cjs ts tsx mts cts vue svelte", javaScript), ("py", python),
            ("swift", swift), ("go", go), ("rs", rust), ("java", java), ("kt kts", kotlin),
            ("rb rake", ruby), ("php", php), ("cs", cSharp), ("c h cc hh cpp cxx hpp hxx", c),
            ("m mm", objectiveC),
        ]
        var table: [String: DebugLanguage] = [:]
        for (endings, language) in languages {
            for ending in endings.split(separator: " ") { table[String(ending)] = language }
        }
        return table
    }()
}

// What each language has. Warnings and errors (`console.error`, `log.Println`, `NSLog` of a crash) are a
// program's own, and so is whatever writes to a stream that is named.
extension DebugLanguage {
    private static func calls(_ names: String) -> [DebugStatement] {
        names.split(separator: " ").map { DebugStatement(String($0)) }
    }

    private static func prints(_ names: String, unless: String? = nil) -> [DebugStatement] {
        calls(names).map { statement in
            var statement = statement
            statement.isPrint = true
            statement.unless = unless.map { Array($0.utf8) }
            return statement
        }
    }

    private static func words(_ names: [String], isCommand: Bool = false) -> [DebugStatement] {
        names.map { name in
            var statement = DebugStatement(name)
            statement.isCall = false
            statement.isCommand = isCommand
            return statement
        }
    }

    private static let javaScript = DebugLanguage(
        statements: prints(
            "console.log console.debug console.info console.trace console.dir console.dirxml"
                + " console.table console.count console.time console.timeEnd console.timeLog"
        ) + words(["debugger"], isCommand: true),
        programs: Programs(
            folders: ["bin", "cli", "script", "scripts"],
            endings: [],
            marks: ["process.argv"]
        )
    )
    private static let python = DebugLanguage(
        statements: prints("print", unless: "file=")
            + calls("breakpoint pdb.set_trace ipdb.set_trace pudb.set_trace pprint pp ic")
            + words(["import pdb", "import ipdb", "import pudb", "from pdb", "from ipdb"]),
        programs: Programs(
            files: ["__main__.py", "manage.py", "setup.py", "noxfile.py", "fabfile.py"],
            marks: ["import argparse", "import click", "import typer", "from typer", "from click"]
        )
    )
    private static let swift = DebugLanguage(
        statements: prints("print dump debugPrint", unless: "to:") + calls("NSLog"),
        programs: Programs(
            files: ["main.swift", "Package.swift"],
            marks: ["@main", "ParsableCommand"]
        )
    )
    private static let go = DebugLanguage(
        statements: prints("fmt.Print fmt.Println fmt.Printf")
            + calls(
                "print println spew.Dump spew.Printf litter.Dump runtime.Breakpoint"
                    + " debug.PrintStack"
            ),
        programs: Programs(marks: ["package main", "func Example"])
    )
    private static let rust = DebugLanguage(
        statements: calls("dbg!") + prints("println! print! eprintln! eprint!"),
        programs: Programs(files: ["build.rs"], marks: ["fn main("])
    )
    private static let java = DebugLanguage(
        statements: prints(
            "System.out.print System.out.println System.out.printf System.err.print"
                + " System.err.println System.err.printf"
        ) + calls(".printStackTrace Thread.dumpStack"),
        programs: Programs(marks: ["static void main("])
    )
    private static let kotlin = DebugLanguage(
        statements: prints("println print") + java.statements,
        programs: Programs(marks: ["fun main("])
    )
    private static let ruby = DebugLanguage(
        statements: words(["p", "pp", "ap", "byebug", "debugger"], isCommand: true)
            + words(["puts", "print"], isCommand: true).map { statement in
                var statement = statement
                statement.isPrint = true
                return statement
            }
            + words(["binding.pry", "binding.irb", "binding.break", "binding.b"]),
        programs: Programs(files: ["Rakefile"], endings: ["cli", "command", "task"])
    )
    private static let php = DebugLanguage(
        statements: calls(
            "var_dump dd ddd dump ray debug_zval_refcount debug_print_backtrace xdebug_break"
                + " ->dd ->dump"
        )
            + prints("print_r", unless: "true)").map { statement in
                var statement = statement
                statement.isPrint = false
                return statement
            }
    )
    private static let cSharp = DebugLanguage(
        statements: prints("Console.Write Console.WriteLine")
            + calls(
                "Debug.Write Debug.WriteLine Debug.WriteIf Debug.WriteLineIf Debug.Print"
                    + " Debugger.Break Debugger.Launch"
            ),
        programs: Programs(files: ["Program.cs"], marks: ["static void Main(", " Main("])
    )
    /// Printing is what such programs do; it counts with a text that says what it's for.
    private static let c = DebugLanguage(
        statements: calls(
            "__debugbreak DebugBreak __builtin_debugtrap OutputDebugStringA OutputDebugStringW"
                + " OutputDebugString"
        ) + told("printf fprintf puts std::printf std::puts NSLog", isCall: true)
            + told("std::cout std::cerr cout cerr qDebug", isCall: false)
    )
    private static let objectiveC = DebugLanguage(statements: c.statements + prints("NSLog"))

    private static func told(_ names: String, isCall: Bool) -> [DebugStatement] {
        calls(names).map { statement in
            var statement = statement
            statement.isCall = isCall
            statement.needsWord = true
            return statement
        }
    }
}

extension [UInt8] {
    /// Whether some bytes are in it.
    func holds(_ part: [UInt8]) -> Bool {
        guard let first = part.first, count >= part.count else { return false }
        var place = 0
        while let next = self[place...].firstIndex(of: first), next + part.count <= count {
            if self[next...].starts(with: part) { return true }
            place = next + 1
        }
        return false
    }
}
