/// Files that look as if they held a secret; they are named, and never shown.
enum SecretFile {
    /// Whether a file's name says so.
    static func isNamedSo(_ path: String) -> Bool {
        let name = (path.split(separator: "/").last.map(String.init) ?? path).lowercased()
        if name == ".env" || name.hasPrefix(".env.") {
            return ![".env.example", ".env.sample", ".env.template", ".env.dist"].contains(name)
        }
        if names.contains(name) || endings.contains(where: name.hasSuffix) { return true }
        let stem = name.prefix { $0 != "." }
        return stem == "credentials" || stem == "secrets" || name.hasPrefix("id_rsa")
            || name.hasPrefix("id_ed25519") || name.hasPrefix("id_ecdsa")
    }

    private static let names: Set<String> = [
        ".npmrc", ".netrc", "_netrc", ".pypirc", ".git-credentials", ".htpasswd", ".pgpass",
        "kubeconfig", ".dockercfg", "service-account.json",
    ]
    private static let endings = [
        ".pem", ".key", ".p12", ".pfx", ".jks", ".keystore", ".kdbx", ".tfstate", ".tfvars",
        ".ppk", ".asc",
    ]

    /// Why a file's contents say so, or `nil`.
    static func reason(in text: String) -> String? {
        for line in text.utf8.split(separator: UInt8(ascii: "\n")) {
            let bytes = Array(line.prefix(4000))
            if holds(bytes, "-----BEGIN "), holds(bytes, "PRIVATE KEY") { return "a private key" }
            for (mark, length, words) in tokens where hasToken(bytes, mark, length) { return words }
            if isJSONWebToken(bytes) { return "a web token" }
            if let name = literalSecret(bytes) { return "a literal \(name)" }
        }
        return nil
    }

    /// How tokens of well-known services start, and how many characters follow at least.
    private static let tokens: [(mark: String, length: Int, words: String)] = [
        ("AKIA", 16, "an AWS key"), ("ASIA", 16, "an AWS key"), ("ghp_", 30, "a GitHub token"),
        ("gho_", 30, "a GitHub token"), ("ghs_", 30, "a GitHub token"),
        ("github_pat_", 40, "a GitHub token"), ("glpat-", 18, "a GitLab token"),
        ("xoxb-", 20, "a Slack token"), ("xoxp-", 20, "a Slack token"),
        ("lin_api_", 20, "a Linear token"), ("lin_oauth_", 20, "a Linear token"),
        ("sk-ant-", 20, "an Anthropic key"), ("sk-proj-", 20, "an OpenAI key"),
        ("sk_live_", 16, "a Stripe key"), ("rk_live_", 16, "a Stripe key"),
        ("AIza", 35, "a Google key"), ("npm_", 36, "an npm token"),
    ]

    private static func hasToken(_ line: [UInt8], _ mark: String, _ length: Int) -> Bool {
        let mark = Array(mark.utf8)
        var start = 0
        while let found = find(mark, in: line, from: start) {
            let isWhole = found == 0 || !isWord(line[found - 1])
            let rest = line[(found + mark.count)...].prefix {
                isWord($0) || $0 == UInt8(ascii: "-")
            }
            if isWhole, rest.count >= length { return true }
            start = found + 1
        }
        return false
    }

    /// A token of three parts, `eyJ….eyJ….…`.
    private static func isJSONWebToken(_ line: [UInt8]) -> Bool {
        let mark = Array("eyJ".utf8)
        guard let first = find(mark, in: line, from: 0) else { return false }
        let token = line[first...].prefix {
            isWord($0) || $0 == UInt8(ascii: "-") || $0 == UInt8(ascii: ".")
        }
        let parts = token.split(separator: UInt8(ascii: "."))
        return parts.count == 3 && parts.allSatisfy { $0.count >= 10 }
            && parts[1].starts(with: mark)
    }

    /// The name to which a long literal without any order in it is given: `password = "…"`.
    private static func literalSecret(_ line: [UInt8]) -> String? {
        let lower = line.map { (0x41...0x5A).contains($0) ? $0 | 0x20 : $0 }
        for name in ["password", "passwd", "secret", "api_key", "apikey", "token", "private_key"] {
            guard let found = find(Array(name.utf8), in: lower, from: 0) else { continue }
            let rest = line[(found + name.utf8.count)...]
            guard
                let sign = rest.firstIndex(where: {
                    $0 == UInt8(ascii: "=") || $0 == UInt8(ascii: ":")
                }), sign - found < name.utf8.count + 30,
                let quote = rest[sign...].firstIndex(where: {
                    $0 == UInt8(ascii: "\"") || $0 == UInt8(ascii: "'")
                }), quote - sign < 8
            else { continue }
            let literal = line[(quote + 1)...].prefix { $0 != line[quote] }
            if isRandom(literal) { return name }
        }
        return nil
    }

    /// Whether a literal is long, has letters and digits, no spaces, and few characters twice.
    private static func isRandom(_ literal: ArraySlice<UInt8>) -> Bool {
        guard (20...200).contains(literal.count),
            literal.allSatisfy({ isWord($0) || "-+/=.".utf8.contains($0) }),
            literal.contains(where: { (0x30...0x39).contains($0) }),
            literal.contains(where: { (0x41...0x5A).contains($0 & 0xDF) })
        else { return false }
        return Set(literal).count * 2 >= min(literal.count, 40)
    }

    private static func isWord(_ byte: UInt8) -> Bool {
        (0x30...0x39).contains(byte) || (0x41...0x5A).contains(byte & 0xDF) || byte == 0x5F
    }

    private static func holds(_ line: [UInt8], _ text: String) -> Bool {
        find(Array(text.utf8), in: line, from: 0) != nil
    }

    private static func find(_ text: [UInt8], in line: [UInt8], from start: Int) -> Int? {
        guard let first = text.first, line.count >= text.count, start <= line.count - text.count
        else { return nil }
        for index in start...(line.count - text.count)
        where line[index] == first && line[index..<(index + text.count)].elementsEqual(text) {
            return index
        }
        return nil
    }
}
