/// A word of a ticket's text that is a path or a glob of a repository.
///
/// It's better to miss a path than to take something else for one: tickets that seem to share a file
/// wait for each other.
struct PathWord {
    static let limitInBytes = 256

    /// Relative to the repository's root.
    let path: String

    /// - Parameters:
    ///   - word: without spaces.
    ///   - isCode: whether it stood in backticks, so that less is needed to take it for a path.
    init?(_ word: ArraySlice<UInt8>, isCode: Bool) {
        // Prose has many words, and few of them have what a path can't be without.
        guard isCode || word.contains(where: { $0 == UInt8(ascii: "/") || $0 == UInt8(ascii: ".") })
        else { return nil }
        guard word.count <= 2 * Self.limitInBytes, let bare = Self.bare(word), !bare.isEmpty,
            bare.count <= Self.limitInBytes, bare.allSatisfy(Self.isPathByte),
            bare.first != UInt8(ascii: "/"), bare.contains(where: Self.isLetter)
        else { return nil }
        let isFolder = bare.last == UInt8(ascii: "/")
        let components = bare.split(separator: UInt8(ascii: "/"))
            .map { String(decoding: $0, as: UTF8.self) }
            .filter { $0 != "." }
        guard let first = components.first, let last = components.last,
            !components.contains(where: { $0.allSatisfy { $0 == "." } }),
            !first.hasPrefix("@"), !first.hasPrefix("$"), !first.hasPrefix("("),
            !Self.isHost(first, isAlone: components.count == 1)
        else { return nil }
        let isTaken =
            if components.count == 1 {
                !isFolder && Self.isFileName(first, isCode: isCode)
            } else {
                Self.isPath(components, last, isFolder: isFolder, isCode: isCode)
            }
        guard isTaken else { return nil }
        path = components.joined(separator: "/") + (isFolder ? "/" : "")
    }

    private static func isFileName(_ name: String, isCode: Bool) -> Bool {
        // A glob for all files of a kind says of what kind they are, not which.
        if name.hasPrefix("*") { return false }
        if isCode, names.contains(name) || name.hasPrefix(".env.") { return true }
        guard let ending = ending(name), endings.contains(ending) else { return false }
        return !isProduct(name) && !values.contains(name) && name.first != "."
    }

    private static func isPath(
        _ components: [String],
        _ last: String,
        isFolder: Bool,
        isCode: Bool
    ) -> Bool {
        // `a.ts/b.ts` is two files.
        let hasFileInside = components.dropLast().contains { name in
            ending(name).map(endings.contains) ?? false
        }
        if hasFileInside || isProduct(last) { return false }
        let isBelowKnown =
            components.first.map { folders.contains($0) || $0.hasPrefix(".git") } ?? false
        let isGlob = components.contains {
            $0.contains("*") || $0.contains("{") || $0.contains("?")
        }
        if !isFolder, let ending = ending(last) {
            if endings.contains(ending) { return true }
            // `*.{ts,tsx}`
            if ending.hasPrefix("{") { return true }
        }
        if isGlob { return true }
        if isCode, names.contains(last) { return true }
        if isBelowKnown { return isCode || isFolder || components.count > 2 }
        return isCode && components.count > 2 && !strangers.contains(components[0])
    }

    /// The part after the last point, in lower case; `nil` when there is none or nothing before it.
    private static func ending(_ name: String) -> String? {
        guard let point = name.lastIndex(of: "."), point != name.startIndex else { return nil }
        let ending = name[name.index(after: point)...]
        return ending.isEmpty || ending.utf8.count > 32 ? nil : ending.lowercased()
    }

    /// `Node.js` isn't a file.
    private static func isProduct(_ name: String) -> Bool {
        let lower = name.lowercased()
        guard lower.hasSuffix(".js") else { return false }
        return products.contains(String(lower.dropLast(3)))
    }

    private static func isHost(_ name: String, isAlone: Bool) -> Bool {
        if name.hasPrefix("www.") { return true }
        guard !isAlone, let ending = ending(name) else { return false }
        return hosts.contains(ending)
    }

    /// Without punctuation around it, `./` before it, and places in the file after it.
    private static func bare(_ word: ArraySlice<UInt8>) -> ArraySlice<UInt8>? {
        var word = word.drop { leading.contains($0) }
        // A bracket in front belongs to the word when it's closed inside: `[slug]/page.tsx`.
        while let first = word.first, let closer = closers[first] {
            if let end = word.firstIndex(of: closer), end + 1 < word.endIndex { break }
            word.removeFirst()
        }
        while let last = word.last {
            if trailing.contains(last) {
                word.removeLast()
            } else if let opener = openers[last] {
                let opened = word.reduce(0) { $0 + ($1 == opener ? 1 : 0) }
                let closed = word.reduce(0) { $0 + ($1 == last ? 1 : 0) }
                guard closed > opened else { break }
                word.removeLast()
            } else {
                break
            }
        }
        word = plain(word)
        // `call()` is code.
        if word.suffix(2).elementsEqual("()".utf8) { return nil }
        if word.starts(with: "./".utf8) { word = word.dropFirst(2) }
        if let anchor = word.firstIndex(of: UInt8(ascii: "#")) { word = word[..<anchor] }
        if let colon = word.firstIndex(of: UInt8(ascii: ":")) {
            let lines = word[(colon + 1)...]
            guard
                lines.allSatisfy({
                    (0x30...0x3A).contains($0) || $0 == UInt8(ascii: "-") || $0 == UInt8(ascii: ",")
                })
            else { return nil }
            word = word[..<colon]
        }
        return word
    }

