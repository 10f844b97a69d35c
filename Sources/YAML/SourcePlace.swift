/// Where something stands in a text file: line and column from 1, both counted as an editor does.
///
/// A column is one Unicode scalar. `length` is what the thing takes up of its first line, 0 when it is
/// nothing that can be seen (a value left out).
package struct SourcePlace: Hashable, Sendable {
    private let storedLine: UInt32
    private let storedColumn: UInt32
    private let storedLength: UInt32

    /// A place from numbers that already count from 1.
    package init(line: Int, column: Int, length: Int = 0) {
        storedLine = UInt32(clamping: line)
        storedColumn = UInt32(clamping: column)
        storedLength = UInt32(clamping: length)
    }

    /// The line, from 1.
    package var line: Int { Int(storedLine) }

    /// The column of the first character, from 1.
    package var column: Int { Int(storedColumn) }

    /// How many characters of the line belong to it.
    package var length: Int { Int(storedLength) }
}

extension SourcePlace: Comparable {
    /// In the order of reading.
    package static func < (left: Self, right: Self) -> Bool {
        (left.line, left.column) < (right.line, right.column)
    }
}

extension SourcePlace: CustomStringConvertible {
    package var description: String { "\(line):\(column)" }
}
