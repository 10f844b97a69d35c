import SystemPackage

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// What is at a path, not following a link in its last part.
enum FileKind: Equatable {
    case nothing
    case file
    case folder
    case link
    case other

    init(at path: FilePath) {
        // What can't be looked at counts as not there; who then uses the path learns why.
        let attributes = try? FileManager.default.attributesOfItem(atPath: path.string)
        switch attributes?[.type] as? FileAttributeType {
        case nil: self = .nothing
        case .typeRegular: self = .file
        case .typeDirectory: self = .folder
        case .typeSymbolicLink: self = .link
        case .some: self = .other
        }
    }
}

/// The first line of a small file; `nil` when there is no such file.
func firstLine(of path: FilePath) -> String? {
    // Absence is the answer that the caller asked for.
    guard FileKind(at: path) == .file, let data = FileManager.default.contents(atPath: path.string)
    else { return nil }
    let line = String(decoding: data.prefix { $0 != UInt8(ascii: "\n") }, as: UTF8.self)
    return line.trimmed
}

/// When a file was last written; `nil` when there is none.
func modification(of path: FilePath) -> Date? {
    // As above.
    let attributes = try? FileManager.default.attributesOfItem(atPath: path.string)
    return attributes?[.modificationDate] as? Date
}

/// The path with every link followed, as far as it exists.
func resolved(_ path: FilePath) -> FilePath {
    // Foundation leaves all of a path as it is when nothing is there.
    if FileKind(at: path) == .nothing, let name = path.lastComponent {
        return resolved(path.removingLastComponent()).appending(name).lexicallyNormalized()
    }
    return FilePath(URL(filePath: path.string).resolvingSymlinksInPath().path)
        .lexicallyNormalized()
}

/// This process's number, for people who read a lock.
func processID() -> Int32 { ProcessInfo.processInfo.processIdentifier }

/// Takes the name of a file away; who has it open goes on using it.
func remove(_ path: FilePath) {
    // A name that stays takes up room and nothing else.
    try? FileManager.default.removeItem(atPath: path.string)
}
