import Domain
import Git
import SystemPackage

/// The questions of `linecook init`: asked on a terminal, else answered by options and by what was found.
struct InitQuestions {
    /// A question with one line for an answer.
    struct Question<Answer> {
        /// As it is asked, without the mark at its end.
        var text: String
        /// The option that answers it.
        var option: String
        /// - Throws: `UsageError` that says what is allowed.
        var read: (String) throws(UsageError) -> Answer
    }

    /// Whether there is somebody to ask.
    let isAsking: Bool

    /// - Parameters:
    ///   - question: What is asked.
    ///   - given: The option's value; then nothing is asked.
    ///   - found: What is taken when nobody says anything else.
    /// - Returns: A valid answer.
    /// - Throws: `UsageError` for an option that's wrong or missing, or at the end of the input.
    func answer<Answer>(
        _ question: Question<Answer>,
        _ given: String?,
        found: String?
    ) throws -> Answer {
        if let given {
            do { return try question.read(given) } catch {
                throw UsageError("\(question.option): \(error)")
            }
        }
        guard isAsking else {
            guard let found else {
                throw UsageError(
                    "\(question.text) isn't known and nobody can be asked; say it with \(question.option)"
                )
            }
            do { return try question.read(found) } catch {
                throw UsageError("\(error); say another with \(question.option)")
            }
        }
        while true {
            let line = try ask(question.text, found: found)
            do { return try question.read(line) } catch { Console.line("  \(error)") }
        }
    }

    /// The path of the repository as it was given or typed; `nil` when what was found will do.
    ///
    /// - Throws: `UsageError` at the end of the input.
    func repository(_ given: String?, found: FilePath?) throws -> String? {
        if let given { return given }
        guard isAsking else { return nil }
        while true {
            let line = try ask("Repository, a clone of it", found: found?.string)
            if line == found?.string { return nil }
            if !line.isEmpty { return line }
        }
    }

    private func ask(_ text: String, found: String?) throws -> String {
        let known = found.map { " [\($0.inOneLine(limit: 60))]" } ?? ""
        Console.text("\(text)\(known): ")
        guard let line = readLine() else {
            Console.line("")
            throw UsageError("the questions weren't answered; nothing was written")
        }
        let answer = String(
            line.drop { $0.isWhitespace }.reversed().drop { $0.isWhitespace }.reversed()
        )
        return answer.isEmpty ? found ?? "" : answer
    }
}

extension InitQuestions.Question where Answer == String {
    static var team: Self {
        Self(text: "The key of the team in Linear, such as FRE", option: "--team") {
            text throws(UsageError) in
            guard !text.isEmpty else {
                throw UsageError(
                    "a team is needed: the letters in front of its tickets' numbers, FRE where a ticket "
                        + "is FRE-12"
                )
            }
            let isKey = text.utf8.allSatisfy { $0.isLetterOrDigit || $0 == UInt8(ascii: "_") }
            guard isKey, (1...24).contains(text.utf8.count),
                text.utf8.first?.isLetterOrDigit == true
            else {
                throw UsageError(
                    "\(shown(text)) isn't the key of a team; it's the letters in front of its tickets' numbers"
                )
            }
            return text.uppercased()
        }
    }

    static var base: Self {
        Self(text: "The branch that work starts from", option: "--base") {
            text throws(UsageError) in
            do {
                _ = try BranchName(text)
                return text
            } catch {
                throw UsageError("\(shown(text)) isn't the name of a branch")
            }
        }
    }

    static var name: Self {
        Self(text: "The workflow's name", option: "--name") { text throws(UsageError) in
            guard InitAnswers.isName(text) else {
                throw UsageError(
                    "\(shown(text)) can't be a workflow's name; letters, digits, '-', '_' and '.', a letter "
                        + "or digit first, at most 64"
                )
            }
            return text
        }
    }
}

extension InitQuestions.Question where Answer == String? {
    static var label: Self {
        Self(text: "Only tickets with the label ('-' for any)", option: "--label") {
            text throws(UsageError) in
            guard text != "-" else { return nil }
            guard !text.isEmpty, text.inOneLine(limit: 100) == text else {
                throw UsageError("\(shown(text)) isn't a label; one line of at most 100 letters")
            }
            return text
        }
    }
}

private func shown(_ text: String) -> String { "'\(text.inOneLine(limit: 60))'" }

/// What is found by looking at paths.
enum InitAnswers {
    /// A workflow's name for a repository.
    static func name(of repository: FilePath) -> String {
        slug(of: repository.lastComponent?.string ?? "workflow")
    }

    static func isName(_ text: String) -> Bool {
        guard text.utf8.first?.isLetterOrDigit == true, text.utf8.count <= 64 else { return false }
        return text.utf8.allSatisfy { $0.isLetterOrDigit || "-_.".utf8.contains($0) }
    }

    /// A path as a workflow file names it: relative where both are near each other, else absolute.
    ///
    /// - Throws: `UsageError` for a path that a workflow file can't name.
    static func path(to target: FilePath, from folder: FilePath) throws -> String {
        guard !target.string.contains("$"), target.string.inOneLine(limit: 4096) == target.string
        else {
            throw UsageError(
                "\(target.string.inOneLine(limit: 300)): a workflow file can't name a path with '$' or "
                    + "control characters in it; move or link the clone"
            )
        }
        let own = Array(folder.components)
        let other = Array(target.components)
        let shared = zip(own, other).prefix { $0 == $1 }.count
        guard shared > 0, own.count - shared <= 3 else { return target.string }
        let up = Array(repeating: "..", count: own.count - shared)
        let names = up + other[shared...].map(\.string)
        return names.isEmpty ? "." : names.joined(separator: "/")
    }
}

extension UInt8 {
    fileprivate var isLetterOrDigit: Bool {
        (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(self)
            || (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(self & 0xDF) && self < 0x80
    }
}
