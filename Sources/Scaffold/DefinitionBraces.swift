/// Finds the definitions of a language of braces: statements of the shape that declares something, by what
/// stands in them outside of their own parentheses and braces.
///
/// One pass over blanked-out code; what is open lies on a stack of its own.
struct DefinitionBraces {
    /// What stands in a statement; a pair of brackets with all inside is one.
    enum Token: Equatable {
        case word(ArraySlice<UInt8>)
        /// Characters of operators that stand together, or a single other one.
        case sign(ArraySlice<UInt8>)
        case string
        case group(UInt8)
    }
    /// What brackets belong to.
    enum Owner: Equatable {
        /// The file, a namespace.
        case file
        case type
        /// An object or a list that is written out.
        case value
        /// A function, or a statement in one.
        case function
    }
    private struct Frame {
        var bracket: UInt8
        var owner: Owner
        var tokens: [Token] = []
        /// The offset of the statement's first byte.
        var start = 0
        /// The offset of its last byte so far.
        var end = 0
        var isAtLineEnd = false
    }

    private let code: [UInt8]
    private let text: CodeText
    private let reader: DefinitionStatement
    private let syntax: DefinitionSyntax
    private var frames = [Frame(bracket: 0, owner: .file)]
    /// How many brackets are open beyond the depth at which statements are looked at.
    private var beyond = 0
    private var found: [Definition] = []

    private static let depthLimit = 200
    private static let tokenLimit = 60

    static func definitions(
        in code: [UInt8],
        of text: CodeText,
        _ syntax: DefinitionSyntax
    ) -> [Definition] {
        var scan = DefinitionBraces(code, text, syntax)
        scan.run()
        return scan.found
    }

    private init(_ code: [UInt8], _ text: CodeText, _ syntax: DefinitionSyntax) {
        self.code = code
        self.text = text
        self.syntax = syntax
        reader = DefinitionStatement(syntax: syntax)
    }

    private mutating func run() {
        var index = 0
        while index < code.count {
            let byte = code[index]
            var end = index + 1
            switch byte {
            case UInt8(ascii: "\n"): frames[frames.count - 1].isAtLineEnd = true
            case UInt8(ascii: " "), UInt8(ascii: "\t"), UInt8(ascii: "\r"),
                DefinitionLexer.noise:
                break
            case UInt8(ascii: "\""):
                while end < code.count, code[end] == byte { end += 1 }
                add(.string, index..<end)
            case UInt8(ascii: "{"), UInt8(ascii: "("), UInt8(ascii: "["): open(byte, index)
            case UInt8(ascii: "}"), UInt8(ascii: ")"), UInt8(ascii: "]"): close(byte, index)
            case UInt8(ascii: ";"): finish(at: index)
            case UInt8(ascii: ",") where frames[frames.count - 1].owner == .value:
                finish(at: nil)
            default:
                if byte.isInName {
                    while end < code.count, code[end].isInName { end += 1 }
                    add(.word(code[index..<end]), index..<end)
                } else if byte.isOperator {
                    while end < code.count, code[end].isOperator { end += 1 }
                    add(.sign(code[index..<end]), index..<end)
                } else {
                    add(.sign(code[index..<end]), index..<end)
                }
            }
            index = end
        }
        while frames.count > 1 { drop() }
        finish(at: nil)
    }

    private mutating func add(_ token: Token, _ range: Range<Int>) {
        let last = frames.count - 1
        endLine(before: token)
        if frames[last].tokens.isEmpty { frames[last].start = range.lowerBound }
        frames[last].end = range.upperBound - 1
        if frames[last].tokens.count < Self.tokenLimit { frames[last].tokens.append(token) }
    }

    /// Ends the statement if it ended with the line before this token.
    private mutating func endLine(before token: Token) {
        let last = frames.count - 1
        guard frames[last].isAtLineEnd else { return }
        frames[last].isAtLineEnd = false
        guard syntax.endsAtLineEnd, !frames[last].tokens.isEmpty,
            frames[last].bracket == 0 || frames[last].bracket == UInt8(ascii: "{"),
            !reader.continues(frames[last].tokens, with: token)
        else { return }
        finish(at: nil)
    }

    private mutating func open(_ bracket: UInt8, _ offset: Int) {
        guard frames.count < Self.depthLimit, beyond == 0 else {
            beyond += 1
            return
        }
        endLine(before: .group(bracket))
        let last = frames.count - 1
        if frames[last].tokens.isEmpty { frames[last].start = offset }
        let outer = frames[last]
        let owner =
            bracket == UInt8(ascii: "{")
            ? reader.owner(ofBlockBehind: outer.tokens, in: outer.owner, outer.bracket)
            : outer.owner == .file || outer.owner == .type ? .value : outer.owner
        frames.append(Frame(bracket: bracket, owner: owner))
    }

    private mutating func close(_ bracket: UInt8, _ offset: Int) {
        if beyond > 0 {
            beyond -= 1
            return
        }
        let opening: UInt8 =
            switch bracket {
            case UInt8(ascii: "}"): UInt8(ascii: "{")
            case UInt8(ascii: ")"): UInt8(ascii: "(")
            default: UInt8(ascii: "[")
            }
        if bracket == UInt8(ascii: "}") {
            // What was left open inside ends here too.
            guard frames.contains(where: { $0.bracket == opening }) else { return }
            while let top = frames.last, top.bracket != opening { drop() }
        } else if frames.last?.bracket != opening {
            return
        }
        finish(at: nil)
        frames.removeLast()
        let last = frames.count - 1
        frames[last].end = offset
        if frames[last].tokens.count < Self.tokenLimit {
            frames[last].tokens.append(.group(opening))
        }
        if opening == UInt8(ascii: "{"), reader.endsWithBlock(frames[last].tokens) {
            finish(at: nil)
        }
    }

    /// Gives up brackets that were never closed.
    private mutating func drop() {
        finish(at: nil)
        let frame = frames.removeLast()
        let last = frames.count - 1
        frames[last].end = max(frames[last].end, frame.end)
    }

    /// Ends the statement, at the semicolon if there is one.
    private mutating func finish(at semicolon: Int?) {
        let last = frames.count - 1
        let frame = frames[last]
        frames[last].isAtLineEnd = false
        guard !frame.tokens.isEmpty else { return }
        frames[last].tokens.removeAll(keepingCapacity: true)
        guard frame.bracket != UInt8(ascii: "(") || frame.tokens.contains(.group(0x7B)),
            let name = reader.name(of: frame.tokens, in: frame.owner)
        else { return }
        found.append(
            Definition(
                name: name,
                lines: text.line(at: frame.start)...text.line(at: semicolon ?? frame.end),
                hasBody: frame.tokens.contains(.group(0x7B))
            )
        )
    }
}

extension UInt8 {
    fileprivate var isOperator: Bool {
        switch self {
        case UInt8(ascii: "="), UInt8(ascii: "<"), UInt8(ascii: ">"), UInt8(ascii: "!"),
            UInt8(ascii: "+"), UInt8(ascii: "-"), UInt8(ascii: "*"), UInt8(ascii: "/"),
            UInt8(ascii: "%"), UInt8(ascii: "&"), UInt8(ascii: "|"), UInt8(ascii: "^"),
            UInt8(ascii: "~"), UInt8(ascii: "?"):
            true
        default: false
        }
    }
}
