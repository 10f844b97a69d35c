/// What is wrong with a template: everything at once, in the order of the text.
package struct TemplateError: Error, Equatable, Sendable, CustomStringConvertible {
    /// One mistake and where it is.
    package struct Problem: Equatable, Sendable, CustomStringConvertible {
        package var file: String
        /// From 1.
        package var line: Int
        /// In characters, from 1.
        package var column: Int
        /// What is wrong and what is allowed there.
        package var message: String

        package init(file: String, line: Int, column: Int, message: String) {
            self.file = file
            self.line = line
            self.column = column
            self.message = message
        }

        package var description: String { "\(file):\(line):\(column): error: \(message)" }
    }
    /// At least one.
    package var problems: [Problem]

    package init(problems: [Problem]) { self.problems = problems }

    package var description: String {
        problems.map(\.description).joined(separator: "\n")
    }
}
