/// Literals without any order in them that are given to names such as `password`.
///
/// It looks for `name = "…"`, `name: …`, `name=…`, `"name" => '…'`, `name("…")`, `<name>…</name>` and
/// `scheme://user:…@host`, as programs, settings and shell scripts write them.
enum SecretLiteral {
    /// In small letters and without `_`, `-` and `.`.
    private static let names: [(bytes: [UInt8], word: String)] =
        [
            "password", "passwd", "passphrase", "pwd", "secret", "token", "apikey", "accesskey",
            "privatekey", "authkey", "encryptionkey", "signingkey", "credential",
        ].map { (Array($0.utf8), $0) }
        + ["authorization", "bearer"].map { (Array($0.utf8), "token") }

    /// The word for the secret that is in a file's contents, or `nil` when there is none.
    static func word(in bytes: UnsafeBufferPointer<UInt8>) -> String? {
        var place = 0
        while place < bytes.count {
            guard isInName(bytes[place]) else {
                if bytes[place] == UInt8(ascii: ":"), isInURL(bytes, place) {
                    return "password"
                }
                place += 1
                continue
            }
            let start = place
            while place < bytes.count, isInName(bytes[place]) { place += 1 }
            guard let value = valueStart(bytes, after: place),
                let word = word(of: bytes[start..<place])
            else { continue }
            if word == "pwd", isPath(bytes, value) { continue }
            if holds(bytes, value) || isAWSKey(bytes, start..<place, value) {
                return word
            }
        }
        return nil
    }

    private static func isInName(_ byte: UInt8) -> Bool {
        byte.isInToken || byte == UInt8(ascii: "-") || byte == UInt8(ascii: ".")
    }

    /// What a name says that it's for, or `nil` when it's for no secret.
    private static func word(of name: Slice<UnsafeBufferPointer<UInt8>>) -> String? {
        // What is longer is data.
        guard (3...100).contains(name.count) else { return nil }
        let plain = name.filter { $0 != 0x5F && $0 != 0x2D && $0 != 0x2E }.map { byte in
            (0x41...0x5A).contains(byte) ? byte | 0x20 : byte
        }
        return names.first { isIn(plain, $0.bytes) }?.word
    }

    private static func isIn(_ text: [UInt8], _ part: [UInt8]) -> Bool {
        guard text.count >= part.count else { return false }
        return (0...text.count - part.count).contains { start in
            text[start] == part[0]
                && part.indices.allSatisfy { text[start + $0] == part[$0] }
        }
    }

    /// Where the value may begin that is given to the name before `place`.
    private static func valueStart(
        _ bytes: UnsafeBufferPointer<UInt8>,
        after place: Int
    ) -> Int? {
        let limit = min(bytes.count, place + 40)
        let end = place
        var place = place
        // What closes a name in quotes or brackets, and marks of an optional.
        while place < limit, " \t\"'`])?!,".utf8.contains(bytes[place]) { place += 1 }
        // The name may be a value itself: `name: DB_PASSWORD`, and `value: …` in the next line.
        let line = bytes[place..<limit].drop { " \t\r\n".utf8.contains($0) }
        if line.starts(with: "value".utf8) { place = line.startIndex + 5 }
        let sign = place
        while place < limit, "=:>(".utf8.contains(bytes[place]) { place += 1 }
        // In `--password a1…` a space is enough.
        return place > sign || bytes[end..<place].contains(UInt8(ascii: " ")) ? place : nil
    }

    /// Whether the value that begins at `place` is a random literal.
    private static func holds(_ bytes: UnsafeBufferPointer<UInt8>, _ place: Int) -> Bool {
        var place = place
        // Its type may be between: `let token: String = "…"`.
        for _ in 0..<2 {
            let gap = place
            while place < bytes.count, place - gap < 200, " \t\r\n".utf8.contains(bytes[place]) {
                place += 1
            }
            guard place < bytes.count else { return false }
            if "\"'`".utf8.contains(bytes[place]) {
                return isRandom(quoted(bytes, place), share: 0.22)
            }
            let isOnOneLine = !bytes[gap..<place].contains(UInt8(ascii: "\n"))
            let value = bytes[place...].prefix(202).prefix(while: isInPlainValue)
            let end = place + value.count
            if isOnOneLine, end == bytes.count || endsPlainValue(bytes[end]),
                isRandom(value, share: 0.28)
            {
                return true
            }
            place = end
            while place < bytes.count, place - end < 40, " \t?!>]|".utf8.contains(bytes[place]) {
                place += 1
            }
            guard place < bytes.count, bytes[place] == UInt8(ascii: "=") else { return false }
            place += 1
        }
        return false
    }

    /// Shells give the name `PWD` to the folder that they work in, whose name may well be random.
    private static func isPath(_ bytes: UnsafeBufferPointer<UInt8>, _ place: Int) -> Bool {
        bytes[place...].prefix(5).drop { " \t\"'`".utf8.contains($0) }.first
            == UInt8(ascii: "/")
    }

