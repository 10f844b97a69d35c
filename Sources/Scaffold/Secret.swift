/// What looks like a secret; files that hold one are named, and never shown.
enum Secret {
    /// Whether a file's name says that it holds one.
    static func isNamedSo(_ path: String) -> Bool {
        let name = (path.split(separator: "/").last.map(String.init) ?? path).lowercased()
        if examples.contains(where: name.hasSuffix) { return false }
        if name == ".env" || name.hasPrefix(".env.") || name == ".envrc" { return true }
        if names.contains(name) || endings.contains(where: name.hasSuffix) { return true }
        let folders = path.lowercased().split(separator: "/").dropLast()
        if name == "config", let folder = folders.last,
            [".docker", ".kube", ".aws"].contains(folder)
        {
            return true
        }
        let stem = name.drop { $0 == "." }.prefix { $0 != "." }
        // Code about credentials is code.
        let isCode = DefinitionSyntax.of(name) != nil
        return ["credentials", "secrets", "secret"].contains(stem) && !isCode
            || name.hasPrefix("credentials") && !isCode
            || keys.contains { stem == $0 || stem.hasPrefix($0 + "-") || stem.hasPrefix($0 + "_") }
    }

    private static let examples = [".example", ".sample", ".template", ".dist", ".pub"]
    private static let names: Set<String> = [
        ".npmrc", ".netrc", "_netrc", ".pypirc", ".git-credentials", ".htpasswd", ".pgpass",
        "kubeconfig", ".dockercfg", "service-account.json", ".my.cnf",
        ".s3cfg", ".boto", ".vault-token", "master.key",
    ]
    private static let endings = [
        ".env", ".pem", ".key", ".p12", ".pfx", ".p8", ".jks", ".keystore", ".kdbx", ".tfstate",
        ".tfstate.backup", ".tfvars", ".ppk", ".asc", ".gpg", ".age", ".mobileprovision",
    ]
    private static let keys = ["id_rsa", "id_ed25519", "id_ecdsa", "id_dsa"]

    /// What a file's contents hold, in words; `nil` when nothing in them looks like a secret.
    static func kind(in bytes: [UInt8], path: String) -> String? {
        let isConfiguration = isConfiguration(path)
        let isLock = isLock(path)
        var index = 0
        while index < bytes.count {
            let byte = bytes[index]
            if byte == UInt8(ascii: "=") || byte == UInt8(ascii: ":") {
                if !isLock, let name = assigned(bytes, index, isConfiguration) {
                    return "a literal \(name)"
                }
                index += 1
                continue
            }
            guard index == 0 || !isInToken(bytes[index - 1]) || byte == UInt8(ascii: "-") else {
                index += 1
                continue
            }
            for mark in marks[Int(byte)] where bytes[index...].starts(with: mark.text) {
                let rest = bytes[(index + mark.text.count)...].prefix(400)
                let count = rest.prefix(while: mark.isBody).count
                if count >= mark.length { return mark.words }
            }
            if byte == UInt8(ascii: "e"), isWebToken(bytes[index...].prefix(4000)) {
                return "a web token"
            }
            if byte == UInt8(ascii: "-"), isPrivateKey(bytes[index...].prefix(80)) {
                return "a private key"
            }
            index += 1
        }
        return nil
    }

    // MARK: Tokens

    private struct Mark {
        var text: [UInt8]
        /// How many characters follow at least.
        var length: Int
        var words: String

        func isBody(_ byte: UInt8) -> Bool { isInToken(byte) || byte == UInt8(ascii: "-") }
    }

    /// How the tokens of well-known services start, by the first byte.
    private static let marks: [[Mark]] = {
        let known: [(starts: String, length: Int, words: String)] = [
            ("AKIA ASIA", 16, "an AWS key"),
            ("ghp_ gho_ ghs_ ghu_ ghr_", 30, "a GitHub token"),
            ("github_pat_", 40, "a GitHub token"),
            ("glpat-", 18, "a GitLab token"),
            ("xoxb- xoxp- xoxa- xoxr- xoxs- xapp-", 20, "a Slack token"),
            ("lin_api_ lin_oauth_", 20, "a Linear token"),
            ("sk-ant-", 20, "an Anthropic key"),
            ("sk-proj- sk-svcacct-", 20, "an OpenAI key"),
            ("sk-", 40, "an OpenAI key"),
            ("sk_live_ rk_live_", 16, "a Stripe key"),
            ("whsec_", 24, "a Stripe secret"),
            ("AIza", 35, "a Google key"),
            ("GOCSPX-", 24, "a Google secret"),
            ("npm_", 36, "an npm token"),
            ("pypi-", 60, "a PyPI token"),
            ("hf_", 30, "a Hugging Face token"),
            ("dop_v1_", 40, "a DigitalOcean token"),
        ]
        var table = [[Mark]](repeating: [], count: 256)
        for (starts, length, words) in known {
            for start in starts.split(separator: " ") {
                let text = Array(start.utf8)
                table[Int(text[0])].append(Mark(text: text, length: length, words: words))
            }
        }
        return table
    }()

