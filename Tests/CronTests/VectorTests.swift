import Cron
import Testing

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// What other schedulers' tests say, and where this one means to differ: `Fixtures/vectors.txt`.
@Suite struct VectorTests {
    struct Row: CustomTestStringConvertible, Sendable {
        var line: String
        /// Without the name of the source, and without what the source says where we differ.
        var columns: [String]
        /// What the source says where we differ.
        var theirs: String?

        var testDescription: String { line }

        init?(_ line: Substring) {
            guard !line.hasPrefix("#") else { return nil }
            self.line = String(line)
            var columns = line.split(separator: "|").map { part in
                String(part.drop { $0 == " " }.reversed().drop { $0 == " " }.reversed())
            }
            guard columns.count >= 3 else { return nil }
            columns.remove(at: 1)
            if columns[0] == "differs" {
                theirs = columns[1]
                columns.removeFirst(3)
            }
            self.columns = columns
        }
    }

    static let rows: [Row] = {
        // A file that is missing leaves no rows, which the test of their number notices.
        let text = try? String(
            contentsOf: URL(filePath: FixtureZones.folder + "/vectors.txt"),
            encoding: .utf8
        )
        return (text ?? "").split(separator: "\n").compactMap { Row($0) }
    }()

    @Test func `all vectors are read`() {
        #expect(Self.rows.count == 115)
    }

    @Test(arguments: rows) func `a vector of another scheduler holds`(row: Row) throws {
        let columns = row.columns
        let fields = columns[1].split(separator: " ").count
        if columns[0] == "error" {
            #expect(throws: CronError.self) { try CronExpression(columns[1], seconds: fields == 6) }
            return
        }
        let schedule = try FixtureZones.schedule(columns[1], in: columns[2], seconds: fields == 6)
        if columns[0] == "at" {
            let moment = try utc(columns[3])
            #expect((schedule.nextFire(after: moment - 1) == moment) == (columns[4] == "yes"))
            return
        }
        let wanted = columns[4].replacing(", ", with: ",").split(separator: ",").map(String.init)
        let found =
            columns[2] == "UTC"
            ? try schedule.next(wanted.count, after: columns[3])
            : try schedule.nextOnTheWall(wanted.count, after: columns[3])
        #expect(found == wanted)
        if let theirs = row.theirs { #expect(wanted.first != theirs) }
    }
}
