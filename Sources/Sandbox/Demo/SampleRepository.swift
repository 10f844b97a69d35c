import Subprocess
package import SystemPackage

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// A small website in git: a clone, a bare remote beside it, and the base branch `develop`.
package struct SampleRepository: Equatable, Sendable {
    /// The clone, with `origin` as its remote and `develop` checked out.
    package let clone: FilePath
    package let remote: FilePath

    /// Writes and commits the site, and pushes it to the new remote.
    ///
    /// Git runs with its own settings only: what the user or the machine has set up doesn't show.
    ///
    /// - Parameter folder: an absolute folder that is there; it gets `portfolio` and `portfolio.git`.
    /// - Returns: Where the two lie.
    /// - Throws: `SampleRepositoryError`, or what the file system says.
    package static func make(at folder: FilePath) async throws -> Self {
        let made = Self(
            clone: folder.appending("portfolio"),
            remote: folder.appending("portfolio.git")
        )
        try await git(
            ["init", "--quiet", "--bare", "--initial-branch=develop", made.remote.string],
            in: folder
        )
        try await git(
            ["init", "--quiet", "--initial-branch=develop", made.clone.string],
            in: folder
        )
        for (path, text) in files {
            try DemoFolder.write(
                text,
                to: made.clone.pushing(FilePath(path)),
                isProgram: path.hasSuffix(".sh")
            )
        }
        for arguments in [
            ["config", "user.name", "Ada Human"], ["config", "user.email", "ada@example.com"],
            // A signature would ask a person for a passphrase.
            ["config", "commit.gpgsign", "false"], ["add", "--all"],
            ["commit", "--quiet", "--message=Begin the site"],
            ["remote", "add", "origin", made.remote.string],
            ["push", "--quiet", "--set-upstream", "origin", "develop"],
        ] {
            try await git(arguments, in: made.clone)
        }
        return made
    }

    private static func git(_ arguments: [String], in folder: FilePath) async throws {
        let result = try await run(
            .name("git"),
            arguments: Arguments(arguments),
            environment: .inherit.updating([
                "GIT_CONFIG_GLOBAL": "/dev/null", "GIT_CONFIG_NOSYSTEM": "1",
            ]),
            workingDirectory: folder,
            input: .none,
            output: .discarded,
            error: .string(limit: 64 * 1024)
        )
        guard result.terminationStatus.isSuccess else {
            throw SampleRepositoryError.git(arguments, output: result.standardError)
        }
    }

    private static let files = [
        "README.md": """
        # Portfolio

        A static site: `build.sh` puts head and foot around each page into `public/`, `lint.sh` looks
        for pages without a heading, broken links and stray white space.

        """,
        ".gitignore": "public/\n",
        "build.sh": """
        #!/bin/sh
        set -eu
        cd "$(dirname "$0")"
        mkdir -p public
        for page in pages/*.html; do
            cat layout/head.html "$page" layout/foot.html > "public/${page##*/}"
        done
        cp styles/site.css public/
        echo "built $(ls public | wc -l | tr -d ' ') files"

        """,
        "lint.sh": """
        #!/bin/sh
        set -eu
        cd "$(dirname "$0")"
        status=0
        for page in pages/*.html; do
            grep -q '<h1>.*</h1>' "$page" || { echo "$page: no heading"; status=1; }
            if grep -n '[[:space:]]$' "$page"; then echo "$page: white space at the end"; status=1; fi
            for link in $(sed -n 's/.*href="\\([^":]*\\)".*/\\1/p' "$page"); do
                [ -e "pages/$link" ] || { echo "$page: no such page: $link"; status=1; }
            done
        done
        exit $status

        """,
        "layout/head.html":
            "<!DOCTYPE html>\n<meta charset=\"utf-8\">\n<link rel=\"stylesheet\" href=\"site.css\">\n",
        "layout/foot.html": "<footer>Portfolio</footer>\n",
        "pages/index.html": "<title>Portfolio</title>\n<h1>Portfolio</h1>\n<p>Hello.</p>\n",
        "pages/thanks.html":
            "<title>Thanks</title>\n<h1>Thanks</h1>\n<p>A mail is on its way.</p>\n",
        "styles/site.css":
            "body { max-width: 40em; margin: auto; color: #222; background: #fff; }\n",
    ]
}

/// Why the sample repository couldn't be made.
package enum SampleRepositoryError: Error, Equatable, Sendable, CustomStringConvertible {
    case git([String], output: String)

    package var description: String {
        switch self {
        case .git(let arguments, let output):
            "git \(arguments.joined(separator: " ")): \(output.split(separator: "\n").first ?? "no output");"
                + " see whether git 2.32 or newer is installed and the folder can be written"
        }
    }
}