    /// AWS's secret keys have 40 letters of base64, of which a few may be digits.
    private static func isAWSKey(
        _ bytes: UnsafeBufferPointer<UInt8>,
        _ name: Range<Int>,
        _ place: Int
    ) -> Bool {
        let plain = String(decoding: bytes[name], as: UTF8.self).lowercased()
            .filter { $0 != "_" && $0 != "-" }
        guard plain.hasSuffix("secretaccesskey") else { return false }
        let value = bytes[place...].prefix(100).drop { " \t\"'`".utf8.contains($0) }
            .prefix { $0.isInToken || "+/".utf8.contains($0) }
        return value.count == 40 && value.contains { (0x41...0x5A).contains($0) }
            && value.contains { (0x61...0x7A).contains($0) } && Set(value).count >= 15
    }

    /// What stands between a quote and the next one like it, without a word such as `Bearer` before it.
    private static func quoted(
        _ bytes: UnsafeBufferPointer<UInt8>,
        _ quote: Int
    ) -> Slice<UnsafeBufferPointer<UInt8>> {
        let literal = bytes[(quote + 1)...].prefix(1002).prefix { $0 != bytes[quote] }
        guard let space = literal.firstIndex(of: UInt8(ascii: " ")) else { return literal }
        let scheme = String(decoding: literal[..<space], as: UTF8.self).lowercased()
        return ["bearer", "basic", "token"].contains(scheme) ? literal[(space + 1)...] : literal
    }

    /// No dots: `process.env.TOKEN_1` is code.
    private static func isInPlainValue(_ byte: UInt8) -> Bool {
        byte.isInToken || "-+/=~".utf8.contains(byte)
    }

    private static func endsPlainValue(_ byte: UInt8) -> Bool {
        " \t\r\n,;&<\"'`}".utf8.contains(byte)
    }

    /// Whether `user:password@` with a random password follows `//` here; `place` is the second colon's.
    private static func isInURL(_ bytes: UnsafeBufferPointer<UInt8>, _ place: Int) -> Bool {
        var user = place
        while user > max(0, place - 100),
            bytes[user - 1].isInToken || "-.%+".utf8.contains(bytes[user - 1])
        {
            user -= 1
        }
        guard bytes[..<user].suffix(3).elementsEqual("://".utf8) else { return false }
        let password = bytes[(place + 1)...].prefix(202).prefix {
            $0 > 0x20 && $0 < 0x7F && !"@/\"'`<>".utf8.contains($0)
        }
        let end = place + 1 + password.count
        return end < bytes.count && bytes[end] == UInt8(ascii: "@")
            && isRandom(password, share: 0.22)
    }

    /// Whether a literal is long, has no spaces and few characters twice, and changes between small letters,
    /// capitals and digits as often as chance does.
    ///
    /// In random letters and digits four to five of ten neighbours are a small letter before a capital, or a
    /// letter beside a digit; in `AuthTokenV2ResponseBody` it's two, in `csrf-token-v2-cookie` less.
    ///
    /// - Parameters:
    ///   - literal: Between its quotes.
    ///   - share: Which part of the neighbours has to be so.
    /// - Returns: `false` for what isn't a literal of a secret's length and letters, too.
    private static func isRandom(
        _ literal: Slice<UnsafeBufferPointer<UInt8>>,
        share: Double
    ) -> Bool {
        guard (16...1000).contains(literal.count),
            literal.allSatisfy({ $0.isInToken || "-+/=.~@!#$%^&*:?".utf8.contains($0) })
        else { return false }
        // Of a package, beside its name.
        if ["sha256-", "sha384-", "sha512-"].contains(where: { literal.starts(with: $0.utf8) }) {
            return false
        }
        let digits = literal.filter { $0.isDigit }.count
        guard digits > 1, Set(literal).count * 2 >= min(literal.count, 20) else { return false }
        let hexadecimal = literal.filter {
            $0.isDigit || (0x61...0x66).contains($0 | 0x20)
        }
        // UUIDs and hashes may have long runs of digits.
        if hexadecimal.count >= 32, hexadecimal.count + 4 >= literal.count { return true }
        var joints = 0
        for (first, second) in zip(literal, literal.dropFirst()) {
            let isCapital = (0x61...0x7A).contains(first) && (0x41...0x5A).contains(second)
            let (one, other) = ((0x30...0x39).contains(first), (0x30...0x39).contains(second))
            let areAlphanumeric = first.isInToken && second.isInToken
            if isCapital || (one != other && areAlphanumeric && first != 0x5F && second != 0x5F) {
                joints += 1
            }
        }
        return Double(joints) >= share * Double(literal.count)
    }
}

extension UInt8 {
    /// Letters, digits and the underscore, of which tokens and names are made.
    var isInToken: Bool { isLetter || isDigit || self == UInt8(ascii: "_") }
}