    private static func isInToken(_ byte: UInt8) -> Bool {
        byte.isLetter || byte.isDigit || byte == UInt8(ascii: "_")
    }

    /// A web token has three parts with dots between, of which two begin with `eyJ`.
    private static func isWebToken(_ bytes: ArraySlice<UInt8>) -> Bool {
        let mark = Array("eyJ".utf8)
        guard bytes.starts(with: mark) else { return false }
        let parts = bytes.prefix {
            isInToken($0) || $0 == UInt8(ascii: "-") || $0 == UInt8(ascii: ".")
        }.split(separator: UInt8(ascii: "."))
        return parts.count >= 3 && parts[0].count >= 10 && parts[1].starts(with: mark)
            && parts[1].count >= 10 && parts[2].count >= 10
    }

    /// `-----BEGIN … PRIVATE KEY`, in a file or in a string; a bare mention has no five hyphens.
    private static func isPrivateKey(_ bytes: ArraySlice<UInt8>) -> Bool {
        guard bytes.starts(with: Array("-----BEGIN ".utf8)) else { return false }
        let line = bytes.dropFirst(11).prefix { $0.isLetter || $0.isDigit || $0 == 0x20 }
        return String(decoding: line, as: UTF8.self).contains("PRIVATE KEY")
    }

    // MARK: Literals

    /// The kind of secret to which a long literal without any order in it is given: `dbPassword = "…"`.
    ///
    /// `sign` is the offset of the `=` or `:`.
    private static func assigned(_ bytes: [UInt8], _ sign: Int, _ isConfiguration: Bool) -> String?
    {
        var start = sign + 1
        while start < bytes.count, start - sign < 8,
            bytes[start].isBlank || bytes[start] == 0x3D
                || bytes[start] == UInt8(ascii: ">")
        {
            start += 1
        }
        guard start < bytes.count else { return nil }
        let quote = bytes[start]
        let literal: ArraySlice<UInt8>
        if quote == UInt8(ascii: "\"") || quote == UInt8(ascii: "'") || quote == UInt8(ascii: "`") {
            literal = bytes[(start + 1)...].prefix(250).prefix { $0 != quote && $0 != 0x0A }
        } else if isConfiguration {
            literal = bytes[start...].prefix(250).prefix { $0 > 0x20 }
        } else {
            return nil
        }
        guard isRandom(literal) else { return nil }
        return secretName(bytes[max(0, sign - 100)..<sign])
    }

    /// The word for a secret in the name that ends here, before quotes, spaces and a type.
    private static func secretName(_ bytes: ArraySlice<UInt8>) -> String? {
        let line = bytes.suffix(while: { $0 != 0x0A })
        let name = String(decoding: line, as: UTF8.self).lowercased()
            .filter { $0.isLetter || $0.isNumber || $0 == " " || $0 == ":" }
        let parts = name.split { $0 == " " || $0 == ":" }.suffix(3)
        return secretNames.first { word in
            parts.contains { $0.hasSuffix(word) || $0.hasPrefix(word) }
        }
    }

    private static let secretNames = [
        "password", "passwd", "passphrase", "secret", "secretkey", "apikey", "accesskey",
        "privatekey", "signingkey", "encryptionkey", "token", "credential", "authkey",
    ]

    /// Whether a literal is long and goes back and forth between letters and digits, as no word does.
    private static func isRandom(_ literal: ArraySlice<UInt8>) -> Bool {
        guard (16...200).contains(literal.count),
            literal.allSatisfy({ isInToken($0) || "-+/=.!@#%^&*".utf8.contains($0) })
        else { return false }
        var changes = 0
        var previous: Bool?
        for byte in literal where byte.isDigit || byte.isLetter {
            if let previous, previous != byte.isDigit { changes += 1 }
            previous = byte.isDigit
        }
        return changes >= 4 && Set(literal).count >= 9
    }

    /// Whether it's full of hashes beside names of packages, such as `js-tokens`.
    private static func isLock(_ path: String) -> Bool {
        let name = path.split(separator: "/").last ?? ""
        return name.hasSuffix(".lock") || name.contains("-lock.") || name == "go.sum"
    }

    /// Whether values stand without quotes in such a file.
    private static func isConfiguration(_ path: String) -> Bool {
        let name = path.split(separator: "/").last ?? ""
        guard let dot = name.lastIndex(of: ".") else { return true }
        return [
            "yml", "yaml", "ini", "cfg", "conf", "config", "properties", "toml", "env", "example",
            "sample", "template", "dist", "txt", "md", "sh",
        ].contains(name[dot...].dropFirst().lowercased())
    }
}

extension Collection where Element == UInt8, Self: BidirectionalCollection {
    /// The longest end of which every byte fits.
    fileprivate func suffix(while fits: (UInt8) -> Bool) -> SubSequence {
        var start = endIndex
        while start > startIndex, fits(self[index(before: start)]) { start = index(before: start) }
        return self[start...]
    }
}
