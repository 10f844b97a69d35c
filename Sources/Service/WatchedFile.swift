import SystemPackage

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// One file of the settings: what came of reading it last, and what it has to be read again for.
struct WatchedFile<Value: Equatable & Sendable>: Sendable {
    /// The newest version without errors; `nil` when there was none yet.
    private(set) var value: Value?
    /// When that version was read first.
    private(set) var readAt: Date?
    /// The errors of the newest version; empty when that is the one above.
    private(set) var errors: [String] = []
    /// The file itself.
    private(set) var file: FilePath
    /// What it's read from, itself included.
    private(set) var files: Set<FilePath>
    /// Whether one of these files has changed since it was read.
    var isDue: Bool

    /// One that was read.
    init(_ value: Value, of file: FilePath, readAt: Date, files: [FilePath]) {
        self.value = value
        self.readAt = readAt
        self.file = file
        self.files = Set(files)
        isDue = false
    }

    /// One that is to be read.
    init(_ file: FilePath) {
        self.file = file
        files = [file]
        isDue = true
    }

    /// Takes what came of reading it.
    ///
    /// - Parameters:
    ///   - reading: What came of it.
    ///   - isWhole: Whether all that was read was at rest before and after; otherwise it's read again.
    ///   - now: When it was read.
    mutating func take(_ reading: SettingsReading<Value>, isWhole: Bool, at now: Date) {
        guard isWhole else {
            files.formUnion(reading.files)
            return
        }
        isDue = false
        files = Set(reading.files)
        file = reading.files.first ?? file
        guard let new = reading.value else {
            errors = reading.errors
            return
        }
        errors = []
        if new != value { readAt = now }
        value = new
    }
}
