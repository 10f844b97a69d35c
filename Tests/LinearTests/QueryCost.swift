#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// What a document costs by Linear's documented rule: 0.1 a property, 1 an object, and a connection times
/// its page size; https://linear.app/developers/rate-limiting.
///
/// What has `nodes` counts as a connection, and page sizes are numbers: our documents are so.
struct QueryCost {
    private var tokens: ArraySlice<Substring>

    /// The points of a request's body.
    static func points(ofBody body: String) throws -> Double {
        struct Body: Decodable {
            var query: String
        }
        return points(of: try JSONDecoder().decode(Body.self, from: Data(body.utf8)).query)
    }

    /// The points, to a tenth, of a document with one operation and without fragments.
    static func points(of document: String) -> Double {
        var text = document[...]
        if let brace = text.firstIndex(of: "{") { text = text[brace...] }
        let spaced = text.reduce(into: "") { result, character in
            result += "{}():".contains(character) ? " \(character) " : String(character)
        }
        let tokens = spaced.split { $0.isWhitespace || $0 == "," }
        var cost = QueryCost(tokens: tokens.dropFirst())
        return (cost.selection().points * 10).rounded() / 10
    }

    /// Up to the closing brace.
    private mutating func selection() -> (points: Double, isConnection: Bool) {
        var sum = (points: 0.0, isConnection: false)
        while let name = tokens.popFirst(), name != "}" {
            if tokens.first == ":" { tokens = tokens.dropFirst(2) }
            sum.isConnection = sum.isConnection || name == "nodes"
            let size = tokens.first == "(" ? pageSize() : nil
            guard tokens.first == "{" else {
                sum.points += 0.1
                continue
            }
            tokens.removeFirst()
            let inner = selection()
            sum.points += inner.isConnection ? inner.points * (size ?? 50) : 1 + inner.points
        }
        return sum
    }

    private mutating func pageSize() -> Double? {
        var size: Double?
        while let token = tokens.popFirst(), token != ")" {
            if token == "first" { size = tokens.dropFirst().first.flatMap { Double($0) } }
        }
        return size
    }
}
