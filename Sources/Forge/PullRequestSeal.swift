import Domain

/// A line at the end of a pull request's text that tells whether the text is still as Linecook wrote it.
///
/// It is invisible on the page. A text that a person has edited is the person's.
enum PullRequestSeal {
    enum State: Equatable {
        /// Nobody has touched it since the text with this digest was written.
        case intact(String)
        case edited
        /// Not made by Linecook.
        case foreign
    }

    private static let opening = "<!-- linecook "
    private static let closing = " -->"

    /// The proposal's body with the seal.
    static func seal(_ proposal: PullRequestProposal) -> String {
        let digest = digest(title: proposal.title, body: proposal.body)
        return "\(proposal.body)\n\n\(opening)\(digest)\(closing)\n"
    }

    /// Whose text it is.
    static func state(title: String, body: String) -> State {
        let text = normalized(body)
        guard let start = text.ranges(of: opening).last,
            let end = text[start.upperBound...].firstRange(of: closing)
        else { return .foreign }
        let seal = String(text[start.upperBound..<end.lowerBound])
        let rest = String(text[..<start.lowerBound]) + String(text[end.upperBound...])
        return seal == digest(title: title, body: rest) ? .intact(seal) : .edited
    }

    /// FNV-1a, 64 bits: nothing hangs on it but whether a courtesy is shown to an edited text.
    static func digest(title: String, body: String) -> String {
        var hash: UInt64 = 0xcbf2_9ce4_8422_2325
        for byte in "\(title)\n\(normalized(body))".utf8 {
            hash = (hash ^ UInt64(byte)) &* 0x100_0000_01b3
        }
        return String(hash, radix: 16)
    }

    /// GitHub stores what comes from its page with other line ends, and trims.
    private static func normalized(_ text: String) -> String {
        var scalars = Array(text.unicodeScalars).filter { $0 != "\r" }
        while scalars.last?.properties.isWhitespace == true { scalars.removeLast() }
        var normalized = ""
        normalized.unicodeScalars.append(contentsOf: scalars)
        return normalized
    }
}
