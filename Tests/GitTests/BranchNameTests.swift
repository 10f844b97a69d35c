import Git
import Testing

@Suite(.serialized) struct BranchNameTests {
    @Test(arguments: [
        ("", BranchName.Problem.empty), ("-d", .startsWithHyphen), ("a b", .holds("a space")),
        ("a..b", .holds("'..'")), ("a@{1}", .holds("'@{'")), ("a~1", .holds("'~'")),
        ("a:b", .holds("':'")), ("a\u{1B}[31m", .holds("a character that can't be seen")),
        ("rtl\u{202E}", .holds("a character that can't be seen")), ("a\\b", .holds("'\\'")),
        ("/a", .emptyPart), ("a//b", .emptyPart), ("a/", .emptyPart), (".a", .partStartsWithDot),
        ("a/.b", .partStartsWithDot), ("a.lock/b", .partEndsWithLock), ("a.", .endsWithDot),
        ("HEAD", .isReserved), ("@", .isReserved),
        (String(repeating: "x", count: 300), .tooLong(bytes: 300)),
    ])
    func `a name that git refuses or takes for an option is refused`(
        text: String,
        problem: BranchName.Problem
    ) {
        do throws(GitError) {
            _ = try BranchName(text)
            Issue.record("accepted")
        } catch {
            guard case .unusableBranchName(_, let found) = error else {
                Issue.record("\(error)")
                return
            }
            #expect(found == problem)
        }
    }

    @Test(arguments: ["feature/FRE-69-login", "a;rm$(x)", "größe/日本", "a@b", "x"])
    func `a name that git accepts is kept as it is`(text: String) throws {
        #expect(try BranchName(text).rawValue == text)
    }
}