    /// Without the stars or underscores that set a word in bold; `**/a` and `a/**` aren't.
    private static func plain(_ word: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
        var word = word
        for mark in [UInt8(ascii: "*"), UInt8(ascii: "_")] where word.first == mark {
            let before = word.prefix { $0 == mark }.count
            let after = word.reversed().prefix { $0 == mark }.count
            let inner = word.dropFirst(before).dropLast(after)
            guard before == after, let first = inner.first, let last = inner.last,
                first != UInt8(ascii: "/"), first != UInt8(ascii: "."), last != UInt8(ascii: "/")
            else { continue }
            word = inner
        }
        return word
    }

    private static func isLetter(_ byte: UInt8) -> Bool {
        (0x41...0x5A).contains(byte) || (0x61...0x7A).contains(byte) || byte >= 0x80
    }

    private static func isPathByte(_ byte: UInt8) -> Bool {
        isLetter(byte) || (0x30...0x39).contains(byte) || marks.contains(byte)
    }

    private static let marks = Set("._-/*?{},[]()@$+".utf8)
    private static let leading = Set("\"'`".utf8)
    private static let trailing = Set(".,;:!?\"'`".utf8)
    private static let closers: [UInt8: UInt8] = [
        UInt8(ascii: "("): UInt8(ascii: ")"), UInt8(ascii: "["): UInt8(ascii: "]"),
    ]
    private static let openers: [UInt8: UInt8] = [
        UInt8(ascii: ")"): UInt8(ascii: "("), UInt8(ascii: "]"): UInt8(ascii: "["),
        UInt8(ascii: "}"): UInt8(ascii: "{"),
    ]
    /// Endings of files that people write by hand or keep in a repository.
    private static let endings: Set = [
        "adoc", "astro", "bash", "bat", "c", "cc", "cfg", "cjs", "clj", "cljs", "cmake", "conf",
        "cpp",
        "cs", "css", "csv", "cts", "cu", "cxx", "dart", "ejs", "elm", "entitlements", "erl", "ex",
        "exs",
        "fish", "fs", "go", "gql", "gradle", "graphql", "h", "hbs", "hcl", "hpp", "hs", "html",
        "ico",
        "ini", "ipynb", "java", "jl", "jpeg", "jpg", "js", "json", "json5", "jsonc", "jsx", "kt",
        "kts",
        "less", "liquid", "lua", "lock", "md", "mdx", "mjs", "mk", "ml", "mm", "mts", "nix", "njk",
        "php", "pl", "plist", "png", "prisma", "proto", "ps1", "pug", "py", "pyi", "rb", "rs",
        "rst",
        "sass", "scala", "scss", "sh", "snap", "sol", "sql", "storyboard", "strings", "svelte",
        "svg",
        "swift", "tex", "tf", "tfvars", "tmpl", "toml", "tpl", "ts", "tsv", "tsx", "txt", "vue",
        "webp",
        "xcconfig", "xcprivacy", "xib", "xml", "yaml", "yml", "zig", "zsh",
    ]
    /// Files without an ending.
    private static let names: Set = [
        ".babelrc", ".dockerignore", ".editorconfig", ".env", ".eslintrc", ".eslintrc.json",
        ".gitattributes", ".gitignore", ".npmrc", ".nvmrc", ".prettierignore", ".prettierrc",
        ".swift-format", ".swiftlint.yml", ".tool-versions", "CODEOWNERS", "Dockerfile", "Gemfile",
        "Jenkinsfile", "Justfile", "Makefile", "Podfile", "Procfile", "Rakefile", "Vagrantfile",
        "justfile",
    ]
    /// Folders at the root of repositories.
    private static let folders: Set = [
        "api", "app", "apps", "assets", "bin", "cmd", "components", "config", "Config", "crates",
        "db",
        "doc", "docs", "e2e", "examples", "frontend", "backend", "include", "infra", "internal",
        "lib",
        "libs", "migrations", "packages", "pages", "pkg", "prisma", "public", "scripts", "server",
        "services", "Sources", "spec", "src", "static", "styles", "templates", "test", "tests",
        "Tests",
        "tools", "web", "workflows",
    ]
    /// First parts of media types, branches and the like.
    private static let strangers: Set = [
        "application", "audio", "bugfix", "chore", "feat", "feature", "fix", "font", "hotfix",
        "image",
        "origin", "refs", "release", "text", "upstream", "video",
    ]
    private static let products: Set = [
        "alpine", "angular", "backbone", "chart", "d3", "discord", "ember", "express", "moment",
        "nest",
        "next", "node", "nuxt", "p5", "react", "require", "solid", "three", "vue",
    ]
    /// Members of values, not files.
    private static let values: Set = [
        "req.json", "res.json", "request.json", "response.json",
    ]
    private static let hosts: Set = [
        "ai", "app", "cloud", "co", "com", "de", "dev", "edu", "eu", "fr", "gov", "io", "me", "net",
        "org", "uk", "us",
    ]
}
