/// Some bytes that a process of the tree put out, as they came: a chunk may end within a character.
package struct OutputChunk: Hashable, Sendable {
    /// Where the bytes were put out.
    package enum Stream: Hashable, Sendable {
        case standardOutput
        case standardError
    }

    /// Where the bytes were put out.
    package var stream: Stream
    /// At least one byte, at most 64 KiB.
    package var bytes: [UInt8]
}
