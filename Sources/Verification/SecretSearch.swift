import Domain
import Scaffold

/// Finds what looks like a secret in lines that are new; no finding shows any of it.
struct SecretSearch: Sendable {
    private let allowed: PathRules

    /// - Parameter allow: Globs of files that aren't looked into.
    init(allow: [String]) {
        allowed = PathRules(allow)
    }

    func concerns(_ path: String) -> Bool { allowed.rule(for: path) == nil }

    /// The secrets in some lines of a file.
    ///
    /// In tests and documents, which are full of made-up ones, only tokens of well-known services and
    /// private keys count.
    ///
    /// - Parameters:
    ///   - bytes: All of the file.
    ///   - path: The file's.
    ///   - lines: Numbers from 1, ascending.
    /// - Returns: At most one of each line.
    func found(in bytes: [UInt8], path: String, lines: [Range<Int>]) -> [CheckFinding] {
        let certain = Self.isExample(path)
        let text = Lines(bytes)
        var findings: [CheckFinding] = []
        for range in lines {
            guard let first = text.range(of: range.lowerBound),
                let last = text.range(of: range.upperBound - 1)
            else { continue }
            let block = Array(bytes[first.lowerBound..<last.upperBound])
            // A name and its value may be in two lines, so that no line alone tells.
            guard let kind = SourceCode.secret(in: block, path: path, certain: certain) else {
                continue
            }
            let before = findings.count
            for number in range {
                guard let line = text.range(of: number),
                    let kind = SourceCode.secret(
                        in: Array(bytes[line]),
                        path: path,
                        certain: certain
                    )
                else { continue }
                findings.append(CheckFinding(file: path, line: number, what: kind))
            }
            if findings.count == before {
                findings.append(CheckFinding(file: path, line: range.lowerBound, what: kind))
            }
        }
        return findings
    }

    private static func isExample(_ path: String) -> Bool {
        let name = path.lowercased()
        return [".md", ".mdx", ".rst", ".adoc", ".txt", ".snap"].contains(where: name.hasSuffix)
            || ["test", "spec", "fixture", "mock", "example", "sample", "demo"]
                .contains(where: name.contains)
    }
}
