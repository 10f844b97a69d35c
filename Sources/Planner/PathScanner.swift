/// Collects the words of a text that are paths or globs of a repository.
struct PathScanner {
    static let pathsLimit = 200

    private(set) var paths: [String] = []
    private var known: Set<String> = []

    mutating func read(_ prose: Prose) {
        for line in prose.lines {
            if paths.count >= Self.pathsLimit { return }
            read(line)
        }
        for fence in prose.fences { read(fence: fence) }
    }

    private mutating func read(_ line: Prose.Line) {
        var start = 0
        for code in line.code {
            words(line.bytes[start..<code.lowerBound])
            // With a space in it, it's a command or code that isn't about where the work is.
            keep(PathWord(line.bytes[code], isCode: true)?.path)
            start = code.upperBound
        }
        words(line.bytes[start...])
    }

    /// Reads the paths that a line begins with, joined by commas or "and".
    ///
    /// A box of a task list may be before them; what follows is said about them.
    mutating func readList(_ line: Prose.Line, from start: Int) {
        var index = start
        if line.bytes[index...].starts(with: "[ ] ".utf8)
            || line.bytes[index...].starts(with: "[x] ".utf8)
        {
            index += 4
        }
        while index < line.bytes.count {
            if let code = line.code.first(where: {
                $0.lowerBound == index || $0.lowerBound == index + 1
            }) {
                guard let path = PathWord(line.bytes[code], isCode: true)?.path else { return }
                keep(path)
                index = code.upperBound
                continue
            }
            let byte = line.bytes[index]
            if " \t,;*_&+".utf8.contains(byte) {
                index += 1
                continue
            }
            let word = line.bytes[index...].prefix { $0 > 32 && $0 != UInt8(ascii: ",") }
            index = word.endIndex
            if word.elementsEqual("and".utf8) { continue }
            guard let path = Self.plainPath(word) else { return }
            keep(path)
        }
    }

    /// A path by itself, or as the text of a link.
    private static func plainPath(_ word: ArraySlice<UInt8>) -> String? {
        let text = joint(word).map { word[..<$0] } ?? word
        return PathWord(text, isCode: false)?.path
    }

    private mutating func words(_ bytes: ArraySlice<UInt8>) {
        let words = bytes.split { byte in
            switch byte {
            case 0...32, UInt8(ascii: "<"), UInt8(ascii: ">"), UInt8(ascii: "\""),
                UInt8(ascii: "|"),
                UInt8(ascii: "'"):
                true
            default: false
            }
        }
        for word in words {
            // `[text](target)` is two words.
            if let joint = Self.joint(word) {
                parts(word[..<joint])
                parts(word[(joint + 2)...])
            } else {
                parts(word)
            }
        }
    }

    private static func joint(_ word: ArraySlice<UInt8>) -> Int? {
        word.indices.dropLast().first {
            word[$0] == UInt8(ascii: "]") && word[$0 + 1] == UInt8(ascii: "(")
        }
    }

    /// Cuts a word at the commas that aren't in braces.
    private mutating func parts(_ word: ArraySlice<UInt8>) {
        var depth = 0
        var start = word.startIndex
        for index in word.indices {
            switch word[index] {
            case UInt8(ascii: "{"): depth += 1
            case UInt8(ascii: "}"): depth = max(0, depth - 1)
            case UInt8(ascii: ",") where depth == 0, UInt8(ascii: ";"):
                keep(PathWord(word[start..<index], isCode: false)?.path)
                start = index + 1
            default: break
            }
        }
        keep(PathWord(word[start...], isCode: false)?.path)
    }

    /// A fence counts when it is a list of files and nothing else.
    mutating func read(fence lines: [ArraySlice<UInt8>]) {
        var found: [String] = []
        for line in lines {
            var body = line.drop { $0 == 32 || $0 == 9 }
            while let last = body.last, last == 32 || last == 9 || last == 13 { body.removeLast() }
            if body.isEmpty { continue }
            if body.count > 2,
                [UInt8(ascii: "-"), UInt8(ascii: "*")].contains(body[body.startIndex]),
                body[body.startIndex + 1] == 32
            {
                body = body.dropFirst(2)
            }
            guard found.count < Self.pathsLimit, let path = PathWord(body, isCode: true)?.path
            else {
                return
            }
            found.append(path)
        }
        for path in found { keep(path) }
    }

    private mutating func keep(_ path: String?) {
        guard let path, paths.count < Self.pathsLimit, known.insert(path).inserted else { return }
        paths.append(path)
    }
}
