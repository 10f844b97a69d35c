/// A ticket's short name in Linear, such as `FRE-69`; safe in a path, a branch name and a shell word.
///
/// Linear's identifiers are the team's key (letters, digits, underscore), a hyphen and a number. Anything
/// else is refused here, so that no other room has to fear what a key may hold.
package struct TicketKey: Hashable, Sendable {
    /// The key as Linear writes it, in capitals.
    package let rawValue: String
    /// The number's part, 69 of `FRE-69`.
    package let number: Int
    /// In characters, which are all ASCII.
    private let teamLength: Int
    /// The team's first eight characters as one number, for its order; shorter ones are filled up with zeros.
    private let teamOrder: UInt64

    /// What `init` takes, as a regular expression for a schema.
    package static let pattern = "^[A-Za-z0-9_]{1,24}-[0-9]{1,9}$"

    /// - Returns: `nil` when `text` isn't of the form `TEAM-123`.
    package init?(_ text: String) {
        let parts = text.split(separator: "-", omittingEmptySubsequences: false)
        guard parts.count == 2, (1...24).contains(parts[0].utf8.count),
            (1...9).contains(parts[1].utf8.count),
            parts[0].utf8.allSatisfy(Self.isTeamCharacter),
            parts[1].utf8.allSatisfy({ UInt8(ascii: "0")...UInt8(ascii: "9") ~= $0 })
        else { return nil }
        rawValue = text.uppercased()
        number = Int(parts[1]) ?? 0
        teamLength = parts[0].utf8.count
        teamOrder =
            rawValue.utf8.prefix(min(teamLength, 8)).reduce(0) { $0 << 8 | UInt64($1) }
            << (8 * max(0, 8 - teamLength))
    }

    /// The team's part, `FRE` of `FRE-69`.
    package var team: String { String(rawValue.prefix(teamLength)) }

    private static func isTeamCharacter(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "a")...UInt8(ascii: "z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"):
            true
        default: false
        }
    }
}

extension TicketKey {
    /// By the number alone, which few keys share: all there is is kept by ticket.
    package func hash(into hasher: inout Hasher) { hasher.combine(number) }
}

extension TicketKey: CustomStringConvertible {
    package var description: String { rawValue }
}

extension TicketKey: Comparable {
    /// By team, then by number, so that `FRE-9` comes before `FRE-10`.
    package static func < (left: Self, right: Self) -> Bool {
        if left.teamOrder != right.teamOrder { return left.teamOrder < right.teamOrder }
        if left.teamLength <= 8, right.teamLength <= 8 { return left.number < right.number }
        let (leftTeam, rightTeam) = (
            left.rawValue.utf8.prefix(left.teamLength), right.rawValue.utf8.prefix(right.teamLength)
        )
        if leftTeam.elementsEqual(rightTeam) { return left.number < right.number }
        return leftTeam.lexicographicallyPrecedes(rightTeam)
    }
}

extension TicketKey: Codable {
    package init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        let text = try container.decode(String.self)
        guard let key = TicketKey(text) else {
            throw DecodingError.dataCorruptedError(
                in: container,
                debugDescription: "'\(text.debugDescription)' isn't a ticket key such as FRE-69"
            )
        }
        self = key
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(rawValue)
    }
}

extension TicketKey {
    /// The first key in the name of a branch, such as `FRE-69` of `feature/fre-69-articles`.
    ///
    /// - Returns: `nil` when none stands between other characters than letters, digits and underscores.
    package init?(inBranch name: String) {
        for part in name.split(whereSeparator: { $0 == "/" || $0 == "." }) {
            let words = part.split(separator: "-", omittingEmptySubsequences: false)
            for (team, number) in zip(words, words.dropFirst()) {
                guard team.contains(where: \.isLetter), let key = TicketKey("\(team)-\(number)")
                else { continue }
                self = key
                return
            }
        }
        return nil
    }
}
