/// A pattern for the paths of files.
///
/// `*` stands for any characters but `/`, `?` for one of them, `**` for any number of whole components,
/// `{a,b}` for one of its words. Brackets stand for themselves, because frameworks name folders `[slug]`.
/// Case counts. The rules are those by which tickets' files are compared.
package struct Glob: Sendable {
    private enum Piece: Equatable {
        case scalar(Unicode.Scalar)
        case character
        case characters
    }
    private enum Component: Equatable {
        case components
        case plain([UInt8])
        case pieces([Piece])
    }

    /// The most words for which the braces of one pattern may stand.
    private static let alternativesLimit = 64
    private static let limitInBytes = 1024

    /// Whether it's more than a path.
    let isGlob: Bool
    private let alternatives: [[Component]]
    /// What every path for which it stands begins with.
    private let literal: [UInt8]

    package init(_ text: String) {
        let bytes = Array(text.utf8)
        guard bytes.count <= Self.limitInBytes else {
            (isGlob, alternatives, literal) = (false, [], bytes)
            return
        }
        let words = Self.expanded(bytes)
        let wildcards = Array("*?".utf8)
        isGlob = words.count > 1 || bytes.contains(where: wildcards.contains)
        literal = Array(bytes.prefix { !wildcards.contains($0) && $0 != UInt8(ascii: "{") })
        alternatives = words.map { word in
            word.split(separator: UInt8(ascii: "/")).map { part in
                if part.count > 1, part.allSatisfy({ $0 == UInt8(ascii: "*") }) {
                    return .components
                }
                if !part.contains(where: wildcards.contains) { return .plain(Array(part)) }
                return .pieces(
                    String(decoding: part, as: UTF8.self).unicodeScalars.map { scalar in
                        switch scalar {
                        case "*": .characters
                        case "?": .character
                        default: .scalar(scalar)
                        }
                    }
                )
            }
        }
    }

    /// Whether it stands for this path.
    package func matches(_ path: String) -> Bool {
        let bytes = Array(path.utf8)
        guard bytes.starts(with: literal) else { return false }
        let parts = bytes.split(separator: UInt8(ascii: "/"))
        return alternatives.contains {
            Self.match($0, parts, isStar: { $0 == .components }, fits: Self.fits)
        }
    }

    private static func fits(_ component: Component, _ part: ArraySlice<UInt8>) -> Bool {
        switch component {
        case .components: true
        case .plain(let bytes): part.elementsEqual(bytes)
        case .pieces(let pieces):
            match(
                pieces,
                Array(String(decoding: part, as: UTF8.self).unicodeScalars),
                isStar: { $0 == .characters },
                fits: { $0 == .character || $0 == .scalar($1) }
            )
        }
    }

    /// Two places are kept, behind the last star and at it: with stars that stand for anything, going back
    /// to the last one is enough.
    private static func match<Pattern, Element>(
        _ pattern: [Pattern],
        _ elements: [Element],
        isStar: (Pattern) -> Bool,
        fits: (Pattern, Element) -> Bool
    ) -> Bool {
        var (place, index) = (0, 0)
        var star: (place: Int, index: Int)?
        while index < elements.count {
            if place < pattern.count, isStar(pattern[place]) {
                star = (place, index)
                place += 1
            } else if place < pattern.count, fits(pattern[place], elements[index]) {
                place += 1
                index += 1
            } else if let last = star {
                star = (last.place, last.index + 1)
                place = last.place + 1
                index = last.index + 1
            } else {
                return false
            }
        }
        while place < pattern.count, isStar(pattern[place]) { place += 1 }
        return place == pattern.count
    }

    /// The texts for which braces stand; the pattern itself when they're too many.
    private static func expanded(_ bytes: [UInt8]) -> [[UInt8]] {
        var done: [[UInt8]] = []
        var open = [bytes]
        while let text = open.popLast() {
            guard let (range, words) = braces(in: text) else {
                done.append(text)
                continue
            }
            open += words.reversed().map {
                Array(text[..<range.lowerBound]) + text[$0] + text[range.upperBound...]
            }
            if open.count + done.count > alternativesLimit { return [bytes] }
        }
        return done
    }

    /// The first braces with a comma of their own and no others inside, and their words.
    private static func braces(in bytes: [UInt8]) -> (range: Range<Int>, words: [Range<Int>])? {
        var open: [(start: Int, word: Int, words: [Range<Int>])] = []
        for (index, byte) in bytes.enumerated() {
            switch byte {
            case UInt8(ascii: "{"): open.append((index, index + 1, []))
            case UInt8(ascii: ","):
                guard !open.isEmpty else { continue }
                let last = open.count - 1
                open[last].words.append(open[last].word..<index)
                open[last].word = index + 1
            case UInt8(ascii: "}"):
                guard let last = open.popLast(), !last.words.isEmpty else { continue }
                return (last.start..<(index + 1), last.words + [last.word..<index])
            default: break
            }
        }
        return nil
    }
}
