/// What looks like a secret; files that hold one are named, and never shown.
enum Secret {
    /// Whether a file's name says that it holds one.
    static func isNamedSo(_ path: String) -> Bool {
        let name = (path.split(separator: "/").last.map(String.init) ?? path).lowercased()
        if examples.contains(where: name.hasSuffix) { return false }
        if name == ".env" || name.hasPrefix(".env.") || name == ".envrc" { return true }
        if names.contains(name) || endings.contains(where: name.hasSuffix) { return true }
        let folders = path.lowercased().split(separator: "/").dropLast()
        if name == "config" || name == "config.json", let folder = folders.last,
            [".docker", ".kube", ".aws", ".ssh"].contains(folder)
        {
            return true
        }
        let ending = name.lastIndex(of: ".").map { String(name[$0...].dropFirst()) } ?? ""
        let isData = dataEndings.contains(ending)
        if isData,
            folders.contains("secrets") || folders.contains(".ssh")
                || name.hasPrefix("secrets-") || name.hasPrefix("secrets_")
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

    /// Of files that are neither code nor prose.
    private static let dataEndings: Set<String> = [
        "", "json", "yml", "yaml", "toml", "ini", "cfg", "conf", "properties", "xml", "txt", "enc",
    ]
    private static let examples = [
        ".example", ".sample", ".template", ".dist", ".pub", "example.env",
    ]
    private static let names: Set<String> = [
        ".npmrc", ".netrc", "_netrc", ".pypirc", ".git-credentials", ".htpasswd", ".pgpass",
        "kubeconfig", ".dockercfg", "service-account.json", ".my.cnf",
        ".s3cfg", ".boto", ".vault-token", "master.key",
    ]
    private static let endings = [
        ".env", ".pem", ".key", ".p12", ".pfx", ".p8", ".jks", ".keystore", ".kdbx", ".tfstate",
        ".tfstate.backup", ".tfvars", ".tfvars.json", ".ovpn", ".ppk", ".asc", ".gpg", ".age",
        ".mobileprovision",
    ]
    private static let keys = ["id_rsa", "id_ed25519", "id_ecdsa", "id_dsa"]

    /// What a file's contents hold, in words; `nil` when nothing in them looks like a secret.
    ///
    /// - Parameters:
    ///   - bytes: The contents.
    ///   - path: Whose they are.
    ///   - certain: Whether only what can hardly be anything else counts.
    /// - Returns: Words that show nothing of the secret.
    static func kind(in bytes: [UInt8], path: String, certain: Bool = false) -> String? {
        var index = 0
        while index < bytes.count {
            let byte = bytes[index]
            guard index == 0 || !bytes[index - 1].isInToken || byte == UInt8(ascii: "-") else {
                index += 1
                continue
            }
            for mark in marks[Int(byte)] where bytes[index...].starts(with: mark.text) {
                let rest = bytes[(index + mark.text.count)...].prefix(400)
                let body = rest.prefix(while: mark.isBody)
                // `ghp_xxxxxxxx` in a document is a placeholder.
                if body.count >= mark.length, Set(body.filter { $0 != 0x2D }).count > 1 {
                    return mark.words
                }
            }
            if !certain, byte == UInt8(ascii: "e"), isWebToken(bytes[index...]) {
                return "a web token"
            }
            if byte == UInt8(ascii: "-"), isPrivateKey(bytes[index...].prefix(80)) {
                return "a private key"
            }
            index += 1
        }
        if !certain, !isLock(path), let word = bytes.withUnsafeBufferPointer(SecretLiteral.word) {
            return "a literal \(word)"
        }
        return nil
    }

    // MARK: Tokens

    private struct Mark {
        var text: [UInt8]
        /// How many characters follow at least.
        var length: Int
        var words: String

        func isBody(_ byte: UInt8) -> Bool { byte.isInToken || byte == UInt8(ascii: "-") }
    }

    /// How the tokens of well-known services start, by the first byte.
    private static let marks: [[Mark]] = {
        let known: [(starts: String, length: Int, words: String)] = [
            ("AKIA ASIA", 16, "an AWS key"),
            ("ghp_ gho_ ghs_ ghu_ ghr_", 30, "a GitHub token"),
            ("github_pat_", 40, "a GitHub token"),
            ("glpat-", 18, "a GitLab token"),
            ("xoxb- xoxp- xoxa- xoxr- xoxs- xapp-", 20, "a Slack token"),
            ("lin_api_ lin_oauth_ lin_wh_", 20, "a Linear token"),
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

    /// A web token has three parts with dots between, of which two begin with `eyJ`.
    private static func isWebToken(_ bytes: ArraySlice<UInt8>) -> Bool {
        let mark = Array("eyJ".utf8)
        func isInPart(_ byte: UInt8) -> Bool { byte.isInToken || byte == UInt8(ascii: "-") }
        guard bytes.starts(with: mark) else { return false }
        let first = bytes.prefix(600).prefix(while: isInPart)
        let rest = bytes[first.endIndex...]
        // The third one isn't looked for: it's far away, and nothing else has two such parts.
        guard first.count >= 10, rest.first == UInt8(ascii: ".") else { return false }
        let second = rest.dropFirst().prefix(10)
        return second.count == 10 && second.starts(with: mark) && second.allSatisfy(isInPart)
    }

    /// `-----BEGIN … PRIVATE KEY`, in a file or in a string; a bare mention has no five hyphens.
    private static func isPrivateKey(_ bytes: ArraySlice<UInt8>) -> Bool {
        guard bytes.starts(with: Array("-----BEGIN ".utf8)) else { return false }
        let line = bytes.dropFirst(11).prefix { $0.isLetter || $0.isDigit || $0 == 0x20 }
        return String(decoding: line, as: UTF8.self).contains("PRIVATE KEY")
    }

    /// Whether it's full of hashes beside names of packages, such as `js-tokens`.
    static func isLock(_ path: String) -> Bool {
        let name = path.split(separator: "/").last ?? ""
        return name.hasSuffix(".lock") || name.contains("-lock.") || name == "go.sum"
    }
}
