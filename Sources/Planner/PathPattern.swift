/// A file, a folder or a glob of a repository, as a ticket's text names it.
///
/// A plain path stands for the file of that name or for everything in the folder of that name, one that
/// ends in `/` for everything in the folder. In a glob `*` stands for any characters but `/`, `?` for one
/// of them, `**` for any number of whole components (at the end for at least one), `{a,b}` for one of its
/// words. Brackets stand for themselves, because frameworks name folders `[slug]`. Case counts.
package struct PathPattern: Equatable, Sendable {
    /// One component; `anyComponents` alone stands for `**`.
    private typealias Component = [Int32]
    private static let anyCharacters: Int32 = -1
    private static let anyCharacter: Int32 = -2
    private static let anyComponents: Component = [-3]

    /// What is longer stands for itself only: it costs too much to look for what it has in common
    /// with others, and no system opens such a path.
    static let limitInBytes = 1024
    /// The most words that the braces of one glob may stand for; with more, it stands for the folder
    /// before its first brace.
    static let alternativesLimit = 64

    package let text: String
    package let isGlob: Bool
    /// What everything that it stands for begins with: a plain path itself, a glob's text up to its first
    /// wildcard.
    let literal: [UInt8]
    private let alternatives: [[Component]]

    package init(_ text: String) {
        self.text = text
        let bytes = Array(text.utf8)
        guard bytes.count <= Self.limitInBytes else {
            (isGlob, literal, alternatives) = (false, bytes, [])
            return
        }
        let scalars = text.unicodeScalars.map { Int32(bitPattern: $0.value) }
        let isFolder = bytes.last == UInt8(ascii: "/")
        let stars = bytes.contains { $0 == UInt8(ascii: "*") || $0 == UInt8(ascii: "?") }
        guard stars || Self.braces(in: scalars) != nil else {
            isGlob = false
            literal = bytes
            let components = Self.components(scalars, isGlob: false)
            let below = [Self.anyComponents] + (isFolder ? [[Self.anyCharacters]] : [])
            alternatives = components.isEmpty ? [] : [components + below]
            return
        }
        isGlob = true
        let wildcards: [UInt8] = [UInt8(ascii: "*"), UInt8(ascii: "?"), UInt8(ascii: "{")]
        let head = bytes.prefix { !wildcards.contains($0) }
        literal = Array(head)
        var left = Self.alternativesLimit
        if let words = Self.expanded(scalars, &left) {
            alternatives = words.map { word in
                var components = Self.components(word, isGlob: true)
                if word.last == 0x2F { components.append(Self.anyComponents) }
                // At the end it stands for files, so for one component at least.
                if components.last == Self.anyComponents { components.append([Self.anyCharacters]) }
                return components
            }
        } else {
            let folder = head.lastIndex(of: UInt8(ascii: "/")).map { head[..<$0] } ?? []
            let scalars = String(decoding: folder, as: UTF8.self).unicodeScalars
                .map { Int32(bitPattern: $0.value) }
            let components = Self.components(scalars, isGlob: false)
            alternatives = [components + [Self.anyComponents, [Self.anyCharacters]]]
        }
    }

    /// Whether there may be a file that both stand for.
    package func meets(_ other: PathPattern) -> Bool {
        if text == other.text { return true }
        let shared = min(literal.count, other.literal.count)
        guard literal.prefix(shared) == other.literal.prefix(shared) else { return false }
        return alternatives.contains { left in
            other.alternatives.contains { right in
                Self.meet(left, right, isStar: { $0 == Self.anyComponents }, fits: Self.fit)
            }
        }
    }

    /// The one of two that meet which says more exactly where.
    func moreExact(_ other: PathPattern) -> String {
        if isGlob != other.isGlob { return isGlob ? other.text : text }
        if literal.count != other.literal.count {
            return literal.count > other.literal.count ? text : other.text
        }
        return min(text, other.text)
    }

    private static func fit(_ left: Component, _ right: Component) -> Bool {
        if left == right { return true }
        guard left.contains(where: { $0 < 0 }) || right.contains(where: { $0 < 0 }) else {
            return false
        }
        return meet(
            left,
            right,
            isStar: { $0 == anyCharacters },
            fits: { $0 == $1 || $0 == anyCharacter || $1 == anyCharacter }
        )
    }

    /// Whether two sequences with stars, each for any number of elements, have a common reading.
    private static func meet<Element>(
        _ left: [Element],
        _ right: [Element],
        isStar: (Element) -> Bool,
        fits: (Element, Element) -> Bool
    ) -> Bool {
        // Places reached so far: so much of the left one and so much of the right one is read.
        var row = [Bool](repeating: false, count: right.count + 1)
        row[0] = true
        for place in 0...left.count {
            var next = [Bool](repeating: false, count: right.count + 1)
            for other in 0...right.count where row[other] {
                let leftIsStar = place < left.count && isStar(left[place])
                let rightIsStar = other < right.count && isStar(right[other])
                if leftIsStar { next[other] = true }
                if rightIsStar { row[other + 1] = true }
                guard place < left.count, other < right.count else { continue }
                if leftIsStar {
                    row[other + 1] = true
                } else if rightIsStar {
                    next[other] = true
                } else if fits(left[place], right[other]) {
                    next[other + 1] = true
                }
            }
            if place == left.count { return row[right.count] }
            row = next
        }
        return false
    }

    private static func components(_ scalars: [Int32], isGlob: Bool) -> [Component] {
        var components: [Component] = []
        for part in scalars.split(separator: 0x2F) {
            guard isGlob else {
                components.append(Array(part))
                continue
            }
            if part.count > 1, part.allSatisfy({ $0 == 0x2A }) {
                if components.last != anyComponents { components.append(anyComponents) }
                continue
            }
            var component: Component = []
            for scalar in part {
                switch scalar {
                case 0x2A: if component.last != anyCharacters { component.append(anyCharacters) }
                case 0x3F: component.append(anyCharacter)
                default: component.append(scalar)
                }
            }
            components.append(component)
        }
        return components
    }

    /// The text with each choice of words of its braces, or `nil` when there are too many.
    private static func expanded(_ scalars: [Int32], _ left: inout Int) -> [[Int32]]? {
        guard let braces = braces(in: scalars) else {
            left -= 1
            return left < 0 ? nil : [scalars]
        }
        var result: [[Int32]] = []
        for word in braces.words {
            let text =
                scalars[..<braces.range.lowerBound] + scalars[word]
                + scalars[braces.range.upperBound...]
            guard let words = expanded(Array(text), &left) else { return nil }
            result += words
        }
        return result
    }

    /// The first pair of braces with a comma of its own, and the words in it.
    private static func braces(in scalars: [Int32]) -> (range: Range<Int>, words: [Range<Int>])? {
        // One pass: what stands open, each with where its present word begins and the words before.
        var open: [(start: Int, word: Int, words: [Range<Int>])] = []
        var found: (range: Range<Int>, words: [Range<Int>])?
        for (index, scalar) in scalars.enumerated() {
            switch scalar {
            case 0x7B: open.append((index, index + 1, []))
            case 0x2C:
                guard var last = open.popLast() else { continue }
                last.words.append(last.word..<index)
                last.word = index + 1
                open.append(last)
            case 0x7D:
                guard let last = open.popLast(), !last.words.isEmpty else { continue }
                let range = last.start..<(index + 1)
                if found.map({ range.lowerBound < $0.range.lowerBound }) ?? true {
                    found = (range, last.words + [last.word..<index])
                }
            default: break
            }
        }
        return found
    }
}
