/// Covers the values of secret variables in what a program puts out, before anything of it is kept or read.
///
/// An agent, a check or a hook knows those that the team has named for it, and may print them; nobody who reads a log, a
/// record, a comment or the next attempt's prompt needs to.
package struct SecretCover: Sendable {
    private struct Secret {
        var value: [UInt8]
        var cover: [UInt8]
    }
    /// The longest first, since one may begin with another.
    private let secrets: [Secret]
    /// Whether a byte begins one of the values.
    private let isFirst: [Bool]
    /// What may be the beginning of a value whose rest is still to come.
    private var held: [UInt8] = []

    /// A shorter value is found in too much that has nothing to do with it.
    private static let shortest = 8
    private static let words = [
        "KEY", "TOKEN", "SECRET", "PASSW", "PASSPHRASE", "CREDENTIAL", "AUTH", "PRIVATE", "COOKIE",
        "DSN", "_PAT",
    ]

    /// - Parameter environment: The program's own. Secret is what is called so (as in `API_KEY`), and what has the form
    ///   of a well-known token.
    package init(of environment: [String: String]) {
        let found = environment.filter { name, value in
            guard value.utf8.count >= Self.shortest, !name.hasPrefix("LINECOOK_"),
                !value.hasPrefix("/")
            else {
                return false
            }
            let name = name.uppercased()
            return Self.words.contains { name.contains($0) }
                || KnownToken.first(in: Array(value.utf8))?.isCertain == true
        }
        secrets = found.map { Secret(value: Array($1.utf8), cover: Array("[value of \($0)]".utf8)) }
            .sorted { $0.value.count > $1.value.count }
        var isFirst = [Bool](repeating: false, count: 256)
        for secret in secrets { isFirst[Int(secret.value[0])] = true }
        self.isFirst = isFirst
    }

    /// Takes the next bytes of one stream.
    ///
    /// - Parameter bytes: They may begin and end anywhere.
    /// - Returns: What can be told by now.
    package mutating func take(_ bytes: [UInt8]) -> [UInt8] {
        guard !secrets.isEmpty else { return bytes }
        let all = held + bytes
        held = []
        var result: [UInt8] = []
        result.reserveCapacity(all.count)
        var (start, index) = (0, 0)
        while index < all.count {
            guard isFirst[Int(all[index])] else {
                index += 1
                continue
            }
            let candidates = secrets.filter { $0.value[0] == all[index] }
            if let secret = candidates.first(where: { all[index...].starts(with: $0.value) }) {
                result += all[start..<index] + secret.cover
                index += secret.value.count
                start = index
            } else if candidates.contains(where: { $0.value.starts(with: all[index...]) }) {
                held = Array(all[index...])
                break
            } else {
                index += 1
            }
        }
        return result + all[start..<index]
    }

    /// What was held back, at the stream's end.
    package mutating func finish() -> [UInt8] {
        defer { held = [] }
        return held
    }
}
