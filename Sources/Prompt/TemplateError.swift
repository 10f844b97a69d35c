/// What is wrong with a template and the files that it includes: everything at once, in the order of the texts.
package struct TemplateError: Error, Equatable, Sendable, CustomStringConvertible {
    /// One mistake and where it is.
    package struct Problem: Hashable, Sendable, CustomStringConvertible {
        /// The file that it is in: the template, or one that it includes.
        package var file: String
        /// From 1.
        package var line: Int
        /// In Unicode scalars, from 1.
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
