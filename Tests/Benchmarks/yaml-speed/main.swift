// Reads one file with the YAML room, whose sources are compiled together with this one, and says what came of it.

#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif

/// The nodes of a tree, aliases followed.
private func count(_ node: YAMLNode) -> Int {
    switch node.content {
    case .scalar: 1
    case .sequence(let items): items.reduce(1) { $0 + count($1) }
    case .mapping(let entries): entries.reduce(1) { $0 + 1 + count($1.value) }
    }
}

private func bytes(of path: String) -> [UInt8]? {
    guard let file = unsafe fopen(path, "rb") else { return nil }
    defer { unsafe fclose(file) }
    unsafe fseek(file, 0, SEEK_END)
    let size = unsafe ftell(file)
    unsafe rewind(file)
    return [UInt8](unsafeUninitializedCapacity: size) { buffer, count in
        count = unsafe fread(buffer.baseAddress, 1, size, file)
    }
}

guard CommandLine.arguments.count == 2, let read = bytes(of: CommandLine.arguments[1]) else {
    exit(2)
}
private let clock = ContinuousClock()
private let start = clock.now
private let document = YAMLDocument(read, file: CommandLine.arguments[1])
private let took = clock.now - start
for diagnostic in document.diagnostics { print(diagnostic) }
if let root = document.root { print("\(count(root)) nodes") }
print("reading took \(took)")
