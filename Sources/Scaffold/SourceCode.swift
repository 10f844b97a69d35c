/// What other rooms ask about the text of a file.
package enum SourceCode {
    /// The bytes of a file with a byte for each, in which only code is left: comments are spaces, strings
    /// are `"`, and what is for a preprocessor or outside of PHP's marks is `1`.
    ///
    /// One pass over the file, whatever is in it.
    ///
    /// - Parameters:
    ///   - bytes: All of the file: where a string or a comment began may be far above.
    ///   - path: For its extension.
    /// - Returns: `nil` where the language isn't known.
    package static func masked(_ bytes: [UInt8], path: String) -> [UInt8]? {
        let name = path.lowercased()
        // What is code in such a page is JavaScript.
        let isPage = name.hasSuffix(".vue") || name.hasSuffix(".svelte")
        guard let syntax = DefinitionSyntax.of(isPage ? "page.js" : path) else { return nil }
        return DefinitionLexer.masked(bytes, syntax.marks)
    }

    /// What secret a text seems to hold, in words that show nothing of it: `a GitHub token`.
    ///
    /// - Parameters:
    ///   - bytes: A part of a file.
    ///   - path: The file's; a lock file is full of hashes.
    ///   - certain: Whether only tokens of well-known services and private keys count, not web tokens and
    ///     literals that are given to names such as `password`.
    /// - Returns: `nil` when nothing in it looks like one.
    package static func secret(in bytes: [UInt8], path: String, certain: Bool) -> String? {
        Secret.kind(in: bytes, path: path, certain: certain)
    }

    /// Whether a file is a package manager's, full of versions and hashes that nobody wrote.
    package static func isLockFile(_ path: String) -> Bool {
        Secret.isLock(path)
    }
}
