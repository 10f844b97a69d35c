import Disk
import Domain

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

/// What a person sees: lines on the standard streams, colour only where it's wanted.
enum Console {
    static let outputIsTerminal = isatty(STDOUT_FILENO) == 1
    static let inputIsTerminal = isatty(STDIN_FILENO) == 1
    static let errorIsTerminal = isatty(STDERR_FILENO) == 1

    /// Whether NO_COLOR (no-color.org) or a dumb terminal asks for plain text.
    static let wantsColour: Bool = {
        if let value = getenv("NO_COLOR"), value.pointee != 0 { return false }
        if let term = getenv("TERM"), String(cString: term) == "dumb" { return false }
        return true
    }()

    /// Columns of the terminal; 80 where that isn't known.
    static var width: Int {
        var size = winsize()
        guard ioctl(STDOUT_FILENO, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0 else {
            return 80
        }
        return Int(size.ws_col)
    }

    static func error(_ line: String) { write(line + "\n", to: STDERR_FILENO) }

    static func line(_ line: String) { write(line + "\n", to: STDOUT_FILENO) }

    /// A text that ends its own lines.
    static func text(_ text: String) { write(text, to: STDOUT_FILENO) }

    /// One JSON document on standard output.
    static func document(_ value: some Encodable) throws {
        write(try RecordEncoder.prettyText(of: value), to: STDOUT_FILENO)
    }

    private static func write(_ text: String, to descriptor: Int32) {
        var bytes = Array(text.utf8)[...]
        while !bytes.isEmpty {
            let count = bytes.withUnsafeBytes { systemWrite(descriptor, $0.baseAddress, $0.count) }
            if count < 0, errno == EINTR { continue }
            // A reader that has gone away (a pipe into head) is no error of ours.
            guard count > 0 else { return }
            bytes = bytes.dropFirst(count)
        }
    }
}

private func systemWrite(_ descriptor: Int32, _ bytes: UnsafeRawPointer?, _ count: Int) -> Int {
    #if canImport(Glibc)
    Glibc.write(descriptor, bytes, count)
    #elseif canImport(Musl)
    Musl.write(descriptor, bytes, count)
    #else
    Darwin.write(descriptor, bytes, count)
    #endif
}

/// Colours that mean something: good, bad, waiting.
enum Ink: String {
    case good = "32"
    case bad = "31"
    case waiting = "33"
    case quiet = "2"
    case strong = "1"

    func paint(_ text: String, _ isTerminal: Bool = Console.outputIsTerminal) -> String {
        isTerminal && Console.wantsColour ? "\u{1B}[\(rawValue)m\(text)\u{1B}[0m" : text
    }
}

extension RunState {
    var ink: Ink {
        switch self {
        case .done, .inReview: .good
        case .failed: .bad
        case .needsHuman, .parked, .backingOff, .waiting: .waiting
        case .cancelled, .queued: .quiet
        case .running, .delivering: .strong
        }
    }
}

/// Columns that are as wide as they need, the last one cut to the terminal.
struct TextTable {
    private var rows: [[String]] = []
    private let inks: ((Int) -> Ink?)?

    init(_ header: [String], inks: ((Int) -> Ink?)? = nil) {
        rows = [header]
        self.inks = inks
    }

    mutating func add(_ row: [String]) { rows.append(row.map { $0.inOneLine(limit: 300) }) }

    var isEmpty: Bool { rows.count == 1 }

    /// The header and the rows.
    ///
    /// - Parameter width: columns of the terminal, or `nil` to cut nothing.
    /// - Returns: one line each.
    func lines(width: Int?) -> [String] {
        guard let columns = rows.first?.count else { return [] }
        let widths = (0..<columns).map { column in rows.map { $0[column].count }.max() ?? 0 }
        return rows.enumerated().map { index, row in
            var line = ""
            for (column, cell) in row.enumerated() {
                var text = cell
                if column == columns - 1 {
                    if let width, line.count + text.count > width {
                        text = text.prefix(max(0, width - line.count - 1)) + "…"
                    }
                } else {
                    text += String(repeating: " ", count: widths[column] - text.count + 2)
                }
                line += text
            }
            if index == 0 { return Ink.quiet.paint(line) }
            if let ink = inks?(index - 1) { return ink.paint(line) }
            return line
        }
    }

    func show() {
        for line in lines(width: Console.outputIsTerminal ? Console.width : nil) {
            Console.line(line)
        }
    }
}
