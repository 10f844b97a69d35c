internal import Domain

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
        var start = 0
        while let token = KnownToken.first(in: bytes, from: start) {
            if token.isCertain || !certain { return token.words }
            start = token.start + token.length
        }
        for index in bytes.indices where bytes[index] == UInt8(ascii: "-") {
            if isPrivateKey(bytes[index...].prefix(80)) { return "a private key" }
        }
        if !certain, !isLock(path), let word = bytes.withUnsafeBufferPointer(SecretLiteral.word) {
            return "a literal \(word)"
        }
        return nil
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
