import SystemPackage

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// A living process that carries a marker in its environment; see `ProcessRequest.marker`.
package struct MarkedProcess: Hashable, Sendable {
    package var process: ProcessIdentity
    package var marker: String
}

/// The processes of this user that carry any marker; none where the platform doesn't show environments.
package func markedProcesses() -> [MarkedProcess] {
    // Others' processes can't be read, and one may end while it's looked at: neither is ours then.
    let names = (try? FileManager.default.contentsOfDirectory(atPath: "/proc")) ?? []
    let entry = Array("\(attemptVariable)=".utf8)
    return names.compactMap { Int32($0) }.sorted().compactMap { pid in
        guard let environment = contents(of: FilePath("/proc/\(pid)/environ")) else { return nil }
        for variable in environment.split(separator: 0) where variable.starts(with: entry) {
            guard let process = ProcessIdentity.of(pid: pid), process.isAlive else { return nil }
            let marker = String(decoding: variable.dropFirst(entry.count), as: UTF8.self)
            return MarkedProcess(process: process, marker: marker)
        }
        return nil
    }
}

private func contents(of path: FilePath) -> [UInt8]? {
    guard let file = try? File.open(path, .readOnly) else { return nil }
    defer { file.close() }
    return try? file.read(upTo: 1 << 20)
}
