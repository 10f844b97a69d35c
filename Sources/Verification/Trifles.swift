/// Whether two contents of a file differ in nothing that matters.
enum Trifles {
    /// The contents without the white space that means nothing.
    ///
    /// A space counts where it parts two words. Where indentation or empty lines have a meaning, as in
    /// Python, YAML or Markdown, only the ends of lines and the number of empty ones between two others don't
    /// count.
    ///
    /// - Parameters:
    ///   - bytes: Text.
    ///   - path: The file's, for its extension.
    /// - Returns: Equal for two contents of which one is the other laid out anew.
    static func bare(_ bytes: [UInt8], path: String) -> [UInt8] {
        layoutMatters(path) ? withoutLineEnds(bytes) : withoutSpaces(bytes)
    }

    /// Whether it's text at all: no byte 0 near its beginning, as git has it.
    static func isText(_ bytes: [UInt8]) -> Bool { !bytes.prefix(8000).contains(0) }

    private static func withoutSpaces(_ bytes: [UInt8]) -> [UInt8] {
        var result: [UInt8] = []
        result.reserveCapacity(bytes.count)
        var isApart = false
        for byte in bytes {
            if byte.isBlank || byte == UInt8(ascii: "\n") || byte == 0x0C {
                isApart = true
                continue
            }
            if isApart, byte.isInWord, result.last?.isInWord == true {
                result.append(UInt8(ascii: " "))
            }
            isApart = false
            result.append(byte)
        }
        return result
    }

    private static func withoutLineEnds(_ bytes: [UInt8]) -> [UInt8] {
        var result: [UInt8] = []
        var emptyLines = 0
        for line in bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false) {
            var line = line
            while let last = line.last, last.isBlank { line.removeLast() }
            if line.isEmpty {
                emptyLines += 1
                continue
            }
            if emptyLines > 0, !result.isEmpty { result.append(UInt8(ascii: "\n")) }
            emptyLines = 0
            result += line
            result.append(UInt8(ascii: "\n"))
        }
        return result
    }

    private static func layoutMatters(_ path: String) -> Bool {
        let name = path.split(separator: "/").last.map { $0.lowercased() } ?? ""
        let endings = [
            ".py", ".pyi", ".yml", ".yaml", ".mk", ".md", ".mdx", ".markdown", ".rst", ".txt",
            ".pug", ".haml", ".slim", ".sass", ".styl", ".coffee", ".nim", ".fs", ".fsx", ".hs",
            ".elm", ".adoc", ".csv", ".tsv", ".patch", ".diff", ".snap", ".ipynb",
        ]
        return ["makefile", "gnumakefile"].contains(name) || endings.contains(where: name.hasSuffix)
    }
}
