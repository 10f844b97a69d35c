/// What looks like a token of a well-known service.
package struct KnownToken: Sendable {
    /// The offset of its first byte.
    package let start: Int
    /// How many bytes it takes.
    package let length: Int
    /// Whose it is, as in "a GitHub token".
    package let words: String
    /// Whether it can hardly be anything else; a web token is often an example.
    package let isCertain: Bool

    /// The first token in a text, `nil` when there is none.
    ///
    /// A row of one character behind the start, as in `ghp_xxxxxxxx`, is a placeholder.
    ///
    /// - Parameters:
    ///   - bytes: The text.
    ///   - start: Where to begin.
    ///   - isConfiguration: Whether the text is one in which nothing that starts like a token is anything else,
    ///     however short it is.
    /// - Returns: Where it is, and whose.
    package static func first(
        in bytes: [UInt8],
        from start: Int = 0,
        isConfiguration: Bool = false
    ) -> KnownToken? {
        var index = start
        while index < bytes.count {
            let first = bytes[index]
            if index > 0, bytes[index - 1].isInToken, first != UInt8(ascii: "-") {
                index += 1
                continue
            }
            for mark in marks[Int(first)] where bytes[index...].starts(with: mark.text) {
                let body = bytes[(index + mark.text.count)...].prefix(400).prefix {
                    $0.isInToken || $0 == UInt8(ascii: "-")
                }
                let least = isConfiguration ? mark.shortest : mark.length
                if body.count >= least, Set(body.filter { $0 != UInt8(ascii: "-") }).count > 1 {
                    let length = mark.text.count + body.count
                    return KnownToken(
                        start: index,
                        length: length,
                        words: mark.words,
                        isCertain: true
                    )
                }
            }
            if first == UInt8(ascii: "e"), let length = webToken(bytes[index...]) {
                return KnownToken(
                    start: index,
                    length: length,
                    words: "a web token",
                    isCertain: false
                )
            }
            index += 1
        }
        return nil
    }

    private struct Mark {
        var text: [UInt8]
        /// How many characters follow at least.
        var length: Int
        /// The same where nothing else starts like this.
        var shortest: Int
        var words: String
    }

    /// How the tokens of well-known services start, by the first byte.
    private static let marks: [[Mark]] = {
        let known: [(starts: String, length: Int, shortest: Int, words: String)] = [
            ("AKIA ASIA", 16, 12, "an AWS key"),
            ("ghp_ gho_ ghs_ ghu_ ghr_", 30, 8, "a GitHub token"),
            ("github_pat_", 40, 8, "a GitHub token"),
            ("glpat-", 18, 8, "a GitLab token"),
            ("xoxb- xoxp- xoxa- xoxr- xoxs- xapp-", 20, 8, "a Slack token"),
            ("lin_api_ lin_oauth_ lin_wh_", 20, 8, "a Linear token"),
            ("sk-ant-", 20, 8, "an Anthropic key"),
            ("sk-proj- sk-svcacct-", 20, 8, "an OpenAI key"),
            ("sk-", 40, 24, "an OpenAI key"),
            ("sk_live_ rk_live_", 16, 8, "a Stripe key"),
            ("whsec_", 24, 16, "a Stripe secret"),
            ("AIza", 35, 35, "a Google key"),
            ("GOCSPX-", 24, 24, "a Google secret"),
            ("npm_", 36, 36, "an npm token"),
            ("pypi-", 60, 60, "a PyPI token"),
            ("hf_", 30, 30, "a Hugging Face token"),
            ("dop_v1_", 40, 40, "a DigitalOcean token"),
        ]
        var table = [[Mark]](repeating: [], count: 256)
        for (starts, length, shortest, words) in known {
            for start in starts.split(separator: " ") {
                let text = Array(start.utf8)
                table[Int(text[0])].append(
                    Mark(text: text, length: length, shortest: shortest, words: words)
                )
            }
        }
        return table
    }()

    /// A web token has three parts with dots between, of which two begin with `eyJ`.
    ///
    /// The third one isn't looked for: it's far away, and nothing else has two such parts.
    private static func webToken(_ bytes: ArraySlice<UInt8>) -> Int? {
        let mark = Array("eyJ".utf8)
        guard bytes.starts(with: mark) else { return nil }
        let isInPart = { (byte: UInt8) in byte.isInToken || byte == UInt8(ascii: "-") }
        let first = bytes.prefix(600).prefix(while: isInPart)
        let rest = bytes.dropFirst(first.count)
        guard first.count >= 10, rest.first == UInt8(ascii: ".") else { return nil }
        let second = rest.dropFirst().prefix(600).prefix(while: isInPart)
        guard second.count >= 10, second.starts(with: mark) else { return nil }
        let third = rest.dropFirst(1 + second.count).prefix(600).prefix {
            isInPart($0) || $0 == UInt8(ascii: ".")
        }
        return first.count + 1 + second.count + third.count
    }
}

extension UInt8 {
    fileprivate var isInToken: Bool {
        (0x30...0x39).contains(self) || (0x41...0x5A).contains(self & 0xDF) && self < 0x80
            || self == UInt8(ascii: "_")
    }
}
